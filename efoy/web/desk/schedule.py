"""The schedule on the wall: a day with all doctors side by side, or a week of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from efoy.domain.errors import NotFound
from efoy.domain.role import Action
from efoy.queries.catalogue import catalogue
from efoy.queries.clinic_day import day_of
from efoy.queries.desk.day import clinic_days
from efoy.web.access import requires
from efoy.web.context import clinic
from efoy.web.desk.grid import Cell, grid
from efoy.web.parameters import day_asked, slug
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /desk."""
    bp.add_url_rule("/desk/schedule", view_func=schedule)
    bp.add_url_rule("/desk/schedule/week", "week", week)


@requires(Action.SEE_ANY)
def schedule() -> ResponseReturnValue:
    """One day: doctors as columns, hours as rows; a free time leads to a new booking."""
    zone, now = clinic().zone, outside().clock()
    today = day_of(now, zone)
    day = day_asked("day") or today
    here = [one for one in clinic_days(day, 1, zone=zone, now=now)[day] if one.here]
    names = [(one.name, one.slug) for one in here]
    return _draw(names, grid(here, zone=zone), day=day, today=today, step=timedelta(days=1))


@requires(Action.SEE_ANY)
def week() -> ResponseReturnValue:
    """Seven days of one doctor, from Monday on."""
    zone, now = clinic().zone, outside().clock()
    today = day_of(now, zone)
    asked = day_asked("day") or today
    monday = asked - timedelta(days=asked.weekday())
    doctors = catalogue(now=now)
    wanted = slug(request.args.get("doctor") or (doctors[0].slug if doctors else "nobody"))
    if wanted not in {each.slug for each in doctors}:
        raise NotFound("doctor")
    days = clinic_days(monday, 7, zone=zone, now=now, doctor=wanted)
    columns = [one for on in sorted(days) for one in days[on]]
    rows = grid(columns, zone=zone)
    names = [(on, "") for on in sorted(days)]
    return _draw(names, rows, day=monday, today=today, step=timedelta(days=7), doctor=wanted)


def _draw(
    columns: Sequence[tuple[str | date, str]],
    rows: Sequence[tuple[str, Sequence[Sequence[Cell]]]],
    *,
    day: date,
    today: date,
    step: timedelta,
    doctor: str = "",
) -> str:
    return render_template(
        "desk/schedule.html",
        columns=columns,
        rows=rows,
        day=day,
        today=today,
        before=day - step,
        after=day + step,
        doctor=doctor,
        doctors=catalogue(now=outside().clock()),
    )

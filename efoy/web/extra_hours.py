"""Hours beside the weekly ones: one day each, added and taken away."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.clock_change import real_times
from efoy.domain.errors import InvalidValue, NotFound
from efoy.domain.hours import HoursClash
from efoy.domain.role import Action
from efoy.services.hours import add_extra_hours, drop_extra_hours
from efoy.web.access import actor, requires
from efoy.web.hours import Whose, my_own, of_doctor
from efoy.web.hours_form import MIDNIGHT, chosen, day_of, minute_of, place_error, ticked
from efoy.wiring import outside

bp = Blueprint("extra_hours", __name__)
FIELDS = ("on", "start", "end", "place")


@bp.get("/doctor/extra-hours")
@requires(Action.SEE_DAY)
def mine() -> ResponseReturnValue:
    """My extra hours."""
    return _draw(my_own())


@bp.post("/doctor/extra-hours")
@requires(Action.SEE_DAY)
def add_mine() -> ResponseReturnValue:
    """I am there on another day, too."""
    return _add(my_own())


@bp.post("/doctor/extra-hours/<int:number>/remove")
@requires(Action.SEE_DAY)
def drop_mine(number: int) -> ResponseReturnValue:
    """I am not there then after all."""
    return _drop(my_own(), number)


@bp.get("/admin/doctors/<doctor>/extra-hours")
@requires(Action.KEEP_HOURS)
def of_one(doctor: str) -> ResponseReturnValue:
    """A doctor's extra hours."""
    return _draw(of_doctor(doctor))


@bp.post("/admin/doctors/<doctor>/extra-hours")
@requires(Action.KEEP_HOURS)
def add_of_one(doctor: str) -> ResponseReturnValue:
    """The doctor is there on another day, too."""
    return _add(of_doctor(doctor))


@bp.post("/admin/doctors/<doctor>/extra-hours/<int:number>/remove")
@requires(Action.KEEP_HOURS)
def drop_of_one(doctor: str, number: int) -> ResponseReturnValue:
    """The doctor is not there then after all."""
    return _drop(of_doctor(doctor), number)


def _add(whose: Whose) -> ResponseReturnValue:
    typed = {name: request.form.get(name, "").strip()[:200] for name in FIELDS}
    services = chosen(ticked(request.form), frozenset(one.id for one in whose.page.services))
    errors: dict[str, str] = {}
    spans = _spans(typed, errors, whose.page.zone)
    if not errors:
        try:
            add_extra_hours(
                whose.page.doctor.id,
                spans,
                place=typed["place"],
                services=services,
                actor=actor(),
                now=outside().clock(),
            )
        except InvalidValue as error:
            errors[error.field] = _("Choose a time that is still to come")
    if errors:
        return _draw(whose, typed=typed, ticks=services, errors=errors), 422
    flash(_("Added."))
    return redirect(f"{whose.base}/extra-hours", 303)


def _spans(
    typed: dict[str, str], errors: dict[str, str], zone: str
) -> list[tuple[datetime, datetime]]:
    """The instants that were typed; what is wrong goes into ``errors``."""
    on, start, end = day_of(typed["on"]), minute_of(typed["start"]), minute_of(typed["end"])
    if on is None:
        errors["on"] = _("Enter a day, like 2026-11-24")
    for name, minute in (("start", start), ("end", end)):
        if minute is None or minute % 5:
            errors[name] = _("Enter a time in full five minutes, like 9:20")
    if wrong := place_error(typed["place"]):
        errors["place"] = wrong
    if errors or on is None or start is None or end is None:
        return []
    return _real(on, start, end or MIDNIGHT, errors, zone)


def _real(
    on: date, start: int, end: int, errors: dict[str, str], zone: str
) -> list[tuple[datetime, datetime]]:
    if start >= end:
        errors["end"] = _("The end must come after the start")
        return []
    found = real_times(on, start, end, ZoneInfo(zone))
    if not found:
        errors["start"] = _("The clock skips this time on that day")
    return found


def _drop(whose: Whose, number: int) -> ResponseReturnValue:
    if number >= 2**31:
        raise NotFound("extra hours")
    kept = frozenset(request.form.get("kept", "").split(","))
    doctor_id, now = whose.page.doctor.id, outside().clock()
    try:
        drop_extra_hours(doctor_id, number, keep=kept, actor=actor(), now=now)
    except HoursClash as clash:
        return _draw(whose, clash=clash.visits, leaving=number), 409
    flash(_("Taken away."))
    return redirect(f"{whose.base}/extra-hours", 303)


def _draw(
    whose: Whose,
    *,
    typed: dict[str, str] | None = None,
    ticks: frozenset[int] = frozenset(),
    errors: dict[str, str] | None = None,
    clash: object = (),
    leaving: int = 0,
) -> str:
    return render_template(
        "doctor/extra_hours.html",
        doctor=whose.page.doctor,
        base=whose.base,
        own=whose.own,
        extra=whose.page.extra,
        services=whose.page.services,
        typed=typed or dict.fromkeys(FIELDS, ""),
        ticks=ticks,
        errors=errors or {},
        clash=clash,
        leaving=leaving,
    )

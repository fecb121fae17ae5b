"""A doctor's weekly hours: their own to change, and the desk's and the admin's.

Rows are added, taken away and copied by buttons of one form, so that all of it works without
script; only "Save" changes anything, and what was typed comes back with every answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from efoy.domain.clock_change import ClockChange
from efoy.domain.errors import Forbidden, InvalidValue, StaleEdition
from efoy.domain.hours import MOST_STRETCHES, BookedVisit, HoursClash
from efoy.domain.role import Action
from efoy.domain.slot import Opening
from efoy.queries.clinic_day import day_of
from efoy.queries.hours_page import HoursPage, Preview, hours_page, preview
from efoy.services.hours import set_hours
from efoy.web.access import actor, requires
from efoy.web.context import locale
from efoy.web.hours_form import TypedRow, read_rows, row_of, typed_rows
from efoy.web.login import viewer
from efoy.web.parameters import slug
from efoy.wiring import outside
from efoy.wording import clock

bp = Blueprint("hours", __name__)
WEEKDAYS = range(7)


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Whose hours are asked for, and under which address they are kept."""

    page: HoursPage
    base: str
    own: bool


def my_own() -> Whose:
    """The signed-in doctor's, never another's."""
    who = viewer()
    if who is None or who.doctor_id is None:
        raise Forbidden("no doctor is known by this account")
    page = hours_page(who.doctor_id, now=outside().clock())
    return Whose(page=page, base="/doctor", own=True)


def of_doctor(doctor: str) -> Whose:
    """Any doctor's, for the desk and the admin; raises NotFound."""
    page = hours_page(slug(doctor), now=outside().clock())
    return Whose(page=page, base=f"/admin/doctors/{page.doctor.slug}", own=False)


@bp.get("/doctor/hours")
@requires(Action.SEE_DAY)
def mine() -> ResponseReturnValue:
    """My hours."""
    return _saved(my_own())


@bp.post("/doctor/hours")
@requires(Action.SEE_DAY)
def change_mine() -> ResponseReturnValue:
    """Change my hours."""
    return _pressed(my_own())


@bp.get("/admin/doctors/<doctor>/hours")
@requires(Action.KEEP_HOURS)
def of_one(doctor: str) -> ResponseReturnValue:
    """A doctor's hours."""
    return _saved(of_doctor(doctor))


@bp.post("/admin/doctors/<doctor>/hours")
@requires(Action.KEEP_HOURS)
def change_of_one(doctor: str) -> ResponseReturnValue:
    """Change a doctor's hours."""
    return _pressed(of_doctor(doctor))


# -- one form, several buttons ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What the page shows beside the rows."""

    openings: Sequence[Opening] | None = None
    clash: Sequence[BookedVisit] = ()
    stale: bool = False


def _saved(whose: Whose) -> str:
    rows = [row_of(one) for one in whose.page.openings]
    return _draw(whose, rows or [TypedRow()], _Shown(openings=whose.page.openings))


def _pressed(whose: Whose) -> ResponseReturnValue:
    button, rows = request.form.get("do", ""), typed_rows(request.form)
    if button == "add":
        return _draw(whose, _one_more(rows), _Shown())
    if button.startswith("remove-"):
        return _draw(whose, _without(rows, button), _Shown())
    if button == "copy":
        return _draw(whose, _copied(rows), _Shown())
    offered = frozenset(one.id for one in whose.page.services)
    told, openings = read_rows(rows, offered)
    if any(row.errors for row in told):
        return _draw(whose, told, _Shown()), 422
    if button in {"save", "keep"}:
        return _save(whose, told, openings, keep=button == "keep")
    return _draw(whose, told, _Shown(openings=openings))


def _save(
    whose: Whose, rows: list[TypedRow], openings: list[Opening], *, keep: bool
) -> ResponseReturnValue:
    kept = request.form.get("kept", "").split(",") if keep else ()
    try:
        set_hours(
            whose.page.doctor.id,
            openings,
            version=_version(),
            keep=frozenset(kept),
            actor=actor(),
            now=outside().clock(),
        )
    except HoursClash as clash:
        return _draw(whose, rows, _Shown(openings=openings, clash=clash.visits)), 409
    except StaleEdition:
        return _draw(whose, rows, _Shown(openings=openings, stale=True)), 409
    flash(_opens(whose, openings))
    return redirect(f"{whose.base}/hours", 303)


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidValue("version", "not a number")
    return int(text)


def _opens(whose: Whose, openings: Sequence[Opening]) -> str:
    shown = _preview(whose, openings)
    times = shown.weeks[0].times if shown else 0
    opens = ngettext("This opens %(num)s time a week.", "This opens %(num)s times a week.", times)
    return f"{_('Saved.')} {opens}"


def _one_more(rows: list[TypedRow]) -> list[TypedRow]:
    return [*rows, TypedRow(day=rows[-1].day if rows else "0")]


def _without(rows: list[TypedRow], button: str) -> list[TypedRow]:
    number = button.removeprefix("remove-")
    return [row for place, row in enumerate(rows) if str(place) != number]


def _copied(rows: list[TypedRow]) -> list[TypedRow]:
    """The rows of one day on every ticked day, in place of what was there."""
    source = request.form.get("copy_from", "")
    chosen = {str(day) for day in WEEKDAYS if f"copy_to-{day}" in request.form} - {source}
    pattern = [row for row in rows if row.day == source]
    kept = [row for row in rows if row.day not in chosen or not pattern]
    if pattern:
        kept += [replace(row, day=day) for day in sorted(chosen) for row in pattern]
    return sorted(kept, key=lambda row: row.weekday)[:MOST_STRETCHES]


def _preview(whose: Whose, openings: Sequence[Opening]) -> Preview | None:
    page = whose.page
    today = day_of(outside().clock(), page.zone)
    return preview(openings, page.services, zone=page.zone, today=today)


def _walls(change: ClockChange) -> tuple[str, str]:
    """What is skipped or comes twice, as the clock on the wall shows it."""
    words = locale()
    return clock(change.shows_from, "UTC", words), clock(change.shows_to, "UTC", words)


def _draw(whose: Whose, rows: Sequence[TypedRow], shown: _Shown) -> str:
    page, openings = whose.page, shown.openings
    seen = _preview(whose, openings) if openings is not None else None
    return render_template(
        "doctor/hours.html",
        doctor=page.doctor,
        base=whose.base,
        own=whose.own,
        rows=rows,
        services=page.services,
        preview=seen,
        change_walls=_walls(seen.change) if seen and seen.change else (),
        clash=shown.clash,
        saved=[row_of(one) for one in page.openings] if shown.stale else (),
        stale=shown.stale,
        outside=page.outside,
        extra=page.extra,
        can_add=len(rows) < MOST_STRETCHES,
        fresh=request.method == "GET",
    )

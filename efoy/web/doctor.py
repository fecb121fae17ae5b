"""What can a doctor do here? See their day, their week and their own visits, mark and note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingEvent
from efoy.domain.errors import Forbidden, InvalidValue, StaleEdition
from efoy.domain.role import Action
from efoy.queries.clinic_day import day_of
from efoy.queries.doctor import DoctorWeekday, doctor_day, doctor_week
from efoy.queries.doctor_visit import OpenedVisit, opened_visit
from efoy.services.visit_notes import LONGEST_NOTE, write_note
from efoy.services.visits import mark_arrived, mark_visit
from efoy.web.access import actor, requires
from efoy.web.context import clinic, locale
from efoy.web.forms import has_controls
from efoy.web.login import viewer
from efoy.web.parameters import day_asked
from efoy.wiring import outside
from efoy.wording import clock

bp = Blueprint("doctor", __name__)
ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(days=7)
USUAL_HOURS = range(9, 17)
"""What a week without hours and visits shows."""
ARRIVALS = {"here": True, "not_here": False}
MARKS = {
    "attended": BookingEvent.ATTEND,
    "no_show": BookingEvent.MISS,
    "undo": BookingEvent.UNDO,
}


@bp.get("/doctor")
@requires(Action.SEE_DAY)
def day() -> ResponseReturnValue:
    """My day: today, or the one asked for."""
    zone, now = clinic().zone, outside().clock()
    today = day_of(now, zone)
    shown = day_asked("day") or today
    found = doctor_day(own_doctor_id(), shown, zone=zone, now=now)
    return render_template(
        "doctor/day.html",
        day=shown,
        previous=shown - ONE_DAY,
        next=shown + ONE_DAY,
        is_today=shown == today,
        now_visit=next((v for v in found.visits if v.ref and v.ref == found.now_ref), None),
        visits=found.visits,
        next_visit=found.next_visit,
    )


@bp.get("/doctor/week")
@requires(Action.SEE_DAY)
def week() -> ResponseReturnValue:
    """My week, from Monday: this one, or the one of the day asked for."""
    zone, now = clinic().zone, outside().clock()
    today = day_of(now, zone)
    monday = _monday(day_asked("week") or today)
    days = doctor_week(own_doctor_id(), monday, zone=zone, now=now)
    return render_template(
        "doctor/week.html",
        starts_on=monday,
        ends_on=monday + 6 * ONE_DAY,
        previous=monday - ONE_WEEK,
        next=monday + ONE_WEEK,
        today=today,
        days=days,
        hours=_hours_shown(days, zone),
        as_table=request.args.get("view") == "table",
    )


def _hours_shown(
    days: Sequence[DoctorWeekday], zone: str
) -> list[tuple[str, list[tuple[bool, list[object]]]]]:
    """Hour by hour, for each day: is the doctor there, and which visits begin then."""
    place = ZoneInfo(zone)
    begun = [
        {visit: visit.starts_at.astimezone(place).hour for visit in day.visits} for day in days
    ]
    busy = {hour for day in days for hour in day.hours} | {h for one in begun for h in one.values()}
    shown = range(min(busy), max(busy) + 1) if busy else USUAL_HOURS
    return [
        (
            clock(datetime(2000, 1, 1, hour, tzinfo=UTC), "UTC", locale()),
            [
                (hour in day.hours, [visit for visit, at in visits.items() if at == hour])
                for day, visits in zip(days, begun, strict=True)
            ],
        )
        for hour in shown
    ]


@bp.get("/doctor/visits/<ref>")
@requires(Action.SEE_DAY)
def visit(ref: str) -> ResponseReturnValue:
    """One visit of mine; another doctor's is not found."""
    return _draw(opened_visit(ref, own_doctor_id(), now=outside().clock()))


def _draw(found: OpenedVisit, *, typed: str | None = None, error: str = "") -> str:
    return render_template(
        "doctor/visit.html",
        visit=found,
        earlier=found.earlier,
        note_text=found.note if typed is None else typed,
        note_error=error,
        longest=LONGEST_NOTE,
    )


@bp.post("/doctor/visits/<ref>")
@requires(Action.SEE_DAY)
def mark(ref: str) -> ResponseReturnValue:
    """The patient is here, was seen, did not come, or the mark was a mistake."""
    now, wanted = outside().clock(), request.form.get("mark", "")
    found = opened_visit(ref, own_doctor_id(), now=now)
    if wanted in ARRIVALS:
        mark_arrived(found.id, here=ARRIVALS[wanted], actor=actor(), now=now)
        flash(_said_here(found.visitor_name, here=ARRIVALS[wanted]))
    elif wanted in MARKS:
        mark_visit(found.id, MARKS[wanted], actor=actor(), now=now)
        flash(_said(MARKS[wanted], found.visitor_name))
    else:
        raise InvalidValue("mark", "not one of the list")
    if "day" in request.form:
        return redirect(url_for("doctor.day", day=day_of(found.starts_at, clinic().zone)), 303)
    return redirect(url_for("doctor.visit", ref=ref), 303)


@bp.post("/doctor/visits/<ref>/note")
@requires(Action.SEE_DAY)
def note(ref: str) -> ResponseReturnValue:
    """What I note for myself; what was typed is never lost."""
    now, words = outside().clock(), request.form.get("note", "").replace("\r\n", "\n").strip()
    found = opened_visit(ref, own_doctor_id(), now=now)
    after = request.form.get("after", "")
    if len(words) > LONGEST_NOTE or has_controls(words, lines=True):
        error = _("Use %(most)s characters at most, and only ones that can be printed")
        return _draw(found, typed=words, error=error % {"most": LONGEST_NOTE}), 422
    try:
        position = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
        write_note(found.id, own_doctor_id(), words, after=position, actor=actor(), now=now)
    except StaleEdition:
        error = _("You changed this note in another window. Its words are below; save again.")
        return _draw(found, typed=words, error=error), 409
    flash(_("Your note is saved."))
    return redirect(url_for("doctor.visit", ref=ref), 303)


def _said_here(name: str, *, here: bool) -> str:
    if here:
        return _("%(name)s is here.", name=name)
    return _("%(name)s is not here after all.", name=name)


def _said(event: BookingEvent, name: str) -> str:
    words = {
        BookingEvent.ATTEND: _("Done: %(name)s.", name=name),
        BookingEvent.MISS: _("%(name)s did not come.", name=name),
        BookingEvent.UNDO: _("The mark for %(name)s is taken back.", name=name),
    }
    return words[event]


def own_doctor_id() -> int:
    """Whose pages these are: the signed-in person's own, never the request's."""
    who = viewer()
    if who is None or who.doctor_id is None:
        raise Forbidden("no doctor is known by this account")
    return who.doctor_id


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

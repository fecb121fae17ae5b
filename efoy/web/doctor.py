"""What can a doctor do here? See their day, their week and their own visits, and mark them."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingEvent
from efoy.domain.errors import Forbidden, InvalidValue
from efoy.domain.role import Action
from efoy.queries.clinic_day import day_of
from efoy.queries.doctor import doctor_day, doctor_week
from efoy.queries.doctor_visit import opened_visit
from efoy.services.visits import mark_visit
from efoy.web.access import actor, requires
from efoy.web.context import clinic
from efoy.web.login import viewer
from efoy.web.parameters import day_asked
from efoy.wiring import outside

bp = Blueprint("doctor", __name__)
ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(days=7)
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
    found = doctor_day(_doctor_id(), shown, zone=zone, now=now)
    return render_template(
        "doctor/day.html",
        day=shown,
        previous=shown - ONE_DAY,
        next=shown + ONE_DAY,
        is_today=shown == today,
        now_ref=found.now_ref,
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
    return render_template(
        "doctor/week.html",
        starts_on=monday,
        ends_on=monday + 6 * ONE_DAY,
        previous=monday - ONE_WEEK,
        next=monday + ONE_WEEK,
        today=today,
        days=doctor_week(_doctor_id(), monday, zone=zone, now=now),
    )


@bp.get("/doctor/visits/<ref>")
@requires(Action.SEE_DAY)
def visit(ref: str) -> ResponseReturnValue:
    """One visit of mine; another doctor's is not found."""
    found = opened_visit(ref, _doctor_id(), now=outside().clock())
    return render_template("doctor/visit.html", visit=found, earlier=found.earlier)


@bp.post("/doctor/visits/<ref>")
@requires(Action.SEE_DAY)
def mark(ref: str) -> ResponseReturnValue:
    """The patient came, did not come, or the mark was a mistake."""
    now = outside().clock()
    found = opened_visit(ref, _doctor_id(), now=now)
    event = MARKS.get(request.form.get("mark", ""))
    if event is None:
        raise InvalidValue("mark", "not one of the list")
    mark_visit(found.id, event, actor=actor(), now=now)
    flash(_said(event, found.visitor_name))
    if "day" in request.form:
        return redirect(url_for("doctor.day", day=day_of(found.starts_at, clinic().zone)), 303)
    return redirect(url_for("doctor.visit", ref=ref), 303)


def _said(event: BookingEvent, name: str) -> str:
    words = {
        BookingEvent.ATTEND: _("Done: %(name)s.", name=name),
        BookingEvent.MISS: _("%(name)s did not come.", name=name),
        BookingEvent.UNDO: _("The mark for %(name)s is taken back.", name=name),
    }
    return words[event]


def _doctor_id() -> int:
    """Whose pages these are: the signed-in person's own, never the request's."""
    who = viewer()
    if who is None or who.doctor_id is None:
        raise Forbidden("no doctor is known by this account")
    return who.doctor_id


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

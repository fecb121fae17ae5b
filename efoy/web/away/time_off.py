"""Time off of a doctor: their own to take, and the desk's and the admin's to enter."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.closing import ClosingSource
from efoy.domain.errors import Forbidden, IllegalTransition, NotFound
from efoy.domain.role import Action
from efoy.queries.away.closings import AwayRow, one_time_off, time_off_of
from efoy.queries.away.period import DoctorName, doctor_named, doctor_numbered
from efoy.services.reopening import end_time_off
from efoy.web.access import actor, requires
from efoy.web.away.choosing import Asked, choose_page, save, saved_words, typed_choices
from efoy.web.away.forms import PeriodForm
from efoy.web.context import clinic
from efoy.web.login import viewer
from efoy.web.parameters import slug
from efoy.wiring import outside

LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Whose time off, and under which address."""

    doctor: DoctorName
    base: str
    own: bool


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /doctor and under /admin/doctors/<doctor>."""
    for base, views in (
        ("/doctor/time-off", (mine, look_mine, take_mine, one_of_mine, end_mine)),
        ("/admin/doctors/<doctor>/time-off", (theirs, look_theirs, take_theirs, one, end_theirs)),
    ):
        listed, look, take, single, end = views
        bp.add_url_rule(base, view_func=listed)
        bp.add_url_rule(f"{base}/new", view_func=look)
        bp.add_url_rule(base, view_func=take, methods=["POST"])
        bp.add_url_rule(f"{base}/<int:off>", view_func=single)
        bp.add_url_rule(f"{base}/<int:off>/end", view_func=end, methods=["POST"])


# -- the doctor's own ------------------------------------------------------------------------


@requires(Action.SEE_DAY)
def mine() -> ResponseReturnValue:
    """My time off."""
    return _list(_mine())


@requires(Action.SEE_DAY)
def look_mine() -> ResponseReturnValue:
    """Who is booked in a time I want off."""
    return _look(_mine())


@requires(Action.SEE_DAY)
def take_mine() -> ResponseReturnValue:
    """Take it."""
    return _take(_mine())


@requires(Action.SEE_DAY)
def one_of_mine(off: int) -> ResponseReturnValue:
    """One time off of mine, to change or end."""
    return _single(_mine(), off)


@requires(Action.SEE_DAY)
def end_mine(off: int) -> ResponseReturnValue:
    """I am back."""
    return _end(_mine(), off)


def _mine() -> Whose:
    who = viewer()
    if who is None or who.doctor_id is None:
        raise Forbidden("no doctor is known by this account")
    return Whose(doctor=doctor_numbered(who.doctor_id), base="/doctor/time-off", own=True)


# -- any doctor's ----------------------------------------------------------------------------


@requires(Action.KEEP_HOURS)
def theirs(doctor: str) -> ResponseReturnValue:
    """A doctor's time off."""
    return _list(_theirs(doctor))


@requires(Action.KEEP_HOURS)
def look_theirs(doctor: str) -> ResponseReturnValue:
    """Who is booked in a time the doctor is to have off."""
    return _look(_theirs(doctor))


@requires(Action.KEEP_HOURS)
def take_theirs(doctor: str) -> ResponseReturnValue:
    """Enter it."""
    return _take(_theirs(doctor))


@requires(Action.KEEP_HOURS)
def one(doctor: str, off: int) -> ResponseReturnValue:
    """One time off of a doctor."""
    return _single(_theirs(doctor), off)


@requires(Action.KEEP_HOURS)
def end_theirs(doctor: str, off: int) -> ResponseReturnValue:
    """The doctor is back."""
    return _end(_theirs(doctor), off)


def _theirs(doctor: str) -> Whose:
    found = doctor_named(slug(doctor))
    return Whose(doctor=found, base=f"/admin/doctors/{found.slug}/time-off", own=False)


# -- what both do ----------------------------------------------------------------------------


def _list(whose: Whose, form: PeriodForm | None = None) -> str:
    ahead, past = time_off_of(whose.doctor.id, now=outside().clock())
    return render_template(
        "away/time_off.html",
        whose=whose,
        ahead=ahead,
        past=past,
        now=outside().clock(),
        form=form or PeriodForm(formdata=None),
    )


def _look(whose: Whose) -> ResponseReturnValue:
    asked = _asked(whose, PeriodForm(formdata=request.args), _number(request.args.get("change")))
    if not asked.form.period(zone=clinic().zone, now=outside().clock()):
        return _again(whose, asked), 422
    return choose_page(asked)


def _take(whose: Whose) -> ResponseReturnValue:
    asked = _asked(whose, PeriodForm(), _number(request.form.get("change")))
    if not asked.form.period(zone=clinic().zone, now=outside().clock()):
        return _again(whose, asked), 422
    done = save(asked)
    if isinstance(done, str):
        flash(saved_words(len(typed_choices())))
        return redirect(whose.base, 303)
    return done


def _asked(whose: Whose, form: PeriodForm, change: int | None) -> Asked:
    if change is not None:
        one_time_off(change, whose.doctor.id)  # another doctor's is not found
    return Asked(
        doctor=whose.doctor,
        form=form,
        source=ClosingSource.TIME_OFF,
        look=f"{whose.base}/new",
        save=whose.base,
        back=whose.base,
        own=whose.own,
        change=change,
    )


def _again(whose: Whose, asked: Asked) -> str:
    """The form with what was typed, where it stood."""
    if asked.change is None:
        return _list(whose, asked.form)
    return _draw_one(whose, one_time_off(asked.change, whose.doctor.id), asked.form)


def _number(text: str | None) -> int | None:
    """The time off that is being changed; raises NotFound for what cannot be one."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text[:12]) > LARGEST_ID:
        raise NotFound("time off")
    return int(text)


def _single(whose: Whose, off: int) -> str:
    return _draw_one(whose, _found(whose, off), None)


def _found(whose: Whose, off: int) -> AwayRow:
    if off > LARGEST_ID:
        raise NotFound("time off")
    return one_time_off(off, whose.doctor.id)


def _draw_one(whose: Whose, off: AwayRow, form: PeriodForm | None) -> str:
    return render_template(
        "away/one.html",
        whose=whose,
        off=off,
        now=outside().clock(),
        form=form or filled(off),
    )


def filled(off: AwayRow) -> PeriodForm:
    """The form as the time off stands."""
    form = PeriodForm(formdata=None)
    form.fill(off.starts_at, off.ends_at, off.reason, zone=clinic().zone)
    return form


def _end(whose: Whose, off: int) -> ResponseReturnValue:
    _found(whose, off)
    now = outside().clock()
    try:
        end_time_off(off, doctor_id=whose.doctor.id, actor=actor(), now=now)
    except IllegalTransition:
        flash(_("This time is over; there is nothing to end."), "error")
        return redirect(whose.base, 303)
    flash(_("The time is open again. Visits that were cancelled stay cancelled."))
    return redirect(whose.base, 303)

"""What does a doctor keep up themselves? Their bookings in a list, their words, their calendar."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from efoy.domain.errors import InvalidValue
from efoy.domain.role import Action
from efoy.queries.calendar_feeds import feed_made_at, feed_of
from efoy.queries.doctor_bookings import own_bookings
from efoy.queries.doctor_profile import DoctorProfile, doctor_profile
from efoy.services.calendar_feeds import drop_feed, feed_hash, make_feed
from efoy.services.doctor_profiles import change_profile
from efoy.web.access import actor, public, requires
from efoy.web.asked import Pager, mark_asked
from efoy.web.context import clinic
from efoy.web.doctor import own_doctor_id
from efoy.web.forms import BaseForm, Words, strip, text_field
from efoy.web.limits import limit_feed
from efoy.web.parameters import day_asked
from efoy.wiring import outside, settings

bp = Blueprint("doctor_own", __name__)
FRESH = "feed"
"""Under this name the signed cookie holds a new address, for the one page that shows it."""
FEED_CACHE = "private, max-age=600"


@bp.get("/doctor/bookings")
@requires(Action.SEE_DAY)
def bookings() -> ResponseReturnValue:
    """My paid visits, with day filters."""
    first, last = day_asked("from"), day_asked("to")
    found = own_bookings(own_doctor_id(), first, last, mark_asked(), zone=clinic().zone)
    return render_template(
        "doctor/bookings.html",
        first=first,
        last=last,
        bookings=found.bookings,
        done=found.done,
        missed=found.missed,
        totals=found.totals,
        pager=Pager(found.leaf),
    )


# -- how patients see me ---------------------------------------------------------------------


class ProfileForm(BaseForm):
    """D7; the licence is the clinic's to write."""

    about = text_field(_l("About me"), most=1000, missing=_l("Write a few words about yourself"))
    languages = StringField(_l("Languages"), [Words(most=120)], filters=[strip])


@bp.get("/doctor/profile")
@requires(Action.SEE_DAY)
def profile() -> ResponseReturnValue:
    """My words, and how patients see them."""
    mine = doctor_profile(own_doctor_id())
    return _profile(mine, ProfileForm(data={"about": mine.about, "languages": mine.languages}))


@bp.post("/doctor/profile")
@requires(Action.SEE_DAY)
def save_profile() -> ResponseReturnValue:
    """New words."""
    form, mine = ProfileForm(), doctor_profile(own_doctor_id())
    if not form.validate():
        return _profile(mine, form), 422
    change_profile(
        mine.id,
        about=form.about.data or "",
        languages=form.languages.data or "",
        actor=actor(),
        now=outside().clock(),
    )
    flash(_("Saved. Patients see it at once."))
    return redirect(url_for("doctor_own.profile"), 303)


def _profile(mine: DoctorProfile, form: ProfileForm) -> str:
    return render_template("doctor/profile.html", doctor=mine, form=form)


# -- my own calendar -------------------------------------------------------------------------


@bp.get("/doctor/calendar")
@requires(Action.SEE_DAY)
def calendar() -> ResponseReturnValue:
    """Whether my calendar has an address; a new one is shown once."""
    token = session.pop(FRESH, None)
    path = url_for("doctor_own.feed", token=token) if isinstance(token, str) else ""
    return render_template(
        "doctor/calendar.html",
        made_at=feed_made_at(own_doctor_id()),
        address=f"{settings().base_url}{path}" if path else "",
    )


@bp.post("/doctor/calendar")
@requires(Action.SEE_DAY)
def change_calendar() -> ResponseReturnValue:
    """A new address, or none."""
    wanted, doctor_id, now = request.form.get("do", ""), own_doctor_id(), outside().clock()
    if wanted == "new":
        session[FRESH] = make_feed(doctor_id, actor=actor(), now=now)
    elif wanted == "off":
        drop_feed(doctor_id, actor=actor(), now=now)
        session.pop(FRESH, None)
        flash(_("Your calendar is switched off. The address opens nothing from now on."))
    else:
        raise InvalidValue("do", "not one of the list")
    return redirect(url_for("doctor_own.calendar"), 303)


@bp.get("/doctor/calendar/<token>.ics")
@public
@limit_feed
def feed(token: str) -> ResponseReturnValue:
    """The calendar behind an address, for programs: no cookie is read; a wrong one is not found."""
    found = feed_of(feed_hash(token), now=outside().clock())
    response = Response(
        outside().paper.feed(found.entries, clinic().zone), mimetype="text/calendar"
    )
    response.headers["Cache-Control"] = FEED_CACHE
    response.headers["Content-Disposition"] = 'inline; filename="appointments.ics"'
    return response

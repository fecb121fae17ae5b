"""The pages on which a chosen time becomes a hold: who is coming, and what if it is gone?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import (
    Conflict,
    OverlappingBooking,
    SlotNotOffered,
    SlotTaken,
    TooManyHolds,
)
from efoy.domain.role import Action
from efoy.queries.choices import Choice, choice, what_is_left
from efoy.queries.patient import BookingView, Details, own_booking_at
from efoy.services.booking import HoldRequest, hold_slot
from efoy.web import kept
from efoy.web.access import actor, browser_hash, browser_token, public
from efoy.web.board import HOLD_MINUTES, choose_a_time
from efoy.web.booking_forms import (
    FIELDS,
    DetailsForm,
    filled_details,
    own_details,
    posted_details,
)
from efoy.web.context import clinic, locale
from efoy.web.forms import form_token, new_form_token
from efoy.web.gone import gone_page
from efoy.web.limits import limit_hold
from efoy.web.login import viewer
from efoy.web.parameters import instant, slug
from efoy.web.readers import allow, reader
from efoy.web.visitor_forms import VISITOR_FIELDS, known_visitors
from efoy.wiring import outside

bp = Blueprint("booking", __name__)
ACCOUNT_PAGES = {"sign-in": "account.login", "register": "account.register"}
"""Where the two account buttons of the details form lead."""


# -- who is coming ------------------------------------------------------------------------------


@bp.get("/bookings/new")
@public
def new() -> ResponseReturnValue:
    """Who is coming? Prefilled for people we know, and with what was typed before signing in."""
    allow(Action.BOOK)
    doctor, service = slug(request.args.get("doctor", "")), slug(request.args.get("service", ""))
    starts_at = instant(request.args.get("starts_at", ""))
    if starts_at is None:
        return choose_a_time(doctor, service)
    wish = choice(doctor, service, starts_at, now=outside().clock())
    typed = kept.typed()
    if wish.free:
        return _details_page(wish, filled_details(typed))
    own = own_booking_at(reader(), doctor, service, starts_at)
    if own is not None:
        return redirect(_place_of(own), code=303)
    return gone_page(wish, _kept_details(typed), why=_why_gone(wish)), 409


def _kept_details(typed: dict[str, str]) -> Details:
    known = own_details()
    fields = (*FIELDS, *VISITOR_FIELDS)
    return Details(**{name: typed.get(name) or getattr(known, name) for name in fields})


def _why_gone(wish: Choice) -> str:
    return "taken" if wish.offered else "closed"


def _place_of(booking: BookingView) -> str:
    """Where a booking of one's own goes on: to pay while it is held, else to its page."""
    page = "review.show" if booking.status is BookingStatus.HELD else "one_booking.show"
    return url_for(page, ref=booking.ref)


def _details_page(wish: Choice, form: DetailsForm) -> str:
    browser_token()  # named before the form is sent: pressed twice, both presses are one browser's
    return render_template(
        "booking/details.html",
        choice=wish,
        form=form,
        form_token=form_token() or new_form_token(),
        known_visitors=known_visitors(),
        hold_minutes=HOLD_MINUTES,
    )


# -- hold ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What a post asks for: the choice by names of ours, the instant as sent."""

    doctor: str
    service: str
    starts_at: datetime

    def looked_up(self) -> Choice:
        """What the server says about it now; raises NotFound."""
        return choice(self.doctor, self.service, self.starts_at, now=outside().clock())


@bp.post("/bookings")
@public
@limit_hold
def hold() -> ResponseReturnValue:
    """Hold the time. What is sent beside the choice and the details counts for nothing."""
    allow(Action.BOOK)
    doctor, service = slug(request.form.get("doctor", "")), slug(request.form.get("service", ""))
    starts_at = instant(request.form.get("starts_at", ""))
    if starts_at is None:
        return choose_a_time(doctor, service)
    wish = _Wish(doctor=doctor, service=service, starts_at=starts_at)
    if request.form.get("then") in ACCOUNT_PAGES:
        return _to_account(wish.looked_up(), ACCOUNT_PAGES[request.form["then"]])
    form = posted_details()
    if not form.validate():
        return _details_page(wish.looked_up(), form), 400
    return _hold(wish, form)


def _to_account(wish: Choice, page: str) -> ResponseReturnValue:
    """Keep what was typed, and come back to it after signing in."""
    typed = {name: request.form.get(name, "") for name in (*FIELDS, *VISITOR_FIELDS)}
    at = wish.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    chosen = {"doctor": wish.doctor_slug, "service": wish.service_slug, "starts_at": at}
    kept.keep({**typed, **chosen, "doctor_name": wish.doctor_name})
    back = "/bookings/new?" + "&".join(f"{name}={value}" for name, value in chosen.items())
    return redirect(url_for(page, next=back), code=303)


def _hold(wish: _Wish, form: DetailsForm) -> ResponseReturnValue:
    who = viewer()
    asked = HoldRequest(
        doctor=wish.doctor,
        service=wish.service,
        starts_at=wish.starts_at,
        name=form.name.data,
        email=form.email.data,
        phone=form.phone.data,
        locale=locale(),
        viewer_id=who.id if who else None,
        browser_hash=browser_hash(browser_token()),
        form_token=form_token(),
        visitor=form.visitor(),
    )
    try:
        held = hold_slot(asked, actor=actor(), now=outside().clock())
    except Conflict as error:
        return _not_held(error, wish, form)
    kept.drop()
    return redirect(url_for("review.show", ref=held.ref), code=303)


def _not_held(error: Conflict, wish: _Wish, form: DetailsForm) -> ResponseReturnValue:
    """The same person was faster in another tab, somebody else was, or a rule forbids it."""
    own = own_booking_at(reader(), wish.doctor, wish.service, wish.starts_at)
    if own is not None:
        return redirect(_place_of(own), code=303)
    left = what_is_left(wish.doctor, wish.service, wish.starts_at, now=outside().clock())
    if isinstance(error, SlotTaken | SlotNotOffered) and not left.wish.free:
        typed = Details(**{name: form[name].data or "" for name in (*FIELDS, *VISITOR_FIELDS)})
        return gone_page(left.wish, typed, why=_why_gone(left.wish), left=left), 409
    flash(_why_not(error), "error")
    return _details_page(left.wish, form), 409


def _why_not(error: Conflict) -> str:
    """Words for a rule; it speaks of what this person or this browser booked, and nobody else."""
    if isinstance(error, TooManyHolds):
        return _("You are holding three times that are not paid yet. Pay for one or let one go.")
    if isinstance(error, OverlappingBooking):
        return _("You already have an appointment at that time.")
    phone = clinic().phone
    return _("We cannot hold this time with these details. Call us: %(phone)s.", phone=phone)

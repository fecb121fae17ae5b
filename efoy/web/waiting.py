"""The pages of the waiting list: get in line, look, leave; an opened time, and saying no to it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import InvalidValue, NotFound, SlotNotOffered
from efoy.domain.role import Action
from efoy.domain.waiting import OFFER_LASTS, DayPart, OfferStatus
from efoy.queries.choices import choice
from efoy.queries.waiting import LineView, OfferView, line_view, offer_view, place_view
from efoy.services.waiting import JoinRequest, decline_offer, join_line, leave_line
from efoy.web.access import actor, browser_hash, browser_token, grant, public
from efoy.web.context import locale
from efoy.web.forms import form_token, new_form_token
from efoy.web.intake import repeated
from efoy.web.limits import limit_hold
from efoy.web.links import read_link
from efoy.web.login import viewer
from efoy.web.parameters import asked, slug
from efoy.web.readers import allow, reader
from efoy.web.visitor_forms import known_visitors
from efoy.web.waiting_forms import JoinForm, filled_join, posted_join
from efoy.wiring import outside

bp = Blueprint("waiting", __name__)
OFFER_MINUTES = int(OFFER_LASTS.total_seconds()) // 60


@bp.get("/doctors/<doctor>/waiting")
@public
def join(doctor: str) -> ResponseReturnValue:
    """Tell me when a time opens: which days, which part of the day, who is it for."""
    allow(Action.BOOK)
    line = _line(doctor, asked("service", most=60))
    return _join_page(line, filled_join())


def _line(doctor: str, service: str) -> LineView:
    return line_view(slug(doctor), slug(service) if service else "", now=outside().clock())


def _join_page(line: LineView, form: JoinForm) -> str:
    browser_token()  # named before the form is sent
    return render_template(
        "waiting/join.html",
        line=line,
        form=form,
        form_token=form_token() or new_form_token(),
        known_visitors=known_visitors(),
        minutes=OFFER_MINUTES,
    )


@bp.post("/doctors/<doctor>/waiting")
@public
@limit_hold
@repeated("days")
def get_in_line(doctor: str) -> ResponseReturnValue:
    """Get in line, once a form; somebody in that line already changes their days."""
    allow(Action.BOOK)
    line, form = _line(doctor, request.form.get("service", "")[:60]), posted_join()
    if not form.validate():
        return _join_page(line, form), 400
    who = viewer()
    wish = JoinRequest(
        doctor=line.doctor_slug,
        service=line.service_slug,
        days=form.chosen_days(),
        part=DayPart(form.part.data),
        name=form.name.data or "",
        email=form.email.data or "",
        phone=form.phone.data or "",
        locale=locale(),
        viewer_id=who.id if who else None,
        browser_hash=browser_hash(browser_token()),
        form_token=form_token(),
        visitor=form.visitor(),
    )
    try:
        entry_id = join_line(wish, actor=actor(), now=outside().clock())
    except InvalidValue:
        form.when.errors = [_("Choose days that can still be booked")]
        return _join_page(line, form), 400
    except SlotNotOffered:
        form.email.errors = [_("Use another address for this")]
        return _join_page(line, form), 400
    flash(_("You’re on the list. We mail you when a time opens."))
    return redirect(url_for("waiting.place", entry=entry_id), code=303)


@bp.get("/waiting/<entry>")
@public
def place(entry: str) -> ResponseReturnValue:
    """One's own place in line. A mailed key opens it."""
    allow(Action.BOOK)
    if "key" in request.args:
        return _let_in("waiting", entry, url_for("waiting.place", entry=entry))
    return render_template("waiting/place.html", place=place_view(reader(), entry))


def _let_in(kind: str, key: str, path: str) -> ResponseReturnValue:
    """Take the key of a mail's link out of the address; a wrong one opens nothing."""
    if read_link(kind, request.args["key"]) == key:
        grant(key)
    return redirect(path, code=303)


@bp.post("/waiting/<entry>/leave")
@public
@limit_hold
def leave(entry: str) -> ResponseReturnValue:
    """Out of line again; twice is once."""
    allow(Action.BOOK)
    out, own = outside(), place_view(reader(), entry)
    leave_line(own.id, stripe=out.stripe, actor=actor(), now=out.clock())
    flash(_("You’re off the list."))
    return redirect(url_for("waiting.place", entry=entry), code=303)


@bp.get("/offers/<offer>")
@public
def take(offer: str) -> ResponseReturnValue:
    """The link of "a time opened": to check and pay while it is held, else what became of it."""
    allow(Action.BOOK)
    if "key" in request.args:
        return _let_in("offer", offer, url_for("waiting.take", offer=offer))
    view = offer_view(reader(), offer)
    if view.booking_status is not BookingStatus.EXPIRED and view.status in {
        OfferStatus.OPEN,
        OfferStatus.TAKEN,
    }:
        grant(view.booking_ref)
        held = view.booking_status is BookingStatus.HELD
        page = "review.show" if held else "one_booking.show"
        return redirect(url_for(page, ref=view.booking_ref), code=303)
    return render_template("waiting/over.html", offer=view, free=_still_free(view))


def _still_free(view: OfferView) -> bool:
    try:
        now = outside().clock()
        return choice(view.doctor_slug, view.service_slug, view.starts_at, now=now).free
    except NotFound:
        return False


@bp.get("/offers/<offer>/decline")
@public
def ask_decline(offer: str) -> ResponseReturnValue:
    """Not this time? One press; looking changes nothing, mail scanners look, too."""
    allow(Action.BOOK)
    if "key" in request.args:
        return _let_in("offer", offer, url_for("waiting.ask_decline", offer=offer))
    view = offer_view(reader(), offer)
    if view.status is not OfferStatus.OPEN:
        return redirect(url_for("waiting.take", offer=offer), code=303)
    return render_template("waiting/decline.html", offer=view)


@bp.post("/offers/<offer>/decline")
@public
@limit_hold
def decline(offer: str) -> ResponseReturnValue:
    """Let the time go to the next in line; twice is once."""
    allow(Action.BOOK)
    out, view = outside(), offer_view(reader(), offer)
    decline_offer(view.id, stripe=out.stripe, actor=actor(), now=out.clock())
    grant(view.entry_id)
    flash(_("You let it go. You’re still on the list."))
    return redirect(url_for("waiting.place", entry=view.entry_id), code=303)

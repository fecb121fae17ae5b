"""The pages on which the desk books for somebody: who, what, when, and how it is paid."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.errors import (
    InvalidValue,
    NotFound,
    OverlappingBooking,
    SlotNotOffered,
    SlotTaken,
    TooManyHolds,
)
from efoy.domain.role import Action
from efoy.queries.choices import what_is_left
from efoy.queries.desk.beside import who_is_there
from efoy.queries.desk.choosing import choosing
from efoy.queries.desk.people import find_people
from efoy.services.booking import Held, HoldRequest
from efoy.services.desk_booking import Beside, DeskWish, OthersAreThere, Way, book_at_desk
from efoy.services.looking import note_look
from efoy.web.access import actor, requires
from efoy.web.asked import words_asked
from efoy.web.context import clinic
from efoy.web.desk.draft import Draft, asked_draft, posted_draft
from efoy.web.forms import form_token, new_form_token
from efoy.web.parameters import day_asked, page_asked
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /desk."""
    bp.add_url_rule("/desk/bookings/new", "new", new)
    bp.add_url_rule("/desk/bookings/new", "book", book, methods=["POST"])


@requires(Action.BOOK_FOR)
def new() -> ResponseReturnValue:
    """Find or name the patient, choose a visit and a time, say how it is paid."""
    return _page(asked_draft())


@requires(Action.BOOK_FOR)
def book() -> ResponseReturnValue:
    """Book it, once; refused, the page comes back with everything that was typed."""
    draft = posted_draft()
    if not draft.complete():
        return _page(draft), 400
    try:
        held = book_at_desk(_wish(draft), actor=actor(), now=outside().clock())
    except (SlotTaken, SlotNotOffered, OthersAreThere) as error:
        return _taken(draft, offered=not isinstance(error, SlotNotOffered)), 409
    except (TooManyHolds, OverlappingBooking, InvalidValue) as error:
        draft.refuse(error)
        return _page(draft), 400 if isinstance(error, InvalidValue) else 409
    return _done(draft, held)


def _wish(draft: Draft) -> DeskWish:
    """What was chosen and typed; the server knows the price."""
    now, way = outside().clock(), Way(draft.pay.way.data)
    at = draft.starts_at
    until = now.replace(microsecond=0) + timedelta(minutes=int(draft.pay.minutes.data))
    return DeskWish(
        request=HoldRequest(
            doctor=draft.doctor,
            service=draft.service,
            starts_at=at,
            name=draft.name,
            email=draft.email,
            phone=draft.phone,
            locale=draft.locale,
            viewer_id=draft.patient.id if draft.patient else None,
            form_token=form_token(),
        ),
        way=way,
        pay_by=min(until, at) if way is Way.LINK else None,
        note=draft.pay.note.data or "",
        reason=draft.pay.reason.data or "",
        beside=Beside(refs=draft.beside, reason=draft.beside_reason) if draft.beside else None,
    )


def _done(draft: Draft, held: Held) -> ResponseReturnValue:
    if draft.pay.way.data == Way.LINK:
        return redirect(url_for("desk.link", ref=held.ref), 303)
    flash(_("%(name)s is booked.", name=draft.name))
    return redirect(url_for("admin.booking", ref=held.ref), 303)


def _page(draft: Draft) -> str:
    """The page with what was chosen and typed so far."""
    zone, now = clinic().zone, outside().clock()
    query = words_asked("q") if request.method == "GET" else ""
    found = find_people(query, page=page_asked()) if query else None
    if found is not None:
        note_look([each.id for each in found.people], actor=actor(), now=now)
    day = draft.day or (day_asked("day") if request.method == "GET" else None)
    return render_template(
        "desk/new.html",
        draft=draft,
        query=query,
        found=found,
        choice=choosing(draft.doctor, draft.service, day, zone=zone, now=now),
        now=now,
        form_token=new_form_token(),
    )


def _taken(draft: Draft, *, offered: bool) -> str:
    """Somebody has the time: who, what is near it, and how to stand beside them on purpose."""
    at, now = draft.starts_at, outside().clock()
    try:
        left = what_is_left(draft.doctor, draft.service, at, now=now)
    except NotFound:
        left = None
    there = who_is_there(draft.doctor, draft.service, at) if offered else ()
    return render_template(
        "desk/taken.html",
        draft=draft,
        there=there,
        left=left,
        again=bool(left and left.wish.free),
        form_token=new_form_token(),
    )

"""Whose bookings may this request see, and may its role do this at all?"""

from __future__ import annotations

from flask import abort, redirect, request, url_for

from efoy.domain.errors import Forbidden, NotFound
from efoy.domain.reference import is_reference
from efoy.domain.role import Action, Role, may
from efoy.queries.booking_page import BookingPage, booking_page
from efoy.queries.patient import BookingView, Reader, find_booking, find_booking_id
from efoy.web.access import SAFE, NotSignedIn, browser_hash, granted
from efoy.web.login import viewer


def reader() -> Reader:
    """The signed-in person; a guest is known by the browser and by links from our mails."""
    who = viewer()
    if who is None or who.role is Role.PATIENT:
        return Reader(
            patient_id=who.id if who else None,
            browser_hash=browser_hash(),
            granted=tuple(granted()),
        )
    if who.role is Role.DOCTOR:
        return Reader(doctor_id=who.doctor_id)
    return Reader(everyone=True)


def is_owner() -> bool:
    """Whether the one who looks is a patient or guest, not somebody of the clinic."""
    who = viewer()
    return who is None or who.role is Role.PATIENT


def allow(action: Action) -> None:
    """Raise Forbidden when the signed-in role may not do this; guests act on what is theirs."""
    who = viewer()
    if who is not None and not may(who.role, action):
        raise Forbidden(action)


def own_page(ref: str) -> BookingPage:
    """The booking of this address with its money, when it is this reader's; see ``not_yours``."""
    try:
        return booking_page(reader(), ref)
    except NotFound:
        not_yours(ref)
        raise


def not_yours(ref: str) -> None:
    """Let somebody nobody knows sign in first: they may be the owner, of whatever there is.

    The answer is the same whether or not there is such a booking. Returns for everyone else.
    """
    if viewer() is not None or not is_reference(ref):
        return
    if request.method not in SAFE:
        raise NotSignedIn
    abort(redirect(url_for("account.login", next=request.path), code=303))


def own_booking_id(ref: str) -> str:
    """The id of this address's booking, when it is this reader's: where nothing of it is shown."""
    try:
        return find_booking_id(reader(), ref)
    except NotFound:
        not_yours(ref)
        raise


def own_booking(ref: str) -> BookingView:
    """The booking of this address alone, in one read, when it is this reader's."""
    try:
        return find_booking(reader(), ref)
    except NotFound:
        not_yours(ref)
        raise

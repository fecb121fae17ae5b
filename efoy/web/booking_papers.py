"""The papers of a booking: receipt as page and PDF, the visit as a calendar file.

Whose they are is asked at each download, not only when they are made.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from efoy.domain.errors import NotFound
from efoy.domain.role import Role
from efoy.queries.booking_papers import (
    CreditPage,
    ReceiptPage,
    calendar_entry,
    credit_page,
    receipt_page,
)
from efoy.web.access import public
from efoy.web.context import locale
from efoy.web.login import viewer
from efoy.web.readers import not_yours, reader
from efoy.wiring import outside

bp = Blueprint("booking_papers", __name__)


@bp.get("/bookings/<ref>/receipt")
@public
def receipt(ref: str) -> ResponseReturnValue:
    """The receipt as it stands now."""
    page = _receipt(ref)
    return render_template(
        "booking/receipt.html",
        receipt=page,
        refunds=page.refunds,
        standing=page.standing,
        payment_ref=page.payment_ref,
    )


@bp.get("/bookings/<ref>/receipt.pdf")
@public
def receipt_pdf(ref: str) -> ResponseReturnValue:
    """The same on paper."""
    page = _receipt(ref)
    body = outside().paper.receipt_pdf(page.paper, locale())
    return _file(body, "application/pdf", f"receipt-{page.number}.pdf")


@bp.get("/bookings/<ref>/credit-notes/<number>")
@public
def credit_note(ref: str, number: str) -> ResponseReturnValue:
    """What went back of a receipt, on paper of its own."""
    return render_template("booking/credit_note.html", note=_credit_note(ref, number))


@bp.get("/bookings/<ref>/credit-notes/<number>.pdf")
@public
def credit_note_pdf(ref: str, number: str) -> ResponseReturnValue:
    """The same on paper."""
    page = _credit_note(ref, number)
    body = outside().paper.credit_pdf(page.paper, locale())
    return _file(body, "application/pdf", f"credit-note-{page.number}.pdf")


def _credit_note(ref: str, number: str) -> CreditPage:
    _no_doctors()
    try:
        return credit_page(reader(), ref, number)
    except NotFound:
        not_yours(ref)
        raise


@bp.get("/bookings/<ref>/calendar.ics")
@public
def calendar(ref: str) -> ResponseReturnValue:
    """The visit for one's own calendar: no doctor, nothing medical."""
    _no_doctors()
    try:
        entry = calendar_entry(reader(), ref, now=outside().clock())
    except NotFound:
        not_yours(ref)
        raise
    return _file(outside().paper.calendar(entry), "text/calendar", f"appointment-{ref}.ics")


def _receipt(ref: str) -> ReceiptPage:
    _no_doctors()
    try:
        return receipt_page(reader(), ref)
    except NotFound:
        not_yours(ref)
        raise


def _no_doctors() -> None:
    """What was paid is not a doctor's to see, not even for the own visit."""
    who = viewer()
    if who is not None and who.role is Role.DOCTOR:
        raise NotFound("papers")


def _file(body: bytes, mimetype: str, name: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

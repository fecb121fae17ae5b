"""How does a program give a time back, and what does it bring? The quote, then the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import Range

from efoy.domain.booking import BookingStatus
from efoy.domain.cancelling import Quote, Shown
from efoy.domain.errors import Conflict, QuoteChanged
from efoy.domain.money import MAXIMUM_MINOR, Money
from efoy.domain.role import Action, Door, Role
from efoy.domain.scope import Scope
from efoy.queries.booking_page import BookingPage, RefundView, booking_page
from efoy.queries.cancelling import cancel_quote
from efoy.queries.lookups import find_booking_of
from efoy.queries.patient import BookingView
from efoy.services.giving_up import cancel_booking
from efoy.web.access import actor, requires
from efoy.web.api.blueprint import BOOKINGS, bp, scope
from efoy.web.api.booking_shapes import BookingShape, amount_facts, booking_facts
from efoy.web.api.fields import Count, Shape, Text
from efoy.web.api.whose import reader
from efoy.web.errors import answer
from efoy.web.limits import limit_hold
from efoy.web.login import viewer
from efoy.wiring import outside

LONGEST_REASON = 200


class VisitOver(Conflict):
    """The visit took place, was missed, or was never paid for."""


class CancelArgs(Shape):
    """``amount``: what the program expects to come back, in minor units; another one is refused.

    ``preview``: only say what would come back.
    """

    amount = Count(validate=Range(min=0, max=MAXIMUM_MINOR))
    reason = Text(most=LONGEST_REASON, load_default="")
    preview = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class CancelQuoteShape(Shape):
    """What comes back, of what was paid; ``blocked`` says why nothing does whatever the rules."""

    amount = fields.Integer()
    paid = fields.Integer()
    given_back_before = fields.Integer()
    percent = fields.Integer()
    currency = fields.String()
    blocked = fields.String(allow_none=True)


class CancelRefundShape(Shape):
    """One refund and how far it is; ``proposed`` waits for a person of the clinic."""

    amount = fields.Integer()
    currency = fields.String()
    status = fields.String()


class CancelledShape(BookingShape):
    """The booking; the quote it was ended with, what was promised, and how far its refunds are."""

    quote = fields.Nested(CancelQuoteShape, allow_none=True)
    promised = fields.Integer(allow_none=True)
    refunds = fields.List(fields.Nested(CancelRefundShape))


@bp.post("/bookings/<ref>/cancel", tags=BOOKINGS)
@requires(Action.CANCEL)
@scope(Scope.BOOKINGS_WRITE)
@limit_hold
@bp.arguments(CancelArgs)
@bp.response(200, CancelledShape)
@bp.alt_response(202, schema=CancelledShape, success=True, description="Still held")
def cancel_own_booking(given: dict[str, Any], ref: str) -> Any:
    """Let a hold go, or end a paid visit with the refund its rules give.

    202 while Stripe has not said how an open payment page ended. 409 ``quote-changed`` with the
    quote as it is where ``amount`` is another one.
    """
    booking = find_booking_of(reader(), ref)
    if booking.status in {BookingStatus.ATTENDED, BookingStatus.NO_SHOW, BookingStatus.EXPIRED}:
        raise VisitOver
    quote, shown = _quoted(booking)
    if given["preview"]:
        return _answer(booking.ref, quote), 200
    if quote is not None and given.get("amount", quote.amount.minor) != quote.amount.minor:
        return _changed(booking)
    try:
        status = _end(booking, given["reason"], shown)
    except QuoteChanged:
        return _changed(booking)
    return _answer(booking.ref, quote), 202 if status is BookingStatus.HELD else 200


def _is_patient() -> bool:
    who = viewer()
    return who is not None and who.role is Role.PATIENT


def _quoted(booking: BookingView) -> tuple[Quote | None, Shown | None]:
    """The quote of a booked visit as it is now: the rules' for its patient, all for the clinic."""
    if booking.status is not BookingStatus.CONFIRMED:
        return None, None
    found = cancel_quote(booking, now=outside().clock(), by_clinic=not _is_patient())
    return found.quote, found.shown


def _end(booking: BookingView, reason: str, shown: Shown | None) -> BookingStatus:
    out = outside()
    return cancel_booking(
        booking.id,
        by="patient" if _is_patient() else "clinic",
        reason=reason,
        stripe=out.stripe,
        actor=actor(Door.API),
        now=out.clock(),
        shown=shown,
    )


def _changed(booking: BookingView) -> ResponseReturnValue:
    """Nothing was done: the quote as it stands, to agree to."""
    quote, _ = _quoted(find_booking_of(reader(), booking.ref))
    told = CancelQuoteShape().dump(_quote_facts(quote)) if quote else None
    return answer(409, code="quote-changed", quote=told)


def _answer(ref: str, quote: Quote | None) -> dict[str, Any]:
    page = booking_page(reader(), ref)
    return {
        **booking_facts(page.booking, page.standing),
        "quote": _quote_facts(quote) if quote else None,
        "promised": _promised(page),
        "refunds": [_refund_facts(refund) for refund in page.refunds],
    }


def _promised(page: BookingPage) -> int | None:
    quoted: Money | None = page.ended.quoted if page.ended else None
    return None if quoted is None else quoted.minor


def _refund_facts(refund: RefundView) -> Mapping[str, Any]:
    return {**amount_facts(refund.amount), "status": str(refund.status)}


def _quote_facts(quote: Quote) -> Mapping[str, Any]:
    return {
        **amount_facts(quote.amount),
        "paid": quote.paid.minor,
        "given_back_before": quote.back.minor,
        "percent": quote.percent,
        "blocked": str(quote.blocked) if quote.blocked else None,
    }

"""P12 and P13 in every state: how much comes back, why nothing does, and how far it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from efoy.domain.cancelling import Kept, Shown, quote_for_patient
from efoy.domain.policy import ladder, rung_at
from efoy.queries.cancelling import CancelQuote
from tests.look.samples import BOOKING, PAID, POLICY, VISIT, Case, Form, Row, filled, refund, usd

WHOLE = Kept(payment_id="p", captured=4500)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class CancelReasonForm(Form):
    """P12."""

    reason = SelectField(
        "Why are you cancelling?",
        choices=[SelectChoice("", "Choose a reason"), SelectChoice("time", "The time")],
    )


def cancel(
    before: timedelta,
    kept: Kept = WHOLE,
    *,
    approved: bool = True,
    by_hand: bool = False,
    **more: Any,
) -> dict[str, Any]:
    """The page so long before the visit."""
    at = VISIT - before
    quote = quote_for_patient(POLICY, [kept], "USD", starts_at=VISIT, at=at)
    rung = rung_at(POLICY, starts_at=VISIT, at=at)
    steps = [] if quote.blocked else ladder(POLICY, quote.left, starts_at=VISIT, now=at)
    shown = Shown(booking_id="b", starts_at=VISIT, amount=0, left=0, at=at)
    return {
        "booking": BOOKING,
        "found": CancelQuote(
            quote=quote, steps=steps, rung=rung, shown=shown, by_hand=by_hand, approved=approved
        ),
        "quote": quote,
        "payment": PAID,
        "rung_words": "Cancelled at least 24 hours before",
        "form": filled(CancelReasonForm),
        "sealed": "s" * 180,
        "form_token": "t",
        "changed": False,
        **more,
    }


def ended(show: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The result, on the page that ``show`` draws for a booked visit."""
    gone = {"status": "cancelled", "cancelled_at": VISIT - DAY, "cancelled_by": "patient"}
    return {
        **show,
        "booking": replace(BOOKING, **gone),
        "fresh": False,
        "steps": [],
        "history": [Row(what="cancelled", at=VISIT - DAY, amount=None, to=None)],
        "ended": Row(quoted=usd(0), declined=False),
        **more,
    }


def waiting(**more: Any) -> Row:
    """A refund that waits for the clinic."""
    return Row(**{**vars(refund("proposed")), "sent_at": None, "by_hand": False, **more})


ASKING: list[Case] = [
    ("let-go", "booking/let_go.html", {"booking": BOOKING, "form_token": "t"}),
    ("cancel", "booking/cancel.html", cancel(3 * DAY)),
    ("cancel-by-itself", "booking/cancel.html", cancel(3 * DAY, approved=False)),
    ("cancel-half", "booking/cancel.html", cancel(5 * HOUR, changed=True)),
    (
        "cancel-after-a-refund",
        "booking/cancel.html",
        cancel(5 * HOUR, Kept(payment_id="p", captured=4500, back=1000)),
    ),
    ("cancel-nothing", "booking/cancel.html", cancel(HOUR)),
    (
        "cancel-disputed",
        "booking/cancel.html",
        cancel(3 * DAY, Kept(payment_id="p", captured=4500, disputed=True)),
    ),
    (
        "cancel-free",
        "booking/cancel.html",
        cancel(3 * DAY, Kept(payment_id="p", captured=0), payment=None),
    ),
    (
        "cancel-cash",
        "booking/cancel.html",
        cancel(3 * DAY, by_hand=True, payment=Row(**{**vars(PAID), "card": ""})),
    ),
    ("cancel-too-late", "booking/too_late.html", {"booking": BOOKING}),
]


def results(show: dict[str, Any]) -> list[Case]:
    """P13."""
    cash = waiting(by_hand=True, card="")
    states: list[tuple[str, dict[str, Any]]] = [
        ("with-the-clinic", {"standing": "refund_proposed", "refunds": [waiting()]}),
        ("cash", {"standing": "refund_proposed", "refunds": [cash]}),
        ("nothing", {}),
        ("declined", {"ended": Row(quoted=usd(4500), declined=True)}),
        ("disputed", {"standing": "disputed"}),
        ("free", {"payment": None}),
    ]
    return [
        (f"cancelled-{name}", "booking/show.html", ended(show, **more)) for name, more in states
    ]

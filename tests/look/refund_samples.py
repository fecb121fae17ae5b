"""Every page about refunds, disputes and payments that wait for a person, in every state."""

from __future__ import annotations

from typing import Any

from wtforms import Form, StringField, TextAreaField

from efoy.domain.policy import ladder
from tests.look.samples import CARD, NOW, POLICY, VISIT, Case, Row, at, filled, usd, wrong

PANEL: dict[str, Any] = {
    "proposal": None,
    "by_hand": False,
    "issues": True,
    "limit": None,
    "by_rules": True,
    "notice_words": "17 h 56 min",
    "way": "cash",
    "handed_by": "Ruth Okello",
}
"""What the refund panel has beside its amounts."""
LINE: dict[str, Any] = {
    "id": "r" * 26,
    "by_hand": "",
    "handed_by": "",
    "first_by": None,
    "first_name": "",
    "by_desk": False,
    "made_good": False,
}
"""What a line of refunds has beside its amount."""
SECOND = Row(
    **LINE
    | {
        "booking_ref": "3PX-6TC",
        "visitor_name": "Sara Lemma",
        "at": at(19, 14),
        "amount": usd(12000),
        "status": "proposed",
        "origin": "admin",
        "reason": "Goodwill",
        "who": "Ruth Okello",
        "card": "Visa ending 1881",
        "words": "",
        "first_by": "u",
        "first_name": "Ruth Okello",
        "obstacle": "",
    }
)
DESK_CASH = Row(
    **vars(SECOND)
    | {
        "id": "s" * 26,
        "first_by": None,
        "by_desk": True,
        "card": "",
        "obstacle": "This was not paid through Stripe. Give the money back by hand.",
    }
)
NEED: dict[str, Any] = {
    "id": "n" * 26,
    "age": "Waiting for 3 days.",
    "owner": "",
    "owner_id": "",
    "note": "",
    "due_at": None,
    "mail": False,
}
"""What a line of the queue has beside its words."""
COLLEAGUES = [Row(id="u", name="Ruth Okello"), Row(id="v", name="Selam Abebe")]


class HandForm(Form):
    """Who hands the money over."""

    handed_by = StringField("Who hands it over")
    way = StringField("How")
    message = TextAreaField("Message to the patient")


class NoteForm(Form):
    """What was said."""

    note = TextAreaField("What was said")


class DecisionForm(Form):
    """What is decided about a parked payment."""

    decision = StringField("Decision")
    why = TextAreaField("Reason")


class WishForm(Form):
    """How the patient wants it."""

    choice = StringField("How would you like it?")
    phone = StringField("Phone")
    words = TextAreaField("Anything else we should know")


def _answer(**change: Any) -> Row:
    told = {
        "asked_at": at(18, 9),
        "choice": None,
        "phone": "",
        "words": "",
        "answered_at": None,
    }
    return Row(**told | change)


_FAILED: dict[str, Any] = {
    "id": "f" * 26,
    "booking_ref": "3PX-6TC",
    "visitor_name": "Sara Lemma",
    "phone": "(240) 555-0163",
    "email": "sara@example.org",
    "amount": usd(4500),
    "left": usd(4500),
    "due": usd(4500),
    "at": at(16, 14, 15),
    "card": CARD,
    "made_good": False,
    "note": "",
    "owner_name": "",
    "answer": None,
}
_CHOSEN = _answer(
    choice="call", phone="(240) 555-0163", words="After five.", answered_at=at(18, 12)
)
_SORT: dict[str, Any] = {
    "refund": Row(**_FAILED),
    "why": "The card is closed.",
    "reason": "The clinic cancelled",
    "ways": [("cash", "cash"), ("terminal", "card terminal"), ("transfer", "bank transfer")],
    "hand_form": filled(HandForm, handed_by="Ruth Okello"),
    "note_form": filled(NoteForm),
}
_DISPUTED: dict[str, Any] = {
    "id": "d" * 26,
    "ref": "dp_1Q8zR1LkdIwHu7ix5uYq",
    "booking_ref": "4RT-8NQ",
    "visitor_name": "Daniel Kebede",
    "amount": usd(7000),
    "status": "needs_response",
    "reason": "product_not_received",
    "words": "The cardholder says the visit did not happen",
    "open": True,
    "refundable": False,
    "due_at": at(24, 18),
    "created_at": at(15, 9),
    "fee": usd(1500),
    "moved": -usd(8500),
}
_DISPUTE: dict[str, Any] = {
    "line": Row(**_DISPUTED),
    "dispute": Row(
        booking_status="attended",
        booked_at=at(10, 9),
        visit_at=at(14, 9),
        paid_at=at(10, 9, 4),
        cancelled_at=None,
        came_at=at(14, 8, 55),
        paid=usd(7000),
        back=usd(1000),
        card=CARD,
    ),
    "words": _DISPUTED["words"],
    "money_words": "The bank has taken the amount and a fee while it looks.",
    "sentence": "Free to cancel until 24 hours before.",
    "steps": ladder(POLICY, usd(7000), starts_at=VISIT, now=NOW),
    "mails": [("Confirmation with receipt sent", at(10, 9, 5))],
    "stripe_url": "https://dashboard.stripe.com/test/disputes/dp_1",
    "payment_url": "https://dashboard.stripe.com/test/payments/pi_1",
    "overdue": False,
}
_PARKED: dict[str, Any] = {
    "payment": Row(
        id="p" * 26,
        asked=usd(4500),
        seen=usd(4000),
        paid=True,
        parked_at=at(19, 9),
        booking_ref="4RT-8NQ",
        visitor_name="Daniel Kebede",
        visit_at=VISIT,
    ),
    "words": "another amount",
    "ours": True,
    "undecided": True,
    "form": filled(DecisionForm),
}
_WISH: dict[str, Any] = {
    "refund": Row(**_FAILED | {"answer": _answer()}),
    "token": "t",
    "form": filled(WishForm),
}


def _line(**change: Any) -> Row:
    return Row(**_DISPUTED | change)


REFUND_PAGES: list[Case] = [
    (
        "refunds-review",
        "admin/refunds_review.html",
        {"refunds": [SECOND, DESK_CASH], "possible": [SECOND], "total": usd(12000)},
    ),
    ("refund-failed", "admin/refund_failed.html", _SORT),
    (
        "refund-failed-answered",
        "admin/refund_failed.html",
        {
            **_SORT,
            "refund": Row(
                **_FAILED | {"answer": _CHOSEN, "note": "Rang twice", "owner_name": "Selam Abebe"}
            ),
            "hand_form": wrong(HandForm, handed_by="Enter who hands the money over"),
        },
    ),
    (
        "refund-made-good",
        "admin/refund_failed.html",
        {**_SORT, "refund": Row(**_FAILED | {"made_good": True})},
    ),
    (
        "hand-review",
        "admin/hand_review.html",
        {
            "refund": Row(**_FAILED),
            "way": "cash",
            "how": "cash",
            "handed_by": "Ruth Okello",
            "message": "With our regrets.",
            "form_token": "t",
            "needs_second": True,
        },
    ),
    (
        "password",
        "admin/password.html",
        {"path": "/admin/refunds/approve", "fields": [("refund", "r")], "wrong": True},
    ),
    (
        "disputes",
        "admin/disputes.html",
        {
            "now": NOW,
            "disputes": [
                _line(),
                _line(status="warning_needs_response", due_at=at(18, 9)),
                _line(status="under_review", due_at=None),
                _line(status="won", open=False),
                _line(status="lost", open=False),
                _line(status="warning_closed", open=False),
                _line(status="prevented", open=False),
                _line(status="something_new"),
            ],
        },
    ),
    ("disputes-none", "admin/disputes.html", {"now": NOW, "disputes": []}),
    ("dispute", "admin/dispute.html", _DISPUTE),
    (
        "dispute-inquiry",
        "admin/dispute.html",
        {
            **_DISPUTE,
            "line": _line(status="warning_needs_response", refundable=True, fee=None, moved=None),
            "mails": [],
            "stripe_url": "",
            "overdue": True,
        },
    ),
    ("parked", "admin/parked.html", _PARKED),
    (
        "parked-foreign",
        "admin/parked.html",
        {**_PARKED, "ours": False, "form": wrong(DecisionForm, why="Say why you decide so")},
    ),
    ("parked-decided", "admin/parked.html", {**_PARKED, "undecided": False}),
    ("wish", "booking/refund_wish.html", _WISH),
    (
        "wish-error",
        "booking/refund_wish.html",
        {**_WISH, "form": wrong(WishForm, choice="Choose one")},
    ),
    (
        "wish-answered",
        "booking/refund_wish.html",
        {**_WISH, "refund": Row(**_FAILED | {"answer": _CHOSEN})},
    ),
    (
        "wish-over",
        "booking/refund_wish.html",
        {**_WISH, "refund": Row(**_FAILED | {"answer": _answer(), "made_good": True})},
    ),
]
WAITS = Row(
    id="r" * 26,
    amount=usd(3500),
    reason="patient",
    first_by=None,
    first_name="",
    handed_by="",
)
"""A refund that waits, as the panel has it."""

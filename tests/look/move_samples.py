"""P14 in every state: choose, look at old and new, pay the rest, too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.look.samples import BOOKING, VISIT, Case, Row, at, usd

THERE = VISIT + timedelta(days=2, hours=1)
QUOTE = Row(
    starts_at=THERE,
    ends_at=THERE + timedelta(minutes=20),
    doctor_slug="samuel-mwangi",
    doctor_name="Dr Samuel Mwangi",
    specialty="Children (pediatrics)",
    place="214 Juniper Street, floor 2",
    offered=usd(5500),
    price=usd(4500),
    difference=usd(0),
    back=usd(0),
)
WAITING = Row(
    starts_at=THERE,
    minutes=20,
    doctor_name="Dr Samuel Mwangi",
    specialty="Children (pediatrics)",
    service_name="See the doctor",
    place="214 Juniper Street, floor 2",
    more=usd(1000),
    payment_id="p",
    payment_status="open",
    until=at(19, 15, 40),
)
COLLEAGUES = [Row(slug="samuel-mwangi", name="Dr Samuel Mwangi", price=usd(5500))]


def times(page: dict[str, Any]) -> Row:
    """The times of the doctor's page, as the choice shows them."""
    same = ("week", "day", "parts", "next_free")
    return Row(doctor=page["doctor"], **{name: page[name] for name in same})


def _review(name: str, **quote: Any) -> Case:
    values = {
        "booking": BOOKING,
        "quote": Row(**{**vars(QUOTE), **quote}),
        "by_clinic": False,
        "form_token": "t",
        "changed": name == "changed",
    }
    return f"move-{name}", "booking/move_review.html", values


def _waiting(name: str, status: str, **more: Any) -> Case:
    values = {
        "booking": BOOKING,
        "moving": Row(**{**vars(WAITING), "payment_status": status}),
        "can_pay": True,
        "unavailable": False,
        "form_token": "t",
    }
    return f"move-{name}", "booking/move_waiting.html", {**values, **more}


def moving(page: dict[str, Any], show: dict[str, Any]) -> tuple[Case, ...]:
    """Every page of a move, and the visit's own; made from the doctor's page and the booking's."""
    choice = {
        "booking": BOOKING,
        "doctor": "hana-tesfaye",
        "times": times(page),
        "others": COLLEAGUES,
        "error": "",
    }
    full = times({**page, "day": None, "parts": []})
    told = [Row(what="moved", at=VISIT, amount=None, to=THERE), *show["history"]]
    return (
        ("move", "booking/move.html", choice),
        ("move-error", "booking/move.html", {**choice, "error": "Choose a time"}),
        ("move-full", "booking/move.html", {**choice, "times": full, "others": []}),
        ("move-nobody", "booking/move.html", {**choice, "times": None}),
        _review("same"),
        _review("dearer", difference=usd(1000), price=usd(5500)),
        _review("cheaper", difference=usd(-1000), price=usd(3500), back=usd(1000)),
        _review("changed", difference=usd(1000), price=usd(5500)),
        _waiting("waiting", "open"),
        _waiting("closing", "closing"),
        _waiting("with-the-bank", "processing"),
        _waiting("stripe-away", "creating", unavailable=True),
        (
            "move-too-late",
            "booking/move_too_late.html",
            {"booking": BOOKING, "until": VISIT - timedelta(hours=2), "can_cancel": True},
        ),
        ("moved", "booking/show.html", {**show, "fresh": False, "history": told, "can_move": True}),
        (
            "moving",
            "booking/show.html",
            {**show, "booking": replace(BOOKING), "fresh": False, "moving": WAITING},
        ),
    )

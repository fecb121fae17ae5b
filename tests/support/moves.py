"""The steps of stories about moves: other fees, a move, a top-up, and where the visit is."""

from __future__ import annotations

from typing import Any

from efoy.models import BookingMove
from efoy.services import moving
from tests.support.story import AS_PATIENT, URLS, Story

SAMUEL = "samuel-mwangi"
DEARER, CHEAPER = 5500, 3500


def fee(story: Story, minor: int, doctor: int = 2) -> None:
    """What the doctor asks for the service "See the doctor" from now on."""
    story.run_sql(
        "UPDATE doctor_services SET price_minor = :minor"
        " WHERE doctor_id = :doctor AND service_id = 1",
        minor=minor,
        doctor=doctor,
    )


def move(story: Story, booking_id: str, at: Any, **given: Any) -> moving.Moved:
    """Somebody moves the visit, the patient unless said otherwise."""
    stripe = given.pop("stripe", story.stripe.gateway)
    actor = given.pop("actor", AS_PATIENT)
    wish = moving.MoveWish(starts_at=at, **given)
    return moving.move_booking(
        booking_id, wish, stripe=stripe, urls=URLS, actor=actor, now=story.clock()
    )


def top_up(story: Story, booking_id: str, **given: Any) -> moving.Moved:
    """The patient wants the dearer time of the other doctor."""
    return move(story, booking_id, story.time(49), doctor=SAMUEL, **given)


def place(story: Story, booking_id: str) -> tuple[int, Any]:
    """Where the visit is: doctor and time."""
    row = story.booking(booking_id)
    return row.doctor_id, row.starts_at


def move_row(story: Story, booking_id: str) -> Any:
    """The newest move of the booking."""
    rows = story.rows(BookingMove, booking_id=booking_id)
    return max(rows, key=lambda row: (row.created_at, row.id))

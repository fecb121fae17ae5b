"""A booked visit goes to another time: never in two places, never in none."""

from datetime import timedelta

import pytest

from efoy.domain.errors import (
    IllegalTransition,
    MoveUnderWay,
    SameTime,
    SlotNotOffered,
    SlotTaken,
    StaleAmount,
    TooLateToMove,
    TopUpNeeded,
)
from efoy.domain.moving import MoveStatus
from efoy.models import BookingMove, Receipt, SlotClaim
from efoy.services import moving
from tests.support.clinic import OTHER
from tests.support.story import AS_PATIENT, URLS

SAMUEL = "samuel-mwangi"
DEARER, CHEAPER = 5500, 3500


def fee(story, minor, doctor=2):
    """What the doctor asks for the service "See the doctor" from now on."""
    story.run_sql(
        "UPDATE doctor_services SET price_minor = :minor WHERE doctor_id = :doctor"
        " AND service_id = 1",
        minor=minor,
        doctor=doctor,
    )


def move(story, booking_id, at, *, doctor=None, **wish):
    return moving.move_booking(
        booking_id,
        moving.MoveWish(starts_at=at, doctor=doctor, **wish),
        stripe=story.stripe.gateway,
        urls=URLS,
        actor=AS_PATIENT,
        now=story.clock(),
    )


def test_a_visit_of_the_same_price_moves_at_once(story):
    key = story.booked()
    before = story.booking(key)

    moved = move(story, key, story.time(49))
    story.work()

    after = story.booking(key)
    assert moved.status is MoveStatus.DONE
    assert not moved.difference
    assert (after.starts_at, after.status) == (story.time(49), "confirmed")
    assert after.calendar_sequence == before.calendar_sequence + 1
    assert story.claims(key) == 4
    assert len(story.payments(key)) == 1
    assert story.hold(story.time(25), viewer_id=OTHER)

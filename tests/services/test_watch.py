"""Is somebody told when a law is broken, once, and until it is mended?"""

from __future__ import annotations

import pytest

from efoy.models import Alert
from efoy.tasks import prove_laws


def told(story) -> list[str]:
    return [row.subject_ref for row in story.rows(Alert, kind="law_broken", closed_at=None)]


def test_a_clinic_that_keeps_its_laws_tells_nobody(story):
    story.booked()

    prove_laws(now=story.clock())

    assert told(story) == []


@pytest.mark.planted
def test_a_broken_law_is_told_once_and_closed_when_mended(story):
    booking = story.booked()
    story.drain()
    story.run_sql("UPDATE bookings SET zone = 'Mars/Olympus'")

    for _ in range(2):
        prove_laws(now=story.clock.advance(minutes=10))

    assert told(story) == [f"B3 {booking}"]
    assert "admin_alert" in story.promised()
    story.run_sql("UPDATE bookings SET zone = 'America/New_York'")
    prove_laws(now=story.clock.advance(minutes=10))
    assert told(story) == []


@pytest.mark.planted
def test_the_laws_are_proved_by_one_worker_at_a_time(story):
    story.booked()
    prove_laws(now=story.clock())
    story.run_sql("UPDATE bookings SET zone = 'Mars/Olympus'")

    prove_laws(now=story.clock.advance(minutes=1))

    assert told(story) == []

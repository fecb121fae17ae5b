"""Mails by the clock: the day before a visit, and near the end of a hold."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from efoy.domain.reminder import remind_now
from efoy.models import OutboxMessage
from efoy.services import reminders
from efoy.services.accounts import update_wishes
from tests.support.clinic import PATIENT
from tests.support.moves import move
from tests.support.story import AS_PATIENT

NEW_YORK = ZoneInfo("America/New_York")


def promised(story, kind="reminder"):
    """The promises of that kind, oldest first."""
    return sorted(story.rows(OutboxMessage, kind=kind), key=lambda row: row.created_at)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-24T12:59:00+00:00", False),  # 7:59 am the day before
        ("2026-11-24T13:00:00+00:00", True),
        ("2026-11-25T00:59:00+00:00", True),  # 7:59 pm
        ("2026-11-25T01:00:00+00:00", False),
        ("2026-11-25T11:59:00+00:00", False),  # 6:59 am of the day
        ("2026-11-25T12:00:00+00:00", True),  # missed the day before
        ("2026-11-25T14:01:00+00:00", False),  # less than three hours ahead
        ("2026-11-23T16:00:00+00:00", False),  # two days before
    ],
)
def test_a_reminder_has_its_hours(now, due):
    visit = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)

    assert remind_now(visit, datetime.fromisoformat(now), NEW_YORK) is due


@pytest.mark.parametrize(
    ("visit", "now"),
    [
        # the clocks go forward in the night between, and back
        ("2027-03-14T14:00:00+00:00", "2027-03-13T13:00:00+00:00"),
        ("2026-11-01T15:00:00+00:00", "2026-10-31T12:00:00+00:00"),
    ],
)
def test_eight_in_the_morning_is_the_clinics_eight_whatever_the_clocks_do(visit, now):
    assert remind_now(datetime.fromisoformat(visit), datetime.fromisoformat(now), NEW_YORK)


@pytest.mark.story
def test_the_day_before_one_reminder_goes_out_with_a_calendar_entry(story):
    story.booked(story.time(49))
    story.wait(hours=2)
    assert promised(story) == []

    story.wait(hours=21.5)
    story.wait(minutes=10)
    story.wait(hours=3)

    (message,) = promised(story)
    assert message.status == "sent"
    (mail,) = [m for m in story.mailbox.messages if m["Subject"].startswith("Tomorrow, Wed 25 Nov")]
    text = mail.get_body(("plain",)).get_content()
    assert "you get back $45.00" in text
    assert "Bring photo ID" in text
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["text/calendar"]


@pytest.mark.story
def test_a_visit_booked_less_than_a_day_ahead_has_no_reminder(story):
    story.booked(story.time(25))
    story.booked(story.time(26), email="guest@example.org")
    story.run_sql("UPDATE bookings SET confirmed_at = starts_at WHERE visitor_email LIKE 'guest%'")
    story.wait(minutes=10)
    assert promised(story) == []  # and nobody is reminded of what they booked a moment ago

    story.wait(hours=7)

    assert [row.address for row in promised(story)] == ["almaz@example.org"]


@pytest.mark.story
def test_a_cancelled_visit_is_dropped_when_the_mail_is_written(story):
    booking_id = story.booked(story.time(49))
    story.clock.advance(hours=26)
    reminders.remind(story.clock())
    story.cancel(booking_id, by="clinic")

    story.work()

    assert [row.status for row in promised(story)] == ["dropped"]


@pytest.mark.story
def test_a_moved_visit_is_reminded_of_its_new_time_alone(story):
    booking_id = story.booked(story.time(49))
    story.clock.advance(hours=23)
    reminders.remind(story.clock())
    move(story, booking_id, story.time(73))
    story.work()
    story.clock.advance(hours=24)
    reminders.remind(story.clock())
    story.work()

    assert [row.status for row in promised(story)] == ["dropped", "sent"]
    assert len({row.subject_ref for row in promised(story)}) == 2


@pytest.mark.story
def test_whoever_wants_no_reminders_gets_none(story):
    story.booked(story.time(49))
    update_wishes(PATIENT, locale="en", reminders=False, actor=AS_PATIENT, now=story.clock())

    story.wait(hours=26)

    assert [row.status for row in promised(story)] == ["dropped"]


@pytest.mark.story
@pytest.mark.parametrize("pressed", [False, True])
def test_near_the_end_of_a_hold_one_mail_says_until_when(story, pressed):
    held = story.hold()
    minutes = 8
    if pressed:
        story.open(held.id)
        minutes = 28
    story.wait(minutes=minutes - 1)
    assert promised(story, "finish_payment") == []

    story.wait(minutes=1)
    story.wait(minutes=1)

    (message,) = promised(story, "finish_payment")
    assert message.status == "sent"
    assert story.mailbox.subjects[-1].startswith("Your time is held until 9:")


@pytest.mark.story
def test_nobody_is_asked_to_pay_after_paying(story):
    held = story.hold()
    story.clock.advance(minutes=9)
    reminders.finish_soon(story.clock())
    story.pay(held.id)
    story.come_back(held.id)

    story.work()

    assert [row.status for row in promised(story, "finish_payment")] == ["dropped"]
    assert not [subject for subject in story.mailbox.subjects if "held until" in subject]


@pytest.mark.story
def test_a_hold_given_up_is_not_written_about(story):
    held = story.hold()
    story.clock.advance(minutes=9)
    reminders.finish_soon(story.clock())
    story.cancel(held.id)

    story.work()

    assert [row.status for row in promised(story, "finish_payment")] == ["dropped"]


@pytest.mark.story
def test_asking_often_promises_once(story):
    story.hold()
    story.booked(story.time(49), email="guest@example.org")
    story.clock.advance(minutes=9)
    for _ in range(3):
        reminders.finish_soon(story.clock())
    story.clock.advance(hours=26)
    for _ in range(3):
        reminders.remind(story.clock())

    assert len(promised(story, "finish_payment")) == 1
    assert len(promised(story)) == 1
    story.drain()


@pytest.mark.story
def test_strangers_flood_nobody_with_held_times(story):
    for number, hours in enumerate((25, 26, 28, 29, 30)):
        story.hold(story.time(hours), email="victim@example.org", browser_hash=f"browser {number}")
    story.clock.advance(minutes=9)
    reminders.finish_soon(story.clock())

    assert len(promised(story, "finish_payment")) == 3

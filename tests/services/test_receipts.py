"""Is promised mail sent once, only while true, and never forgotten? Bookings do not notice."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from pypdf import PdfReader

from efoy import failpoints
from efoy.domain.booking import BookingStatus
from efoy.domain.outbox import OutboxStatus
from efoy.domain.refund import RefundStatus
from efoy.models import Alert, OneTimeLink, OutboxMessage
from efoy.models.base import db, transaction
from efoy.models.outbox import post
from efoy.services.receipts import LEASE, deliver_mail, due_mail
from tests.support.clinic import PATIENT
from tests.support.crowd import at_once
from tests.support.story import AS_ADMIN, FAILING_REFUND

pytestmark = pytest.mark.story
BUSY, NEVER = "451 4.3.0 later", "550 5.1.1 nobody here"
PROMISED = "almaz@example.org"


def promise(story, kind: str):
    """The newest message of that kind."""
    return max(story.rows(OutboxMessage, kind=kind), key=lambda row: row.created_at)


def deliver(story, kind: str) -> None:
    """The worker takes up the message of that kind."""
    mailer = story.app.extensions["efoy_outside"].mailer
    deliver_mail(promise(story, kind).id, mailer=mailer, now=story.clock())


def post_now(story, kind: str, subject: str, address: str = PROMISED) -> None:
    """Some service promises a mail."""
    with transaction("seed") as session:
        post(session, kind, subject, address, now=story.clock())


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content()


def paper_of(message) -> str:
    [pdf] = [each for each in message.iter_attachments() if each.get_filename() == "receipt.pdf"]
    return PdfReader(io.BytesIO(pdf.get_content())).pages[0].extract_text()


# -- once ------------------------------------------------------------------------------------


def test_a_booking_is_confirmed_by_one_mail_with_its_papers(story):
    booking_id = story.booked()

    story.work()

    [message] = story.mailbox.messages
    booking = story.booking(booking_id)
    assert message["To"] == PROMISED
    assert message["Subject"] == "Booked: Tue 24 Nov, 10:00 am"
    assert f"/bookings/{booking.ref}?key=" in text_of(message)
    assert "Until Mon 23 Nov, 10:00 am you get back $45.00." in text_of(message)
    assert story.receipts()[0] in paper_of(message)
    row = promise(story, "booked")
    assert (row.status, row.sent_at, row.lease_until) == (OutboxStatus.SENT, story.clock(), None)
    assert message["Message-ID"] == f"<{row.id}@127.0.0.1>"


def test_taking_a_message_up_again_sends_nothing(story):
    story.booked()
    for _ in range(3):
        deliver(story, "booked")

    assert len(story.mailbox.messages) == 1


def test_two_workers_at_once_send_one_mail(story):
    story.booked()

    results = at_once(story.app, [lambda: deliver(story, "booked")] * 4)

    assert [each for each in results if each is not None] == []
    assert len(story.mailbox.messages) == 1


def test_a_message_that_another_worker_has_waits_for_the_end_of_its_lease(story):
    # Given a worker that died while the mail server listened
    story.booked()
    failpoints.arm("mail.send.before_call:raise")
    try:
        with pytest.raises(failpoints.FailpointReached):
            deliver(story, "booked")
    finally:
        failpoints.arm("")
    # When another looks, it lets the message be, until the lease is over
    assert due_mail(story.clock()) == []
    deliver(story, "booked")
    assert story.mailbox.messages == []
    story.clock.advance(seconds=LEASE.total_seconds())
    story.work()
    # Then it is sent after all
    assert len(story.mailbox.messages) == 1
    assert promise(story, "booked").attempts == 2


def test_a_crash_after_the_call_costs_one_copy_with_the_same_message_id(story):
    story.booked()
    failpoints.arm("finish_mail.before_commit:raise")
    try:
        with pytest.raises(failpoints.FailpointReached):
            deliver(story, "booked")
    finally:
        failpoints.arm("")
    story.clock.advance(seconds=LEASE.total_seconds())
    story.work()

    first, copy = story.mailbox.messages
    assert first["Message-ID"] == copy["Message-ID"]
    assert promise(story, "booked").status == OutboxStatus.SENT


def test_nothing_is_open_while_the_mail_server_is_asked(story):
    # Given a mailer that looks whether a transaction is open when it is called
    from efoy.models.base import open_transaction

    class Witness:
        seen = "never called"

        def send(self, letter, *, now):
            self.seen = open_transaction()

    story.booked()
    witness = Witness()
    deliver_mail(promise(story, "booked").id, mailer=witness, now=story.clock())
    assert witness.seen is None


@pytest.mark.planted
def test_one_promise_for_one_cause_however_often_it_is_made(story):
    for _ in range(2):
        post_now(story, "booked", "booking-1")
    assert len(story.rows(OutboxMessage)) == 1


@pytest.mark.planted
def test_without_the_outbox_key_one_cause_makes_two_promises(story, key_removed):
    for _ in range(2):
        post_now(story, "booked", "booking-1")
    assert len(story.rows(OutboxMessage)) == 2


@pytest.fixture
def key_removed(story):
    """The negative control: the law ``one_message_per_cause`` is off, and comes back after."""
    if db.engine.dialect.name == "sqlite":
        _rebuild_without_key(story)
        yield
        return
    story.run_sql("ALTER TABLE outbox_messages DROP CONSTRAINT one_message_per_cause")
    yield
    story.run_sql("DELETE FROM outbox_messages")
    story.run_sql(
        "ALTER TABLE outbox_messages ADD CONSTRAINT one_message_per_cause"
        " UNIQUE (kind, subject_ref, address)"
    )


def _rebuild_without_key(story) -> None:
    """SQLite cannot drop a constraint: the empty table is made anew without it."""
    with db.engine.connect() as connection:
        made = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE name = 'outbox_messages'"
        ).scalar_one()
    law = re.compile(r",\s*CONSTRAINT one_message_per_cause UNIQUE \([^)]*\)")
    assert law.search(made)
    story.run_sql("DROP TABLE outbox_messages")
    story.run_sql(law.sub("", made))


# -- later, never ----------------------------------------------------------------------------


def test_a_busy_server_is_asked_again_after_1_5_15_and_60_minutes(story):
    story.booked()
    story.mailbox.answers = [BUSY] * 5

    waits = []
    for _ in range(5):
        deliver(story, "booked")
        row = promise(story, "booked")
        waits.append((row.due_at - story.clock()).total_seconds() / 60)
        assert (row.status, row.lease_until) == (OutboxStatus.NEW, None)
        assert row.error == "mail server: 451 4.3.0"
        story.clock.at = row.due_at
    assert waits == [1, 5, 15, 60, 60]

    story.work()
    row = promise(story, "booked")
    assert (row.status, row.error) == (OutboxStatus.SENT, None)
    assert len(story.mailbox.messages) == 1


def test_a_letter_put_off_is_not_touched_before_its_time(story):
    story.booked()
    story.mailbox.answers = [BUSY]
    deliver(story, "booked")

    deliver(story, "booked")

    assert promise(story, "booked").attempts == 1
    assert due_mail(story.clock()) == []


def test_a_refused_letter_is_dead_at_once_a_person_is_told_and_the_booking_stands(story):
    booking_id = story.booked()
    story.mailbox.answers = [NEVER]

    deliver(story, "booked")

    row = promise(story, "booked")
    assert (row.status, row.error) == (OutboxStatus.DEAD, "550 5.1.1")
    [alert] = story.rows(Alert)
    assert (alert.kind, alert.subject_ref, alert.detail) == ("dead_mail", row.id, "booked")
    assert story.booking(booking_id).status == BookingStatus.CONFIRMED


def test_after_two_days_of_silence_a_person_is_told(story):
    story.booked()
    story.mailbox.answers = [BUSY] * 100

    for _ in range(60):
        if promise(story, "booked").status != OutboxStatus.NEW:
            break
        deliver(story, "booked")
        story.clock.at = max(story.clock(), promise(story, "booked").due_at)

    row = promise(story, "booked")
    assert row.status == OutboxStatus.DEAD
    assert timedelta(hours=48) <= story.clock() - row.created_at <= timedelta(hours=50)
    assert [alert.kind for alert in story.rows(Alert)] == ["dead_mail"]


def test_a_letter_that_keeps_breaking_the_worker_is_given_up_too(story):
    story.booked()

    class Broken:
        def send(self, letter, *, now):
            raise RuntimeError("a template nobody can render")

    with pytest.raises(RuntimeError):
        deliver_mail(promise(story, "booked").id, mailer=Broken(), now=story.clock())
    story.clock.advance(hours=49)
    deliver(story, "booked")

    assert promise(story, "booked").status == OutboxStatus.DEAD
    assert [alert.kind for alert in story.rows(Alert)] == ["dead_mail"]


def test_when_the_clinics_own_address_is_dead_it_ends_with_one_alert_each(story):
    story.booked()
    story.mailbox.answers = [NEVER] * 10

    story.work()

    assert {row.status for row in story.rows(OutboxMessage)} == {OutboxStatus.DEAD}
    about = sorted(alert.subject_ref for alert in story.rows(Alert))
    assert about == sorted(row.id for row in story.rows(OutboxMessage))
    assert len(about) == 2


def test_a_message_nobody_can_write_is_dead_with_an_alert(story):
    post_now(story, "birthday_greetings", "x")
    deliver(story, "birthday_greetings")
    assert promise(story, "birthday_greetings").status == OutboxStatus.DEAD


# -- only while true -------------------------------------------------------------------------


def test_a_confirmation_of_a_cancelled_booking_is_dropped(story):
    booking_id = story.booked()
    story.cancel(booking_id)

    story.work()

    assert promise(story, "booked").status == OutboxStatus.DROPPED
    assert story.mailbox.subjects == ["Cancelled: Tue 24 Nov, 10:00 am. You get $45.00 back"]


def test_a_late_confirmation_of_a_refunded_payment_shows_the_refund(story):
    # Given a payment that was refunded in full before the first mail got out
    booking_id = story.booked()
    story.mailbox.answers = [BUSY]
    deliver(story, "booked")
    story.refund(story.payment_of(booking_id).id, 4500)
    story.work()
    story.clock.advance(minutes=2)
    story.work()
    # Then neither mail nor paper says only "paid"
    [late] = [m for m in story.mailbox.messages if m["Subject"].startswith("Booked")]
    assert "Paid, less refunds: $0.00" in text_of(late)
    assert "Paid, less refunds $0.00" in paper_of(late)


def test_a_clinics_cancellation_says_sorry_everything_back_and_three_times(story):
    booking_id = story.booked()
    story.work()
    story.cancel(booking_id, by="clinic", actor=AS_ADMIN)

    story.work()

    [mail] = [one for one in story.mailbox.messages if one["Subject"].startswith("We had")]
    assert mail["Subject"] == "We had to cancel Tue 24 Nov, 10:00 am. You get everything back"
    assert text_of(mail).count("\n- ") == 3
    assert "METHOD:CANCEL" in str(mail.get_payload()[1].get_payload(decode=True))


def test_a_cancellation_too_late_for_money_promises_none(story):
    booking_id = story.booked()
    story.clock.at = story.time() - timedelta(minutes=30)
    story.cancel(booking_id)

    story.work()

    assert story.mailbox.subjects == ["Cancelled: Tue 24 Nov, 10:00 am"]
    assert "too late to get money back" in text_of(story.mailbox.messages[0])


@pytest.mark.planted
def test_a_refund_is_told_when_stripe_has_it_and_not_before(story):
    booking_id = story.booked()
    story.work()
    refund_id = story.refund(story.payment_of(booking_id).id, 1000)
    post_now(story, "refund_sent", refund_id, "early@example.org")
    deliver(story, "refund_sent")
    assert promise(story, "refund_sent").status == OutboxStatus.DROPPED

    story.work()

    assert story.mailbox.subjects[1:] == ["$10.00 refund on its way"]
    assert "Paid, less refunds: $35.00" in text_of(story.mailbox.messages[-1])


def test_a_refund_that_failed_before_it_was_told_is_told_as_failed(story):
    booking_id = story.booked(card=FAILING_REFUND)
    story.work()
    story.refund(story.payment_of(booking_id).id, 4500)
    for _ in range(3):
        story.wait(hours=2)
        story.deliver()

    assert story.refunds(booking_id)[-1].status == RefundStatus.FAILED
    assert "We need your help with your refund" in story.mailbox.subjects


def test_nobody_is_asked_to_pay_again_for_a_visit_that_is_paid(story):
    booking_id = story.booked()
    post_now(story, "payment_failed", story.payment_of(booking_id).id)

    deliver(story, "payment_failed")

    assert promise(story, "payment_failed").status == OutboxStatus.DROPPED
    assert story.mailbox.messages == []


def test_money_that_does_not_go_back_is_not_said_to(story):
    booking_id = story.booked()
    post_now(story, "paid_too_late", story.payment_of(booking_id).id)
    deliver(story, "paid_too_late")
    assert promise(story, "paid_too_late").status == OutboxStatus.DROPPED


# -- accounts --------------------------------------------------------------------------------


def link(story, kind: str, **given) -> str:
    """A one-time link of the patient."""
    values = {"id": "link-1", "kind": kind, "user_id": PATIENT, "created_at": story.clock()}
    values["expires_at"] = story.clock() + timedelta(minutes=30)
    with transaction("seed") as session:
        session.add(OneTimeLink(**(values | given)))
    return "link-1"


def test_a_link_for_a_new_password_is_sealed_and_says_until_when(story):
    post_now(story, "reset_password", link(story, "reset_password"))

    deliver(story, "reset_password")

    [message] = story.mailbox.messages
    found = re.search(r"http://127\.0\.0\.1:8000/reset/(\S+)", text_of(message))
    from efoy.gateways.seal import RESET_PASSWORD, Seal

    seal = Seal(story.app.extensions["efoy_settings"].secret_key)
    assert seal.read(RESET_PASSWORD, found.group(1)) == "link-1"


@pytest.mark.parametrize("spent", ["used", "too old", "of another address", "already confirmed"])
def test_a_link_that_would_not_work_is_not_sent(story, spent):
    kind = "confirm_address" if spent == "already confirmed" else "reset_password"
    given = {"used_at": story.clock()} if spent == "used" else {}
    given |= {"expires_at": story.clock()} if spent == "too old" else {}
    address = "someone@example.org" if spent == "of another address" else PROMISED
    post_now(story, kind, link(story, kind, **given), address)

    deliver(story, kind)

    assert promise(story, kind).status == OutboxStatus.DROPPED
    assert story.mailbox.messages == []


def test_the_owner_of_an_address_is_told_that_somebody_tried_it(story):
    post_now(story, "already_registered", f"{PATIENT}:1")
    deliver(story, "already_registered")
    assert story.mailbox.subjects == ["You already have an account"]
    assert "Almaz" not in text_of(story.mailbox.messages[0])


def test_an_alert_that_was_closed_meanwhile_is_not_mailed(story):
    from efoy.models.upkeep import close_alert, raise_alert

    with transaction("seed") as session:
        raise_alert(session, "parked_payment", "p1", "", now=story.clock())
        close_alert(session, "parked_payment", "p1", now=story.clock())
    deliver(story, "admin_alert")
    assert promise(story, "admin_alert").status == OutboxStatus.DROPPED

"""The database refuses nonsense too: one attempt to break each law."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from efoy.models import OutboxMessage
from efoy.models.base import db, transaction
from efoy.models.outbox import post
from tests.support.moves import DEARER, fee, top_up

LAWS = [
    ("a_hold_has_an_end", "UPDATE bookings SET hold_expires_at = NULL"),
    ("a_booking_has_a_known_status", "UPDATE bookings SET status = 'maybe'"),
    ("a_visit_runs_forward", "UPDATE bookings SET ends_at = starts_at"),
    ("a_booked_price_is_not_negative", "UPDATE bookings SET price_minor = -1"),
    ("a_payment_has_a_known_status", "UPDATE payments SET status = 'maybe'"),
    ("a_payment_has_a_known_method", "UPDATE payments SET method = 'goat'"),
    ("a_payment_is_positive", "UPDATE payments SET amount_minor = 0"),
    ("a_paid_payment_has_its_amount", "UPDATE payments SET captured_minor = NULL"),
    (
        "money_at_the_desk_is_taken_by_somebody",
        "UPDATE payments SET method = 'cash' WHERE status = 'paid'",
    ),
    (
        "money_at_the_desk_is_there_at_once",
        "UPDATE payments SET method = 'cash', taken_by = 'desk-ruth', status = 'expired'",
    ),
    ("a_free_visit_costs_nothing", "UPDATE bookings SET free_reason = 'kind'"),
    ("an_overbooking_is_somebodys", "UPDATE bookings SET overbooked_reason = 'urgent'"),
    ("a_user_has_one_known_role", "UPDATE users SET role = 'king'"),
    ("an_address_is_kept_in_lower_case", "UPDATE users SET email = 'A' || email"),
    ("there_is_one_clinic", "UPDATE clinic SET id = 2"),
    ("a_visit_has_a_length", "UPDATE services SET minutes = 0"),
    ("a_price_is_not_negative", "UPDATE services SET price_minor = -1"),
    ("hours_run_forward", "UPDATE opening_hours SET to_minute = from_minute"),
    ("a_weekday_is_one_of_seven", "UPDATE opening_hours SET weekday = 7"),
    ("a_payment_has_a_known_purpose", "UPDATE payments SET purpose = 'bribe'"),
    ("no claim without a booking", "UPDATE slot_claims SET booking_id = 'nobody'"),
    ("no booking without a doctor", "UPDATE bookings SET doctor_id = 99"),
]

COLUMNS_OF_BOOKINGS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = 'bookings' AND table_schema = 'public'
"""


@pytest.mark.parametrize(("law", "crime"), LAWS, ids=[law for law, _ in LAWS])
def test_a_law_is_kept(story, law, crime):
    story.booked()
    story.hold(story.time(26))

    with pytest.raises(IntegrityError):
        story.run_sql(crime)


@pytest.mark.parametrize("table", ["ledger_entries", "audit_entries", "receipts"])
@pytest.mark.parametrize("crime", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_what_was_written_stays_written(story, table, crime):
    story.booked()
    column = {"ledger_entries": "minor", "audit_entries": "role", "receipts": "kind"}[table]

    with pytest.raises(DatabaseError, match="append-only"):
        story.run_sql(crime.format(table, column, column))


def test_one_open_payment_per_booking(story):
    held = story.hold()
    story.open(held.id)

    with pytest.raises(IntegrityError):
        story.run_sql(
            "INSERT INTO payments (id, booking_id, method, status, amount_minor, currency,"
            " idempotency_key, params, live, created_at)"
            " SELECT 'second', booking_id, method, 'creating', amount_minor, currency,"
            " 'second', params, live, created_at FROM payments"
        )


@pytest.mark.planted
def test_one_pending_move_per_booking(story):
    key = story.booked()
    fee(story, DEARER)
    moved = top_up(story, key)

    with pytest.raises(IntegrityError):
        story.run_sql(
            "INSERT INTO booking_moves (id, booking_id, status, from_doctor_id, from_starts_at,"
            " from_ends_at, from_price_minor, doctor_id, starts_at, ends_at, busy_until,"
            " window_starts_at, window_ends_at, price_minor, currency, tax_label,"
            " tax_basis_points, back_minor, moved_by, payment_id, created_at, why)"
            " SELECT 'second', booking_id, status, from_doctor_id, from_starts_at,"
            " from_ends_at, from_price_minor, doctor_id, starts_at, ends_at, busy_until,"
            " window_starts_at, window_ends_at, price_minor, currency, tax_label,"
            " tax_basis_points, back_minor, moved_by, :paid, created_at, why FROM booking_moves",
            paid=next(row.id for row in story.payments(key) if row.id != moved.payment_id),
        )


@pytest.mark.planted
def test_one_promise_per_cause(story):
    for _ in range(2):
        with transaction("seed") as session:
            post(session, "booked", "booking-1", "almaz@example.org", now=story.clock())

    assert len(story.rows(OutboxMessage)) == 1


@pytest.mark.planted
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_on_postgresql_two_live_bookings_never_overlap_even_without_claims(story):
    story.hold()
    with db.engine.connect() as connection:
        columns = list(connection.scalars(text(COLUMNS_OF_BOOKINGS)))
    copied = {column: column for column in columns} | {"id": "'another'", "ref": "'XXX-XXX'"}

    with pytest.raises(IntegrityError, match="no_two_live_bookings_overlap"):
        story.run_sql(
            f"INSERT INTO bookings ({', '.join(copied)}) SELECT {', '.join(copied.values())}"
            " FROM bookings"
        )


LAWS_OF_REFUNDS = [
    ("what_needs_two_waits_for_two", "UPDATE refunds SET first_by = actor_id"),
    ("money_by_hand_has_a_hand", "UPDATE refunds SET way = 'cash'"),
    ("a_refund_has_a_known_way", "UPDATE refunds SET way = 'pigeon', handed_by = 'x'"),
    ("a_clinics_limit_is_not_negative", "UPDATE clinic SET refund_limit_minor = -1"),
    ("a_persons_limit_is_not_negative", "UPDATE users SET refund_limit_minor = -1"),
]


@pytest.mark.parametrize(("law", "crime"), LAWS_OF_REFUNDS, ids=[law for law, _ in LAWS_OF_REFUNDS])
def test_a_law_of_refunds_is_kept(story, law, crime):
    story.refund(story.payment_of(story.booked()).id, 1000)

    with pytest.raises(IntegrityError):
        story.run_sql(crime)


def test_a_second_person_is_another(story):
    story.refund(story.payment_of(story.booked()).id, 1000)

    with pytest.raises(IntegrityError):
        story.run_sql("UPDATE refunds SET first_by = actor_id, decided_by = actor_id")

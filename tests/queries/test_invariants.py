"""Does the checker see each break? Every law has its breaks planted past the house."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import bindparam, text

from efoy.models import db
from efoy.models.types import UtcDateTime
from efoy.queries.invariants import LAWS, View, check
from efoy.services.audit import seal_audit
from tests.support.moves import DEARER, SAMUEL, fee, move


@dataclass(frozen=True)
class Plant:
    """A break of one law: what to write, and what is needed to see it."""

    code: str
    what: str
    sql: tuple[str, ...]
    sqlite_only: bool = False
    at_rest: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def plant(code: str, what: str, *sql: str, **more: Any) -> Plant:
    return Plant(code, what, sql, **more)


LIKE_B = (
    "starts_at = (SELECT starts_at FROM bookings WHERE id = :booked), "
    "ends_at = (SELECT ends_at FROM bookings WHERE id = :booked)"
)
PLANTS = (
    plant(
        "H1",
        "a fee that begins at midnight elsewhere",
        "INSERT INTO service_prices (service_id, minor, valid_from, starts_at, created_at) VALUES "
        "(1, 5000, '2026-12-01', '2026-12-01 00:00:00', '2026-11-01 00:00:00')",
    ),
    plant(
        "H2",
        "rules that left a service behind",
        "INSERT INTO refund_policies (name, version, rungs, approval_mode, created_at, first_id) "
        "VALUES ('Standard', 2, '[]', 'approval', '2026-11-01 00:00:00', 1)",
    ),
    plant(
        "B1",
        "two live bookings at once",
        f"UPDATE bookings SET doctor_id = (SELECT doctor_id FROM bookings WHERE id = :booked), "
        f"{LIKE_B} WHERE id = :held",
    ),
    plant(
        "B2",
        "a patient in two places",
        f"UPDATE bookings SET holder = (SELECT holder FROM bookings WHERE id = :booked), "
        f"{LIKE_B} WHERE id = :held",
    ),
    plant(
        "B2",
        "too many holds",
        "UPDATE bookings SET holder = 'patient-almaz', status = 'held'",
    ),
    plant(
        "B3",
        "outside the hours",
        "UPDATE bookings SET window_ends_at = starts_at WHERE id = :booked",
    ),
    plant("B3", "no such zone", "UPDATE bookings SET zone = 'Mars/Olympus' WHERE id = :booked"),
    plant(
        "B4",
        "a status nobody stepped into",
        "UPDATE bookings SET status = 'attended' WHERE id = :booked",
    ),
    plant("B4", "a status of nowhere", "UPDATE bookings SET status = 'weird' WHERE id = :booked"),
    plant(
        "B4",
        "a step that is no edge",
        "UPDATE audit_entries SET before = 'cancelled' WHERE object_id = :booked AND after = "
        "'confirmed'",
    ),
    plant(
        "B5", "a hold without end", "UPDATE bookings SET hold_expires_at = NULL WHERE id = :held"
    ),
    plant(
        "B5",
        "a hold for days",
        "UPDATE bookings SET hold_expires_at = :far WHERE id = :held",
    ),
    plant(
        "B5",
        "a hold past its end",
        "UPDATE bookings SET hold_expires_at = :long_ago WHERE id = :held",
    ),
    plant(
        "B5",
        "given up while payable",
        "UPDATE payments SET status = 'open', checkout_expires_at = :far WHERE booking_id = "
        ":expired",
    ),
    plant(
        "B6",
        "confirmed for too little",
        "UPDATE payments SET captured_minor = 100 WHERE id = :payment",
    ),
    plant(
        "B7",
        "another price",
        "UPDATE bookings SET price_minor = price_minor + 1 WHERE id = :booked",
    ),
    plant("B7", "a receipt of another amount", "UPDATE receipts SET content = '{\"amount\": 1}'"),
    plant(
        "B8",
        "a visit that is not where it was moved to",
        "UPDATE booking_moves SET starts_at = :far WHERE booking_id = :moved",
    ),
    plant(
        "B8",
        "a move from where the visit was not",
        "INSERT INTO booking_moves SELECT 'another', booking_id, status, doctor_id, starts_at,"
        " ends_at, from_price_minor, doctor_id, starts_at, ends_at, busy_until,"
        " window_starts_at, window_ends_at, place, price_minor, currency, tax_label,"
        " tax_basis_points, back_minor, moved_by, NULL, NULL, created_at, sequence + 1, ended_at,"
        " why FROM booking_moves WHERE booking_id = :moved",
    ),
    plant(
        "B8",
        "a move that waits for a payment that is over",
        "UPDATE payments SET status = 'expired' WHERE booking_id = :waiting AND purpose = 'top_up'",
    ),
    plant(
        "B8",
        "a new time that is not held",
        "DELETE FROM slot_claims WHERE booking_id = :waiting AND doctor_id = 2",
    ),
    plant(
        "B9",
        "cells of a new time that nobody waits for",
        "UPDATE booking_moves SET status = 'dropped' WHERE booking_id = :waiting",
    ),
    plant(
        "M3",
        "a dearer time that nobody paid for",
        "UPDATE booking_moves SET payment_id = NULL WHERE booking_id = :moved",
    ),
    plant(
        "M3",
        "a top-up that moved nothing",
        "UPDATE booking_moves SET status = 'dropped' WHERE booking_id = :moved",
    ),
    plant(
        "M3",
        "more given back than the time is cheaper",
        "UPDATE booking_moves SET back_minor = 1 WHERE booking_id = :moved",
    ),
    plant(
        "N3",
        "a mail about somebody else's move",
        "UPDATE outbox_messages SET address = 'other@example.org' WHERE kind = 'moved'",
    ),
    plant(
        "B9",
        "cells of an expired booking",
        "UPDATE slot_claims SET booking_id = :expired WHERE booking_id = :held",
    ),
    plant("B9", "no cells", "DELETE FROM slot_claims WHERE booking_id = :booked"),
    plant(
        "B9",
        "cells of another doctor",
        "UPDATE slot_claims SET doctor_id = doctor_id + 10 WHERE booking_id = :booked",
    ),
    plant(
        "B9",
        "cells of nobody",
        "UPDATE slot_claims SET booking_id = 'nobody' WHERE booking_id = :booked",
    ),
    plant(
        "M1",
        "half a cent",
        "UPDATE bookings SET price_minor = 45.5 WHERE id = :booked",
        sqlite_only=True,
    ),
    plant("M1", "no such money", "UPDATE bookings SET currency = 'ZZ' WHERE id = :booked"),
    plant(
        "M3",
        "money for an expired time",
        "UPDATE bookings SET status = 'expired' WHERE id = :booked",
    ),
    plant("M3", "parked in silence", "UPDATE payments SET status = 'parked' WHERE id = :payment"),
    plant(
        "M4",
        "paid twice",
        "UPDATE payments SET status = 'paid', captured_minor = 4500, booking_id = :booked "
        "WHERE booking_id = :expired",
    ),
    plant("M5", "more back than came", "UPDATE refunds SET amount_minor = 999999"),
    plant("M5", "back in other money", "UPDATE refunds SET currency = 'EUR'"),
    plant(
        "M6",
        "out of balance",
        "UPDATE ledger_entries SET minor = minor - 1 WHERE account = 'visit_income' AND "
        "payment_id = :payment",
    ),
    plant("M6", "no cause", "UPDATE ledger_entries SET cause = 'thin air:' || id"),
    plant("M6", "not booked", "DELETE FROM ledger_entries WHERE payment_id = :payment"),
    plant(
        "M6",
        "a refund not booked",
        "DELETE FROM ledger_entries WHERE cause = 'refund:' || :refund",
    ),
    plant(
        "M7",
        "a fee the books do not know",
        "UPDATE payments SET fee_minor = 77, settled_currency = currency WHERE id = :payment",
    ),
    plant(
        "M8",
        "a key of another row",
        "UPDATE payments SET idempotency_key = 'another' WHERE id = :payment",
    ),
    plant(
        "M8",
        "a refund's other key",
        "UPDATE refunds SET idempotency_key = 'another' WHERE id = :refund",
    ),
    plant("M9", "rebuilt parameters", "UPDATE payments SET params = '{}' WHERE id = :payment"),
    plant(
        "M9",
        "two open checkouts",
        "UPDATE payments SET status = 'open', booking_id = :booked",
    ),
    plant(
        "M9",
        "no checkout at Stripe",
        "UPDATE payments SET checkout_ref = NULL WHERE id = :payment",
    ),
    plant("R1", "foreign and ours", "UPDATE refunds SET origin = 'external'"),
    plant("R1", "succeeded nowhere", "UPDATE refunds SET refund_ref = NULL"),
    plant("R1", "sent before asked for", "UPDATE refunds SET submitted_at = :long_ago"),
    plant("R2", "succeeded without a time", "UPDATE refunds SET succeeded_at = NULL"),
    plant("R2", "failed in silence", "UPDATE refunds SET status = 'failed'"),
    plant("R3", "nobody asked", "UPDATE refunds SET actor_id = NULL"),
    plant("R3", "more than was there", "UPDATE refunds SET available_minor = 1"),
    plant("R3", "a role that may not", "UPDATE refunds SET actor_role = 'desk'"),
    plant(
        "R3",
        "one person instead of two",
        "UPDATE refunds SET first_by = actor_id, decided_by = actor_id WHERE id = :refund",
    ),
    plant(
        "R3",
        "no second person at all",
        "UPDATE refunds SET first_by = actor_id, decided_by = NULL WHERE id = :refund",
    ),
    plant(
        "R3",
        "approved by the desk",
        "UPDATE audit_entries SET event = 'approve', role = 'desk' WHERE object_id = :refund",
    ),
    plant(
        "R3",
        "handed over past the books",
        "UPDATE refunds SET way = 'cash', handed_by = 'Ruth', refund_ref = NULL WHERE id = :refund",
    ),
    plant(
        "R3",
        "handed over by nobody",
        "UPDATE refunds SET way = 'cash', handed_by = NULL WHERE id = :refund",
    ),
    plant(
        "E1", "forgotten", "UPDATE stripe_events SET status = 'received', received_at = :long_ago"
    ),
    plant("E1", "parked in silence", "UPDATE stripe_events SET status = 'parked'"),
    plant("E1", "done without a time", "UPDATE stripe_events SET done_at = NULL"),
    plant(
        "E2",
        "paid unseen",
        "UPDATE audit_entries SET facts = '{}' WHERE object = 'payment' AND after = 'paid'",
    ),
    plant(
        "E2",
        "refunded unseen",
        "UPDATE audit_entries SET facts = '{}' WHERE object = 'refund' AND after = 'succeeded'",
    ),
    plant(
        "E3",
        "booked twice",
        "INSERT INTO ledger_entries (transaction_id, account, minor, currency, cause, "
        "payment_id, at) "
        "SELECT 'again', 'again_' || account, minor, currency, cause, payment_id, at FROM "
        "ledger_entries "
        "WHERE payment_id = :payment",
    ),
    plant(
        "E3",
        "two receipts",
        "INSERT INTO receipts (number, kind, payment_id, content, issued_at) "
        "SELECT 'R-2026-999999', kind, payment_id, content, issued_at FROM receipts WHERE "
        "payment_id = :payment AND kind = 'receipt'",
    ),
    plant(
        "E3",
        "paid twice over",
        "INSERT INTO audit_entries (at, object, object_id, event, before, after, role, door, "
        "facts) "
        "SELECT at, object, object_id, event, before, after, role, door, facts FROM audit_entries "
        "WHERE object = 'payment' AND after = 'paid'",
    ),
    plant(
        "N1",
        "promised twice",
        "INSERT INTO outbox_messages (id, kind, subject_ref, address, locale, facts, status, "
        "attempts, created_at, due_at) "
        "SELECT 'again', kind, subject_ref, UPPER(address), locale, facts, status, attempts, "
        "created_at, due_at "
        "FROM outbox_messages WHERE kind = 'booked' AND subject_ref = :booked",
    ),
    plant("N2", "booked and never paid", "UPDATE bookings SET confirmed_at = NULL"),
    plant("N2", "sent before it was sent", "UPDATE refunds SET status = 'requested'"),
    plant(
        "N2",
        "a receipt without money",
        "UPDATE payments SET status = 'failed' WHERE id = :payment",
    ),
    plant("N2", "a paper vanished", "DELETE FROM receipts WHERE payment_id = :payment"),
    plant(
        "N3",
        "to somebody else",
        "UPDATE outbox_messages SET address = 'other@example.org' WHERE kind = 'booked'",
    ),
    plant(
        "N3",
        "about nothing",
        "UPDATE outbox_messages SET subject_ref = 'nothing' || id WHERE kind = 'refund_sent'",
    ),
    plant("N4", "forgotten", "UPDATE outbox_messages SET status = 'new', created_at = :long_ago"),
    plant("N4", "dead in silence", "UPDATE outbox_messages SET status = 'dead'"),
    plant(
        "N4", "sent without a time", "UPDATE outbox_messages SET status = 'sent', sent_at = NULL"
    ),
    plant(
        "A1",
        "a payment's status without its entry",
        "UPDATE payments SET status = 'expired' WHERE id = :payment",
    ),
    plant("A1", "a refund's status without its entry", "UPDATE refunds SET status = 'failed'"),
    plant(
        "A1",
        "a missing entry",
        "DELETE FROM audit_seals",
        "DELETE FROM audit_entries WHERE object = 'payment' AND after = 'open'",
    ),
    plant(
        "A1",
        "a rewritten entry",
        "UPDATE audit_entries SET role = 'desk' WHERE object_id = :booked",
    ),
    plant(
        "R5",
        "less asked for than was quoted",
        "UPDATE refunds SET amount_minor = 4400 WHERE form_token LIKE 'cancel:%'",
    ),
    plant(
        "R5",
        "another amount quoted than the rules give",
        "UPDATE refunds SET amount_minor = 4400 WHERE form_token LIKE 'cancel:%'",
        "UPDATE bookings SET quoted_minor = 4400 WHERE id = :cancelled",
    ),
    plant(
        "R5",
        "a quote that was too old",
        "UPDATE bookings SET quoted_at = :long_ago WHERE id = :cancelled",
    ),
    plant(
        "R5",
        "a patient who was quoted nothing",
        "UPDATE bookings SET cancelled_by = 'patient', confirmed_at = held_at"
        " WHERE status = 'cancelled'",
        "DELETE FROM refunds WHERE form_token LIKE 'cancel:%'",
        "UPDATE bookings SET quoted_minor = NULL, quoted_at = NULL WHERE id = :cancelled",
    ),
    plant(
        "R5",
        "a refund nobody agreed to",
        "UPDATE refunds SET status = 'submitted' WHERE form_token LIKE 'cancel:%'",
    ),
    plant("A1", "a link taken out", "DELETE FROM audit_seals WHERE position = 2"),
    plant("A1", "entries outside the chain", "DELETE FROM audit_seals", at_rest=True),
    plant("A1", "nobody's entry", "UPDATE audit_entries SET door = '' WHERE object_id = :booked"),
    plant(
        "L1",
        "a checkout nobody closes",
        "UPDATE payments SET status = 'closing', checkout_expires_at = :long_ago WHERE id = "
        ":payment",
    ),
    plant(
        "L1",
        "a creation cut short",
        "UPDATE payments SET status = 'creating', created_at = :long_ago WHERE id = :payment",
    ),
    plant(
        "L1",
        "a bank that is silent for months",
        "UPDATE payments SET status = 'processing', created_at = :long_ago WHERE id = :payment",
    ),
    plant(
        "L1",
        "a refund nobody sends",
        "UPDATE refunds SET status = 'requested', created_at = :long_ago",
    ),
    plant(
        "L1",
        "a refund in doubt",
        "UPDATE refunds SET status = 'submitted', refund_ref = NULL, submitted_at = :long_ago",
    ),
    plant("L1", "a mail at rest", "UPDATE outbox_messages SET status = 'new'", at_rest=True),
)


def told(story) -> dict[str, str]:
    """A clinic's day with something of everything; the ids the plants speak of."""
    expired = story.hold(story.time(30), doctor="samuel-mwangi").id
    story.open(expired)
    story.wait(minutes=55)
    booked = story.booked()
    payment = story.payment_of(booked).id
    cancelled = story.booked(story.time(48))
    story.cancel(cancelled)
    refund = story.refund(payment, 1000)
    story.work()
    story.deliver()
    story.work()
    fee(story, DEARER)
    moved = story.booked(story.time(73))
    paid = move(story, moved, story.time(74), doctor=SAMUEL)
    story.box.pay(paid.page.checkout_ref)
    story.settle(paid.payment_id)
    waiting = story.booked(story.time(97))
    move(story, waiting, story.time(98), doctor=SAMUEL)
    fee(story, 4500)
    held = story.hold(
        story.time(26), doctor="samuel-mwangi", email="daniel@example.org", name="Daniel Kebede"
    ).id
    seal_audit(now=story.clock())
    return {
        "booked": booked,
        "payment": payment,
        "cancelled": cancelled,
        "refund": refund,
        "held": held,
        "expired": expired,
        "moved": moved,
        "waiting": waiting,
    }


def test_a_clinic_that_keeps_its_laws_shows_no_violation(story):
    told(story)

    found = check(now=story.clock(), whole_chain=True)

    assert [str(violation) for violation in found] == []


def test_at_rest_nothing_waits(story):
    told(story)
    story.wait(hours=1)
    story.deliver()
    story.drain()

    found = check(now=story.clock(), at_rest=True)

    assert [str(violation) for violation in found] == []


def test_every_planted_break_is_found(story):
    ids = told(story)
    missed = []

    for each in PLANTS:
        if each.sqlite_only and db.engine.dialect.name != "sqlite":
            continue
        codes = codes_after(each, ids, story.clock())
        if each.code not in codes:
            missed.append(f"{each.code} {each.what}: found only {sorted(codes)}")

    assert missed == []


ELSEWHERE = {"B10", "B11", "W1"}
"""Planted in the files beside this one, with more of a story."""


def test_every_law_has_a_planted_break():
    assert {law.code for law in LAWS} - ELSEWHERE == {each.code for each in PLANTS}


def test_after_all_that_planting_nothing_is_left(story):
    ids = told(story)
    codes_after(PLANTS[0], ids, story.clock())

    assert check(now=story.clock()) == []


def codes_after(each: Plant, ids: dict[str, str], now: datetime) -> set[str]:
    """The codes found once the break is planted; everything is rolled back."""
    values = ids | {"far": now + timedelta(days=2), "long_ago": now - timedelta(days=70)}
    with loosened() as connection:
        for sql in each.sql:
            used = {name: value for name, value in values.items() if f":{name}" in sql}
            instants = [
                bindparam(name, type_=UtcDateTime())
                for name, value in used.items()
                if isinstance(value, datetime)
            ]
            planted = connection.execute(text(sql).bindparams(*instants), used)
            assert planted.rowcount > 0, f"{each.what}: nothing was planted"
        later = now + timedelta(minutes=30) if each.at_rest else now
        view = View(connection, now=later, at_rest=each.at_rest, whole_chain=True)
        return {violation.code for law in LAWS for violation in law.broken(view)}


@contextmanager
def loosened():
    """A transaction in which the database refuses nothing; rolled back at the end."""
    with db.engine.connect() as connection:
        run = partial(_run, connection)
        if connection.dialect.name == "sqlite":
            run("PRAGMA ignore_check_constraints=ON")
            run("PRAGMA defer_foreign_keys=ON")
            where = "type = 'trigger' OR (type = 'index' AND sql LIKE 'CREATE UNIQUE%')"
            for kind, name in run(f"SELECT type, name FROM sqlite_master WHERE {where}").all():
                run(f"DROP {kind} {name}")
        else:
            _loosen_postgresql(run)
        try:
            yield connection
        finally:
            connection.rollback()
            if connection.dialect.name == "sqlite":
                run("PRAGMA ignore_check_constraints=OFF")


def _run(connection, sql: str):
    return connection.execute(text(sql))


def _loosen_postgresql(run) -> None:
    constraints = (
        "SELECT CAST(CAST(conrelid AS regclass) AS text), conname FROM pg_constraint "
        "WHERE contype IN ('c', 'x', 'f') AND connamespace = CAST('public' AS regnamespace)"
    )
    for table, name in run(constraints).all():
        run(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}" CASCADE')
    partial = (
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE "
        "'CREATE UNIQUE%WHERE%'"
    )
    for (name,) in run(partial).all():
        run(f'DROP INDEX "{name}"')
    for table in ("ledger_entries", "receipts", "audit_entries", "audit_seals"):
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")


@pytest.mark.parametrize("at_rest", [False, True])
def test_a_law_speaks_in_one_line(story, at_rest):
    ids = told(story)
    with loosened() as connection:
        connection.execute(
            text("UPDATE bookings SET zone = 'Mars/Olympus' WHERE id = :booked"), ids
        )
        view = View(connection, now=story.clock(), at_rest=at_rest)

        lines = [str(broken) for law in LAWS for broken in law.broken(view) if law.code == "B3"]

    assert lines == [f"B3 {ids['booked']}: its zone Mars/Olympus does not exist"]

"""What rows does one load booking leave behind? The same as the services would, told at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from efoy.domain.receipt import number as paper_number
from efoy.domain.reference import ALPHABET
from efoy.domain.slot import cells
from efoy.models.audit import link
from efoy.services.load.bulk import Shelf
from efoy.services.load.times import MINUTES, Time

PRICE, FEE = 4500, 160
HOLD, MINUTE = timedelta(minutes=15), timedelta(minutes=1)
CHECKOUT = timedelta(minutes=35)
_SPREAD, _ROOM = 387_420_489, len(ALPHABET) ** 6
"""Walks through all references without meeting one twice (the step has no factor in common)."""


class Entry(NamedTuple):
    """One audit entry, by the names of its columns."""

    seq: int
    at: datetime
    object: str
    object_id: str
    event: str
    before: str | None
    after: str
    actor_id: str | None
    role: str
    door: str
    request_id: str | None
    facts: dict[str, Any]


def shelf() -> Shelf:
    """The tables a booking touches, in the order of their foreign keys."""
    return Shelf(
        bookings="id ref patient_id visitor_name visitor_email visitor_phone locale doctor_id"
        " service_id starts_at ends_at busy_until window_starts_at window_ends_at zone status"
        " held_at hold_expires_at price_minor currency tax_label tax_basis_points policy reason"
        " confirmed_at cancel_reason calendar_sequence".split(),
        slot_claims="doctor_id cell_at booking_id".split(),
        payments="id booking_id method status amount_minor currency idempotency_key params live"
        " created_at checkout_expires_at checkout_ref checkout_url intent_ref charge_ref"
        " captured_minor paid_at card_brand card_last4 fee_minor net_minor"
        " settled_currency".split(),
        ledger_entries="transaction_id account minor currency cause payment_id at".split(),
        receipts="number kind payment_id content issued_at".split(),
        audit_entries=list(Entry._fields),
        audit_seals="position seq hash".split(),
    )


def reference(number: int) -> str:
    """The public reference of the ``number``-th load booking."""
    rest, letters = number * _SPREAD % _ROOM, []
    for _ in range(6):
        rest, digit = divmod(rest, len(ALPHABET))
        letters.append(ALPHABET[digit])
    return f"{''.join(letters[:3])}-{''.join(letters[3:])}"


@dataclass(kw_only=True)
class Writer:
    """Puts the rows of bookings on a shelf; knows the running numbers."""

    zone: ZoneInfo
    doctors: list[int]
    patients: list[str]
    paid_service: int
    free_service: int
    policy: str
    content: dict[str, Any]
    now: datetime
    seq: int
    position: int
    chain: str
    papers: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    rows: Shelf = field(default_factory=shelf)

    def done(self, number: int, time: Time, *, paid: bool) -> None:
        """A booking that was made and, in the past, attended; with a payment or free."""
        booking, held_at = f"loadb{number:021d}", self._held_at(time)
        past = time.ends_at < self.now
        self._booking(
            booking, number, time, "attended" if past else "confirmed", held_at, paid=paid
        )
        self._audit("booking", booking, "begin", None, "held", held_at)
        if paid:
            self._paid(number, booking, held_at)
        self._audit("booking", booking, "pay", "held", "confirmed", held_at + 4 * MINUTE)
        if past:
            self._audit("booking", booking, "attend", "confirmed", "attended", time.starts_at)
        else:
            self._claims(booking, time)

    def waiting(self, number: int, time: Time) -> None:
        """A booking that is being paid for: its checkout is open."""
        booking, held_at = f"loadb{number:021d}", self.now - 5 * MINUTE
        self._booking(booking, number, time, "held", held_at, paid=True)
        self._claims(booking, time)
        self._audit("booking", booking, "begin", None, "held", held_at)
        payment = self._payment(number, booking, held_at, paid=False)
        self._audit("payment", payment, "begin", None, "creating", held_at)
        self._opened(payment, number, held_at)

    def _held_at(self, time: Time) -> datetime:
        """Three days before, and never in the future."""
        return min(time.starts_at - timedelta(days=3), self.now - timedelta(days=1))

    def _booking(
        self, key: str, number: int, time: Time, status: str, held_at: datetime, *, paid: bool
    ) -> None:
        who = number % len(self.patients)
        ends = (held_at + (CHECKOUT if status == "held" else HOLD)).replace(microsecond=0)
        self.rows.add(
            "bookings",
            *(key, reference(number), self.patients[who], f"Patient {who}"),
            *(f"patient{who}@load.test", "", "en", self.doctors[time.doctor]),
            *(self.paid_service if paid else self.free_service, time.starts_at, time.ends_at),
            *(time.ends_at, time.opens_at, time.closes_at, self.zone.key, status, held_at, ends),
            *(PRICE if paid else 0, "USD", "", 0, self.policy, ""),
            *(None if status == "held" else held_at + 4 * MINUTE, "", 0),
        )

    def _claims(self, booking: str, time: Time) -> None:
        for cell in cells(time.starts_at, time.ends_at):
            self.rows.add("slot_claims", self.doctors[time.doctor], cell, booking)

    def _payment(self, number: int, booking: str, at: datetime, *, paid: bool) -> str:
        key, ends = f"loadp{number:021d}", (at + CHECKOUT).replace(microsecond=0)
        price = {"currency": "usd", "unit_amount": PRICE}
        params = {
            "client_reference_id": key,
            "line_items": [{"quantity": 1, "price_data": price}],
            "expires_at": int(ends.timestamp()),
        }
        ref = f"{number:012d}"
        self.rows.add(
            "payments",
            *(key, booking, "stripe", "paid" if paid else "open", PRICE, "USD"),
            *(f"efoy:cs:{key}", params, False, at, ends, f"cs_test_load_{ref}", None),
            *((f"pi_load_{ref}", f"ch_load_{ref}", PRICE) if paid else (None, None, None)),
            *((at + 4 * MINUTE, "visa", "4242") if paid else (None, None, None)),
            *((FEE, PRICE - FEE, "USD") if paid else (None, None, None)),
        )
        return key

    def _opened(self, payment: str, number: int, at: datetime) -> None:
        facts = {"seen": f"cs_test_load_{number:012d}"}
        self._audit("payment", payment, "opened", "creating", "open", at + MINUTE, facts)

    def _paid(self, number: int, booking: str, at: datetime) -> None:
        payment, then = self._payment(number, booking, at, paid=True), at + 4 * MINUTE
        self._audit("payment", payment, "begin", None, "creating", at)
        self._opened(payment, number, at)
        facts = {"seen": f"cs_test_load_{number:012d}", "funds": "paid", "state": "complete"}
        facts |= {"amount": PRICE, "currency": "USD", "how": "return"}  # type: ignore[dict-item]
        self._audit("payment", payment, "pay", "open", "paid", then, facts)
        self._books(number, payment, then)
        year = then.astimezone(self.zone).year
        self.papers[year] += 1
        paper = paper_number("receipt", year, self.papers[year])
        content = self.content | {"booking_ref": reference(number), "paid_at": then.isoformat()}
        self.rows.add("receipts", paper, "receipt", payment, content, then)

    def _books(self, number: int, payment: str, at: datetime) -> None:
        for mark, cause, minor, debit, credit in (
            ("c", "charge", PRICE, "stripe_balance", "visit_income"),
            ("f", "fee", FEE, "stripe_fees", "stripe_balance"),
        ):
            key, why = f"load{mark}{number:021d}", f"{cause}:{payment}"
            self.rows.add("ledger_entries", key, debit, minor, "USD", why, payment, at)
            self.rows.add("ledger_entries", key, credit, -minor, "USD", why, payment, at)

    def _audit(
        self,
        kind: str,
        key: str,
        event: str,
        before: str | None,
        after: str,
        at: datetime,
        facts: dict[str, Any] | None = None,
    ) -> None:
        self.seq, self.position = self.seq + 1, self.position + 1
        entry = Entry(
            self.seq,
            at.astimezone(UTC),
            kind,
            key,
            event,
            before,
            after,
            None,
            "system",
            "cli",
            None,
            facts or {},
        )
        self.chain = link(self.chain, entry)
        self.rows.add("audit_entries", *entry)
        self.rows.add("audit_seals", self.position, self.seq, self.chain)


def receipt_content(clinic: dict[str, Any]) -> dict[str, Any]:
    """What stands on every load receipt."""
    return clinic | {
        "patient_name": "Load Patient",
        "doctor_name": "Load Doctor",
        "service_name": "Load visit",
        "minutes": MINUTES,
        "visit_at": "",
        "amount": PRICE,
        "currency": "USD",
        "tax_label": "",
        "tax_basis_points": 0,
        "method": "stripe",
        "card": "Visa ending 4242",
    }

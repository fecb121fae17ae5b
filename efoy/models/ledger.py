"""What moved, and which number did the paper get? Append-only; each transaction sums to zero."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from efoy.domain import receipt as paper
from efoy.models.audit import Sequence
from efoy.models.base import Base, new_id
from efoy.models.types import UtcDateTime

STRIPE_BALANCE = "stripe_balance"
DESK_CASH = "desk_cash"
DESK_TERMINAL = "desk_terminal"
CLINIC_BANK = "clinic_bank"
VISIT_INCOME = "visit_income"
STRIPE_FEES = "stripe_fees"
REFUNDS_PAID = "refunds_paid"
DISPUTES_LOST = "disputed"


class LedgerEntry(Base):
    """One signed, never edited amount in minor units; plus is debit, minus is credit."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("cause", "account", name="one_entry_per_cause_and_account"),
        CheckConstraint("minor <> 0", name="an_entry_moves_something"),
        Index("ix_ledger_entries_payment", "payment_id"),
        Index("ix_ledger_entries_at", "at"),
    )

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    transaction_id: Mapped[str] = mapped_column(String(26), index=True)
    account: Mapped[str] = mapped_column(String(24))
    minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    cause: Mapped[str] = mapped_column(String(120))
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def write_ledger(
    session: Session,
    *,
    cause: str,
    payment_id: str,
    currency: str,
    amounts: Mapping[str, int],
    now: datetime,
) -> None:
    """Write one balanced transaction (account to signed minor units); zero amounts are left out.

    A second write for the same cause breaks ``one_entry_per_cause_and_account``.
    """
    if sum(amounts.values()) != 0:
        raise ValueError(f"{cause} does not balance")
    transaction_id = new_id()
    for account, minor in amounts.items():
        if minor:
            session.add(
                LedgerEntry(
                    transaction_id=transaction_id,
                    account=account,
                    minor=minor,
                    currency=currency,
                    cause=cause,
                    payment_id=payment_id,
                    at=now,
                )
            )


_OF_PAYMENT = text("kind = 'receipt'")


class Receipt(Base):
    """A numbered paper, content frozen: a receipt for money in, a credit note for money back."""

    __tablename__ = "receipts"
    __table_args__ = (
        CheckConstraint("kind IN ('receipt', 'credit_note')", name="a_paper_has_a_known_kind"),
        Index(
            "one_receipt_per_payment",
            "payment_id",
            unique=True,
            sqlite_where=_OF_PAYMENT,
            postgresql_where=_OF_PAYMENT,
        ),
    )

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    refund_id: Mapped[str | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReceiptCounter(Base):
    """The last number given, a kind and year. Locked while a number is given: no gaps."""

    __tablename__ = "receipt_counters"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)


def next_number(session: Session, kind: str, year: int) -> str:
    """The next gap-free number; the lock is held until the caller's transaction ends."""
    query = select(ReceiptCounter).where(ReceiptCounter.kind == kind, ReceiptCounter.year == year)
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        _start_counter(session, kind, year)
        row = session.scalars(query.with_for_update()).one()
    row.last += 1
    return paper.number(kind, year, row.last)


def _start_counter(session: Session, kind: str, year: int) -> None:
    """Two first receipts of a year may race: one starts the counter, both then lock it."""
    session.execute(
        text(
            "INSERT INTO receipt_counters (kind, year, last) VALUES (:kind, :year, 0)"
            " ON CONFLICT DO NOTHING"
        ),
        {"kind": kind, "year": year},
    )

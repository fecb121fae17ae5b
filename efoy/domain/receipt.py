"""What does a receipt say? A value, frozen as JSON when its number is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ReceiptContent:
    """Everything printed on a receipt, as it stood when the money came in.

    Amounts are minor units of ``currency``; instants are ISO 8601 in UTC.
    """

    clinic_name: str
    clinic_address: str
    clinic_phone: str
    clinic_email: str
    clinic_tax_text: str
    zone: str
    patient_name: str
    booking_ref: str
    doctor_name: str
    service_name: str
    minutes: int
    visit_at: str
    paid_at: str
    amount: int
    currency: str
    tax_label: str
    tax_basis_points: int
    method: str
    card: str
    statement_name: str
    booker_name: str = ""

    @property
    def paid_by(self) -> str:
        """To whom the paper is made out: whoever booked, for themselves or for somebody else."""
        return self.booker_name or self.patient_name

    @property
    def tax(self) -> int:
        """The tax contained in the amount (prices include tax), rounded half up, minor units."""
        return tax_within(self.amount, self.tax_basis_points)

    def to_json(self) -> dict[str, Any]:
        """The frozen form."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ReceiptContent:
        """The receipt of a stored row."""
        return ReceiptContent(**data)


@dataclass(frozen=True, kw_only=True)
class CreditContent:
    """Everything printed on a credit note: the receipt it belongs to, and what went back of it.

    ``amount`` is minor units of the receipt's currency, ``returned_at`` ISO 8601 in UTC.
    """

    receipt_number: str
    receipt: ReceiptContent
    amount: int
    returned_at: str

    @property
    def tax(self) -> int:
        """The tax contained in what went back, minor units."""
        return tax_within(self.amount, self.receipt.tax_basis_points)

    def to_json(self) -> dict[str, Any]:
        """The frozen form."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> CreditContent:
        """The credit note of a stored row."""
        receipt = ReceiptContent.from_json(data["receipt"])
        return CreditContent(**{**data, "receipt": receipt})


def tax_within(amount: int, basis_points: int) -> int:
    """The tax contained in an amount that includes it, rounded half up, minor units."""
    whole = 10_000 + basis_points
    return (2 * amount * basis_points + whole) // (2 * whole)


def number(kind: str, year: int, counter: int) -> str:
    """A receipt's public number: R-2026-001842, or C-… for a credit note."""
    return f"{'C' if kind == 'credit_note' else 'R'}-{year}-{counter:06d}"

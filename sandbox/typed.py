"""What did the payer type, and can it be a card at all?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.cards import card_of, luhn_holds


@dataclass(frozen=True, kw_only=True)
class Press:
    """What was typed when a button was pressed.

    `action` is one of pay, 3ds-complete, 3ds-fail, bank, back.
    """

    card: str = ""
    exp: str = "12 / 40"
    cvc: str = "123"
    name: str = ""
    email: str = ""
    save: bool = False
    action: str = "pay"


def digits_of(card: str) -> str:
    """A card number without its spaces."""
    return re.sub(r"[\s-]", "", card)


def fault_of(what: Press, now: int) -> tuple[str, str] | None:
    """What the page refuses before it asks anyone: (code, field)."""
    number = digits_of(what.card)
    if not re.fullmatch(r"\d{12,19}", number):
        return "invalid_number", "card"
    if not luhn_holds(number):
        return "incorrect_number", "card"
    expiry = expiry_of(what.exp)
    if expiry is None or not 1 <= expiry[0] <= 12:
        return "invalid_expiry_month", "exp"
    today = datetime.fromtimestamp(now, UTC)
    if not (today.year, today.month) <= (expiry[1], expiry[0]) <= (today.year + 50, 12):
        return "invalid_expiry_year", "exp"
    if not re.fullmatch(r"\d{3,4}" if card_of(number).brand == "amex" else r"\d{3}", what.cvc):
        return "invalid_cvc", "cvc"
    return None


def expiry_of(text: str) -> tuple[int, int] | None:
    """(month, year) of `12 / 40`, `12-2040` and the like."""
    match = re.fullmatch(r"\s*(\d{1,2})\s*[/\-. ]?\s*(\d{2}|\d{4})\s*", text)
    if not match:
        return None
    month, year = int(match[1]), int(match[2])
    return month, year + 2000 if year < 100 else year

"""By which way does money go back: through Stripe, or from hand to hand?"""

from __future__ import annotations

from enum import StrEnum


class RefundWay(StrEnum):
    """Stripe sends to the card that paid and nowhere else; the other ways are the clinic's own."""

    STRIPE = "stripe"
    CASH = "cash"
    TERMINAL = "terminal"
    TRANSFER = "transfer"


BY_HAND = frozenset(RefundWay) - {RefundWay.STRIPE}
"""Ways on which a person says that the money went, and nobody else can know."""


class Wish(StrEnum):
    """What a patient may choose when a refund could not reach the card."""

    CALL = "call"
    COLLECT = "collect"
    TRY_AGAIN = "try_again"

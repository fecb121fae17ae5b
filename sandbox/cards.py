"""What does each test card do?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Card:
    """A test card and its fate.

    `decline` is (error code, decline code); `refund` is what becomes of its refunds.
    """

    number: str
    label: str
    brand: str = "visa"
    funding: str = "credit"
    decline: tuple[str, str | None] | None = None
    challenge: str | None = None  # always, or unless_saved
    dispute: str | None = None  # a reason; also inquiry, warning, several
    refund: str | None = None  # pending, fails
    offered: bool = False

    @property
    def spaced(self) -> str:
        """The number as printed on a card."""
        return " ".join(self.number[i : i + 4] for i in range(0, len(self.number), 4))


DECLINED = ("card_declined", "generic_decline")
MISWRITTEN = "4000004040000079"
GOOD_CARD = "4242424242424242"
CARDS = (
    Card(number=GOOD_CARD, label="Succeeds", offered=True),
    Card(number="4000000000000002", label="Declined", decline=DECLINED, offered=True),
    Card(
        number="4000000000009995",
        label="Insufficient funds",
        decline=("card_declined", "insufficient_funds"),
        offered=True,
    ),
    Card(
        number="4000002500003155",
        label="Asks for 3-D Secure",
        challenge="unless_saved",
        offered=True,
    ),
    Card(
        number="4000002760003184",
        label="Asks for 3-D Secure every time",
        challenge="always",
        offered=True,
    ),
    Card(
        number="4000008400001629",
        label="3-D Secure, then declined",
        challenge="always",
        decline=DECLINED,
        offered=True,
    ),
    Card(
        number="4000000000000069",
        label="Expired card",
        decline=("expired_card", None),
        offered=True,
    ),
    Card(
        number="4000000000000127",
        label="Wrong security code",
        decline=("incorrect_cvc", None),
        offered=True,
    ),
    Card(
        number="4000000000000119",
        label="Processing error",
        decline=("processing_error", None),
        offered=True,
    ),
    Card(
        number="4000000000007726",
        label="Succeeds; its refund stays pending a while",
        refund="pending",
        offered=True,
    ),
    Card(
        number="4000000000005126",
        label="Succeeds; its refund fails later",
        refund="fails",
        offered=True,
    ),
    Card(
        number="4000000000000259",
        label="Succeeds, then disputed as fraud",
        dispute="fraudulent",
        offered=True,
    ),
    Card(
        number="4000000000002685",
        label="Succeeds, then disputed: not received",
        dispute="product_not_received",
    ),
    Card(number="4000000000001976", label="Succeeds, then an inquiry", dispute="inquiry"),
    Card(number="4000000000005423", label="Succeeds, early fraud warning", dispute="warning"),
    Card(number="4000000404000079", label="Succeeds, several disputes", dispute="several"),
    # The same as it is often miswritten: its check digit is wrong, and it is taken all the same
    Card(number=MISWRITTEN, label="Succeeds, several disputes", dispute="several"),
    Card(number="4000000000009987", label="Lost card", decline=("card_declined", "lost_card")),
    Card(number="4000000000009979", label="Stolen card", decline=("card_declined", "stolen_card")),
    Card(number="4000000000000341", label="Fails when charged", decline=DECLINED),
    Card(number="4000056655665556", label="Visa debit", funding="debit"),
    Card(number="5555555555554444", label="Mastercard", brand="mastercard"),
    Card(number="2223003122003222", label="Mastercard", brand="mastercard"),
    Card(number="5200828282828210", label="Mastercard debit", brand="mastercard", funding="debit"),
    Card(number="378282246310005", label="American Express", brand="amex"),
    Card(number="371449635398431", label="American Express", brand="amex"),
    Card(number="6011111111111117", label="Discover", brand="discover"),
    Card(number="3056930009020004", label="Diners Club", brand="diners"),
    Card(number="3566002020360505", label="JCB", brand="jcb"),
    Card(number="6200000000000005", label="UnionPay", brand="unionpay"),
)
BY_NUMBER = {card.number: card for card in CARDS}
OFFERED: Iterable[Card] = [card for card in CARDS if card.offered]

MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "test_mode_live_card": "Your card was declined. This is a sandbox: use a test card.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "incorrect_number": "Your card number is incorrect.",
    "invalid_number": "Your card number is not a valid card number.",
    "invalid_expiry_month": "Your card's expiration month is invalid.",
    "invalid_expiry_year": "Your card's expiration year is invalid.",
    "invalid_cvc": "Your card's security code is invalid.",
    "payment_intent_authentication_failure": (
        "We are unable to authenticate your payment method. "
        "Please choose a different payment method and try again."
    ),
}


def luhn_holds(number: str) -> bool:
    """Whether the last digit is the right check digit."""
    if number == MISWRITTEN:
        return True
    digits = [int(d) for d in reversed(number)]
    doubled = [sum(divmod(2 * d, 10)) for d in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def card_of(number: str) -> Card:
    """The test card of that number; any other good number is declined as a live card."""
    stranger = Card(
        number=number, label="Not a test card", decline=("card_declined", "test_mode_live_card")
    )
    return BY_NUMBER.get(number, stranger)

"""How is money counted? In whole minor units of one currency, after Stripe's charge rules.

Source: docs.stripe.com/currencies (zero-decimal list, special cases, minimum amounts).
"""

from __future__ import annotations

from dataclasses import dataclass

ZERO_DECIMALS = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(),
)
WHOLE_UNITS_TIMES_HUNDRED = frozenset({"UGX", "ISK"})
UNVERIFIED_THREE_DECIMALS = frozenset("BHD JOD KWD OMR TND".split())
MINIMUM_MINOR = {
    **dict.fromkeys(
        "USD EUR AUD BRL CAD CHF NZD SGD INR ZAR ILS ARS COP IDR PHP RUB".split(),
        50,
    ),
    **dict.fromkeys("AED PLN RON MYR".split(), 200),
    **dict.fromkeys("NOK SEK".split(), 300),
    **dict.fromkeys("MXN THB".split(), 1000),
    **dict.fromkeys("JPY KRW".split(), 50),
    "GBP": 30,
    "DKK": 250,
    "HKD": 400,
    "CZK": 1500,
    "HUF": 17500,
}
MAXIMUM_MINOR = 99_999_999


class UnusableCurrency(ValueError):
    """Not a currency Efoy can charge in."""


class CurrencyMismatch(ValueError):
    """Two currencies never mix."""


def decimals(currency: str) -> int:
    """How many decimal digits Stripe counts for ``currency`` (ISO 4217, upper case).

    Raises :class:`UnusableCurrency` for malformed codes and three-decimal currencies.
    """
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise UnusableCurrency(currency)
    if currency in UNVERIFIED_THREE_DECIMALS:
        raise UnusableCurrency(currency)
    return 0 if currency in ZERO_DECIMALS else 2


@dataclass(frozen=True, order=False)
class Money:
    """An exact amount: ``minor`` whole minor units of ``currency``; negative means money out."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("money is counted in whole minor units")
        decimals(self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.minor

    def share(self, percent: int) -> Money:
        """``percent`` (0 to 100) of this amount, rounded down to a chargeable step.

        Rounding down keeps the sum of shares within the whole; UGX and ISK move in whole units.
        """
        if not 0 <= percent <= 100:
            raise ValueError(percent)
        step = 100 if self.currency in WHOLE_UNITS_TIMES_HUNDRED else 1
        exact = self.minor * percent // 100
        return Money(exact - exact % step, self.currency)

    def chargeable(self) -> bool:
        """Whether Stripe takes this amount: minimum, maximum, whole units where it must."""
        if self.minor > MAXIMUM_MINOR or self.minor < MINIMUM_MINOR.get(self.currency, 50):
            return False
        return self.currency not in WHOLE_UNITS_TIMES_HUNDRED or self.minor % 100 == 0


def total(amounts: list[Money], currency: str) -> Money:
    """The sum of ``amounts``, all in ``currency``."""
    result = Money(0, currency)
    for amount in amounts:
        result = result + amount
    return result

"""How is it said which amounts can be charged?"""

from __future__ import annotations

from flask_babel import gettext as _

from efoy.domain.money import MAXIMUM_MINOR, MINIMUM_MINOR, Money
from efoy.web.context import locale
from efoy.wording import money


def least_words(currency: str) -> str:
    """Stripe's least and most, in words for the field."""
    least = Money(MINIMUM_MINOR.get(currency, 50), currency)
    most = Money(MAXIMUM_MINOR, currency)
    return _(
        "Enter an amount from %(least)s to %(most)s",
        least=money(least, locale()),
        most=money(most, locale()),
    )

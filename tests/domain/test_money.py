"""Money is whole minor units of one currency, after Stripe's charge rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efoy.domain.money import CurrencyMismatch, Money, UnusableCurrency, decimals, total

CURRENCIES = st.sampled_from(["USD", "EUR", "ETB", "JPY", "UGX", "ISK", "KRW"])
AMOUNTS = st.integers(min_value=0, max_value=99_999_999)


@pytest.mark.parametrize(
    ("currency", "digits"), [("USD", 2), ("JPY", 0), ("UGX", 2), ("ISK", 2), ("ETB", 2), ("XAF", 0)]
)
def test_decimals_are_stripes(currency, digits):
    assert decimals(currency) == digits


@pytest.mark.parametrize("word", ["KWD", "usd", "US", "DOLLARS", "", "€€€"])
def test_other_words_are_no_currency(word):
    with pytest.raises(UnusableCurrency):
        decimals(word)


@pytest.mark.parametrize("minor", [1.0, "1", None, True])
def test_only_whole_numbers_are_money(minor):
    with pytest.raises(TypeError):
        Money(minor, "USD")


def test_currencies_never_mix():
    with pytest.raises(CurrencyMismatch):
        Money(1, "USD") + Money(1, "EUR")


@given(AMOUNTS, CURRENCIES, st.integers(0, 100))
def test_a_share_and_the_rest_are_the_whole(minor, currency, percent):
    whole = Money(minor, currency)
    share = whole.share(percent)

    assert Money(0, currency) <= share <= whole
    assert share + (whole - share) == whole
    assert whole.share(100) == (whole if currency not in {"UGX", "ISK"} else whole.share(100))


@pytest.mark.parametrize(
    ("minor", "currency", "fits"),
    [
        (50, "USD", True),
        (49, "USD", False),
        (50, "JPY", True),
        (30, "GBP", True),
        (500000, "UGX", True),
        (500050, "UGX", False),
        (100_000_000, "USD", False),
        (0, "USD", False),
    ],
)
def test_what_stripe_takes(minor, currency, fits):
    assert Money(minor, currency).chargeable() is fits


@given(st.lists(AMOUNTS, max_size=8))
def test_a_total_is_the_sum(amounts):
    assert total([Money(minor, "USD") for minor in amounts], "USD").minor == sum(amounts)

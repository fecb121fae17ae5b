"""Which currencies are there, and what may be charged in each?"""

from __future__ import annotations

from sandbox.errors import Refusal

CURRENCIES = frozenset(
    """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bif bmd bnd bob brl bsd bwp byn bzd cad
    cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd
    hkd hnl htg huf idr ils inr isk jmd jpy kes kgs khr kmf krw kyd kzt lak lbp lkr lrd lsl mad mdl
    mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln pyg
    qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah
    ugx usd uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw
    """.split()
)
NO_DECIMALS = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
WHOLE_UNITS_TIMES_100 = frozenset({"ugx", "isk"})
SMALLEST = {
    "gbp": 30,
    "aed": 200,
    "pln": 200,
    "ron": 200,
    "myr": 200,
    "dkk": 250,
    "nok": 300,
    "sek": 300,
    "hkd": 400,
    "mxn": 1000,
    "thb": 1000,
    "czk": 1500,
    "huf": 17500,
    "jpy": 50,
    "krw": 50,
}
LARGEST = 999_999_999_999  # twelve digits by card
FEE_PER_MILLE, FEE_FIXED, DISPUTE_FEE = 29, 30, 1500


def check_currency(currency: str, name: str) -> None:
    """Raises Refusal unless it is a known code in lower case."""
    if currency not in CURRENCIES:
        raise Refusal(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            + ", ".join(sorted(CURRENCIES)),
            param=name,
        )


def check_charge(amount: int, currency: str) -> None:
    """Raises Refusal unless that much can be charged in that currency."""
    if currency in WHOLE_UNITS_TIMES_100 and amount % 100:
        raise Refusal(
            f"Invalid amount: {currency} has no decimals and is given in hundreds",
            code="invalid_charge_amount",
        )
    least = SMALLEST.get(currency, 50)
    if amount < least:
        raise Refusal(
            "The Checkout Session's total amount due must add up to at least "
            f"{spoken(least, currency)} {currency}",
            code="amount_too_small",
        )
    if amount > LARGEST:
        raise Refusal("Amount must be no more than 12 digits", code="amount_too_large")


def spoken(amount: int, currency: str) -> str:
    """An amount for people, such as 45.00 (without the currency)."""
    if currency in NO_DECIMALS:
        return f"{amount:,}"
    return f"{amount // 100:,}.{amount % 100:02d}"


def processing_fee(amount: int) -> int:
    """2.9 % rounded half up, and 30 minor units."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED

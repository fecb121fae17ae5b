"""Is every amount where it belongs, and do the books agree with the rows?"""

from __future__ import annotations

from collections.abc import Iterable

from efoy.domain.money import UnusableCurrency, decimals
from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]
AMOUNTS = (
    ("bookings", "id", "price_minor"),
    ("payments", "id", "amount_minor"),
    ("payments", "id", "captured_minor"),
    ("refunds", "id", "amount_minor"),
    ("ledger_entries", "id", "minor"),
    ("services", "slug", "price_minor"),
)
"""Every column of money, with what names its row."""
BACK = """
    SELECT payment_id, SUM(amount_minor) AS minor FROM refunds
    WHERE status NOT IN {OVER} GROUP BY payment_id
"""
"""What goes or went back of each payment."""


@law("M1", "Amounts are whole minor units of a currency that can be charged in.")
def whole_minor_units(view: View) -> Found:
    """SQLite would keep anything in an integer column; PostgreSQL refuses by itself."""
    if view.sqlite:
        for table, key, column in AMOUNTS:
            sql = f"SELECT {key}, typeof({column}) FROM {table} WHERE typeof({column}) NOT IN ('integer', 'null')"  # noqa: E501, S608  # names of ours
            for subject, kind in view.pairs(sql):
                yield subject, f"{table}.{column} holds a {kind}, not a whole number"
    currencies = "SELECT currency, MIN(id) FROM bookings GROUP BY currency UNION SELECT currency, MIN(id) FROM payments GROUP BY currency"  # noqa: E501
    for currency, subject in view.pairs(currencies):
        try:
            decimals(currency)
        except UnusableCurrency:
            yield subject, f"{currency} is not a currency that can be charged in"


@law("M3", "Captured money confirms a visit, goes back, is kept by a rule, disputed or parked.")
def captured_money_has_a_place(view: View) -> Found:
    """Money for a visit that never was, or that came after its end, must be on its way back."""
    yield from view.pairs(
        f"""
        SELECT p.id, 'it was captured, its booking is ' || b.status
            || ', and the money is not on its way back'
        FROM payments p JOIN bookings b ON b.id = p.booking_id
        LEFT JOIN ({BACK}) AS back ON back.payment_id = p.id
        WHERE p.status = 'paid' AND b.status NOT IN {{PAID_FOR}}
          AND COALESCE(back.minor, 0) < p.captured_minor
          AND (b.status IN ('held', 'expired') OR b.cancelled_at IS NULL
               OR b.confirmed_at IS NULL OR b.confirmed_at > b.cancelled_at)
          AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.payment_id = p.id)
          AND NOT EXISTS (
            SELECT 1 FROM refunds r JOIN alerts a ON a.subject_ref = r.id
            WHERE r.payment_id = p.id AND a.kind = 'refund_failed')
        """  # noqa: S608  # a constant of ours
    )
    yield from view.pairs(
        """
        SELECT p.id, 'it is parked, and nobody is told' FROM payments p
        WHERE p.status = 'parked' AND NOT EXISTS (
            SELECT 1 FROM alerts a WHERE a.kind = 'parked_payment' AND a.subject_ref = p.id
            AND a.closed_at IS NULL)
        """
    )


@law("M4", "At most one payment of a booking is kept, beside the top-ups of its moves.")
def one_payment_is_kept(view: View) -> Found:
    """Any further one goes back in full; one whose refund failed is with a person."""
    return view.pairs(
        f"""
        SELECT p.booking_id, COUNT(*) || ' payments of this booking are kept'
        FROM payments p LEFT JOIN ({BACK}) AS back ON back.payment_id = p.id
        WHERE p.status = 'paid' AND p.purpose = 'visit'
          AND COALESCE(back.minor, 0) < p.captured_minor
          AND NOT EXISTS (
            SELECT 1 FROM refunds r JOIN alerts a ON a.subject_ref = r.id
            WHERE r.payment_id = p.id AND a.kind = 'refund_failed')
        GROUP BY p.booking_id HAVING COUNT(*) > 1
        """  # noqa: S608  # a constant of ours
    )


@law("M5", "Refunds that are not over never exceed what was captured.")
def never_more_than_captured(view: View) -> Found:
    """In our rows; ``check --stripe`` compares with Stripe's."""
    yield from view.pairs(
        f"""
        SELECT p.id, back.minor || ' go back of ' || COALESCE(p.captured_minor, 0)
        FROM payments p JOIN ({BACK}) AS back ON back.payment_id = p.id
        WHERE back.minor > COALESCE(p.captured_minor, 0)
        """  # noqa: S608  # a constant of ours
    )
    yield from view.pairs(
        """
        SELECT r.id, 'it moves ' || r.amount_minor || ' ' || r.currency || ', the payment is in '
            || p.currency
        FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE r.amount_minor <= 0 OR r.currency <> p.currency
        """
    )


@law("M6", "The ledger balances, each entry has its cause, and each cause its entry.")
def the_books_balance(view: View) -> Found:
    """Transactions sum to zero; charges and refunds are booked once, in the amounts of the rows."""
    yield from view.pairs(
        """
        SELECT transaction_id, 'it is out of balance by ' || SUM(minor) FROM ledger_entries
        GROUP BY transaction_id, currency HAVING SUM(minor) <> 0
        """
    )
    yield from view.pairs(
        """
        SELECT l.cause, 'this cause of ledger entries is no row of ours' FROM ledger_entries l
        LEFT JOIN payments p ON l.cause IN ('charge:' || p.id, 'fee:' || p.id)
            AND p.id = l.payment_id
        LEFT JOIN refunds r ON l.cause IN ('refund:' || r.id, 'refund_failed:' || r.id)
            AND r.payment_id = l.payment_id
        WHERE p.id IS NULL AND r.id IS NULL AND l.cause NOT LIKE 'dispute:%' GROUP BY l.cause
        """
    )
    yield from _booked_as_captured(view)
    yield from _booked_as_refunded(view)


def _booked_as_captured(view: View) -> Found:
    return view.pairs(
        """
        SELECT p.id, 'captured ' || COALESCE(p.captured_minor, 0) || ', in the books '
            || COALESCE(l.minor, 0)
        FROM payments p LEFT JOIN (
            SELECT payment_id, -SUM(minor) AS minor FROM ledger_entries
            WHERE account = 'visit_income' GROUP BY payment_id) AS l ON l.payment_id = p.id
        WHERE COALESCE(l.minor, 0) <>
            CASE WHEN p.status = 'paid' THEN COALESCE(p.captured_minor, 0) ELSE 0 END
        """
    )


def _booked_as_refunded(view: View) -> Found:
    return view.pairs(
        """
        SELECT COALESCE(r.payment_id, l.payment_id), 'refunded ' || COALESCE(r.minor, 0)
            || ', in the books ' || COALESCE(l.minor, 0)
        FROM payments p
        LEFT JOIN (
            SELECT payment_id, SUM(minor) AS minor FROM ledger_entries
            WHERE account = 'refunds_paid' GROUP BY payment_id) AS l ON l.payment_id = p.id
        LEFT JOIN (
            SELECT payment_id, SUM(amount_minor) AS minor FROM refunds
            WHERE status = 'succeeded' GROUP BY payment_id) AS r ON r.payment_id = p.id
        WHERE COALESCE(r.minor, 0) <> COALESCE(l.minor, 0)
        """
    )


@law("M7", "What a payment moved on Stripe's balance is what its rows say.")
def the_balance_follows(view: View) -> Found:
    """Captured less fee less refunds, where no dispute moved money; Stripe’s own with --stripe."""
    return view.pairs(
        """
        SELECT p.id, 'on the balance ' || COALESCE(l.minor, 0) || ', by its rows '
            || (p.captured_minor - COALESCE(r.minor, 0)
                - CASE WHEN p.settled_currency = p.currency THEN COALESCE(p.fee_minor, 0)
                  ELSE 0 END)
        FROM payments p
        LEFT JOIN (
            SELECT payment_id, SUM(minor) AS minor FROM ledger_entries
            WHERE account = 'stripe_balance' GROUP BY payment_id) AS l ON l.payment_id = p.id
        LEFT JOIN (
            SELECT payment_id, SUM(amount_minor) AS minor FROM refunds
            WHERE status = 'succeeded' AND way = 'stripe'
            GROUP BY payment_id) AS r ON r.payment_id = p.id
        WHERE p.status = 'paid' AND p.method = 'stripe'
          AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.payment_id = p.id)
          AND COALESCE(l.minor, 0) <> p.captured_minor - COALESCE(r.minor, 0)
            - CASE WHEN p.settled_currency = p.currency THEN COALESCE(p.fee_minor, 0) ELSE 0 END
        """
    )


@law("M8", "A row asks Stripe for one thing, with one key for life.")
def one_key_for_life(view: View) -> Found:
    """The key is made of the row's id; what Stripe answered names no second row."""
    yield from view.pairs(
        """
        SELECT id, 'its key ' || COALESCE(idempotency_key, 'nothing') || ' is not its own'
        FROM payments WHERE method = 'stripe' AND idempotency_key <> 'efoy:cs:' || id
        """
    )
    yield from view.pairs(
        """
        SELECT id, 'its key ' || COALESCE(idempotency_key, 'nothing') || ' is not its own'
        FROM refunds
        WHERE origin <> 'external' AND COALESCE(idempotency_key, '') <> 'efoy:re:' || id
        """
    )
    for column in ("checkout_ref", "intent_ref", "charge_ref"):
        yield from view.pairs(
            f"SELECT {column}, 'two payments have it' FROM payments WHERE {column} IS NOT NULL"  # noqa: S608  # names of ours
            f" GROUP BY {column} HAVING COUNT(*) > 1"
        )
    yield from view.pairs(
        "SELECT refund_ref, 'two refunds have it' FROM refunds WHERE refund_ref IS NOT NULL"
        " GROUP BY refund_ref HAVING COUNT(*) > 1"
    )


@law("M9", "What was frozen for Stripe is what the row says; one checkout is open at a time.")
def frozen_as_asked(view: View) -> Found:
    """Reference, amount, currency and end in the kept parameters."""
    yield from view.pairs(
        """
        SELECT p.id, 'its frozen parameters ask for something else than the row' FROM payments p
        WHERE p.method = 'stripe' AND (
            COALESCE(fact(p.params, 'client_reference_id'), '') <> p.id
            OR CAST(fact(p.params, 'line_items,0,price_data,unit_amount') AS INTEGER)
                <> p.amount_minor
            OR UPPER(fact(p.params, 'line_items,0,price_data,currency')) <> p.currency
            OR CAST(fact(p.params, 'expires_at') AS INTEGER)
                <> epoch(p.checkout_expires_at))
        """
    )
    yield from view.pairs(
        """
        SELECT booking_id, COUNT(*) || ' checkouts of it are undecided' FROM payments
        WHERE status IN {UNDECIDED} GROUP BY booking_id HAVING COUNT(*) > 1
        """
    )
    yield from view.pairs(
        """
        SELECT id, 'it is ' || status || ' without a checkout at Stripe' FROM payments
        WHERE method = 'stripe' AND checkout_ref IS NULL
          AND status NOT IN ('creating', 'closing', 'failed', 'parked')
        """
    )


LAWS = (
    whole_minor_units,
    captured_money_has_a_place,
    one_payment_is_kept,
    never_more_than_captured,
    the_books_balance,
    the_balance_follows,
    one_key_for_life,
    frozen_as_asked,
)

"""One definition of the rules: the rung, the ladder, the quote and its parts say one thing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efoy.domain.cancelling import (
    HONOURED_FOR,
    Blocked,
    Kept,
    Shown,
    parts,
    quote_for_clinic,
    quote_for_patient,
)
from efoy.domain.money import Money
from efoy.domain.policy import ApprovalMode, Policy, Rung, deadline, ladder, percent_at, rung_at

MOMENT = timedelta(microseconds=1)
STEPS = {"USD": 1, "EUR": 1, "JPY": 1, "KRW": 1, "UGX": 100, "ISK": 100}
"""How many minor units a currency moves by: two decimals, none, and whole units times hundred."""
CHANGES = [
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Sydney", datetime(2026, 4, 4, 16, tzinfo=UTC)),
    ("Australia/Sydney", datetime(2026, 10, 3, 16, tzinfo=UTC)),
]
"""The instants at which the clocks change, in the north and in the south."""


def _rules(pairs):
    minutes = sorted((minutes for minutes, _ in pairs), reverse=True)
    shares = sorted((percent for _, percent in pairs), reverse=True)
    rungs = [Rung(minutes_before=m, percent=p) for m, p in zip(minutes, shares, strict=True)]
    return Policy(id=1, version=1, name="any", rungs=tuple(rungs))


pairs = st.tuples(st.integers(0, 20_000), st.integers(0, 100))
policies = st.lists(pairs, min_size=1, max_size=5, unique_by=lambda pair: pair[0]).map(_rules)
currencies = st.sampled_from(sorted(STEPS))


@st.composite
def visits(draw):
    """A start within four days of a clock change, as the clinic's own clock writes it."""
    zone, change = draw(st.sampled_from(CHANGES))
    at = change + timedelta(minutes=draw(st.integers(-5760, 5760)))
    return at.astimezone(ZoneInfo(zone))


@st.composite
def payments(draw, currency):
    """One to three captured payments, each with what went back of it."""
    step = STEPS[currency]
    found = []
    for number in range(draw(st.integers(1, 3))):
        captured = draw(st.integers(1, 9_999)) * step
        back = draw(st.integers(0, captured // step)) * step
        found.append(Kept(payment_id=f"p{number}", captured=captured, back=back))
    return found


@given(policies, visits())
def test_a_rung_ends_to_the_microsecond_whatever_the_clocks_do(policy, starts_at):
    for number, rung in enumerate(policy.rungs):
        end = deadline(rung, starts_at)
        after = policy.rungs[number + 1].percent if rung is not policy.rungs[-1] else 0

        elapsed = starts_at.astimezone(UTC) - end
        assert elapsed == timedelta(minutes=rung.minutes_before)
        for at in (end - MOMENT, end):
            assert percent_at(policy, starts_at=starts_at, at=at) == rung.percent
            assert rung_at(policy, starts_at=starts_at, at=at) == rung
        assert percent_at(policy, starts_at=starts_at, at=end + MOMENT) == after


@given(st.data(), policies, visits(), currencies)
def test_ladder_quote_and_parts_say_the_same_around_every_rung(data, policy, starts_at, currency):
    kept = data.draw(payments(currency))
    rung = data.draw(st.sampled_from(policy.rungs))
    at = deadline(rung, starts_at) + data.draw(st.sampled_from([-MOMENT, timedelta(0), MOMENT]))

    quote = quote_for_patient(policy, kept, currency, starts_at=starts_at, at=at)

    left = sum(each.captured - each.back for each in kept)
    exact = left * percent_at(policy, starts_at=starts_at, at=at) // 100
    assert quote.amount.minor == exact - exact % STEPS[currency]
    assert quote.left == Money(left, currency)
    assert quote.keeps + quote.amount == quote.left
    steps = ladder(policy, quote.left, starts_at=starts_at, now=at)
    here = [step.amount for step in steps if step.here]
    assert here == [quote.amount] or (not here and not quote.amount)
    shares = parts(quote, kept)
    assert sum(minor for _, minor in shares) == quote.amount.minor
    assert all(0 < minor <= each.left for each, minor in shares)


@given(st.data(), currencies)
def test_the_clinic_gives_all_that_is_left(data, currency):
    kept = data.draw(payments(currency))

    quote = quote_for_clinic(kept, currency)

    assert quote.amount == quote.left
    assert [minor for _, minor in parts(quote, kept)] == [one.left for one in kept if one.left]


@given(st.data(), policies, visits(), currencies)
def test_earlier_refunds_never_make_the_patient_poorer_or_richer_than_the_rules(
    data, policy, starts_at, currency
):
    kept = data.draw(payments(currency))
    at = starts_at - timedelta(minutes=data.draw(st.integers(0, 20_000)))

    quote = quote_for_patient(policy, kept, currency, starts_at=starts_at, at=at)

    assert 0 <= quote.amount.minor <= quote.left.minor <= quote.paid.minor
    assert quote.back + quote.left == quote.paid


@given(policies, visits(), st.integers(0, 900), st.sampled_from(["same", "amount", "left", "when"]))
def test_a_shown_quote_is_given_for_ten_minutes_and_not_when_it_differs(
    policy, starts_at, seconds, differs
):
    kept = [Kept(payment_id="p", captured=4500)]
    shown_at = starts_at.astimezone(UTC) - timedelta(minutes=policy.rungs[0].minutes_before)
    then = quote_for_patient(policy, kept, "USD", starts_at=starts_at, at=shown_at)
    shown = Shown(
        booking_id="b",
        starts_at=starts_at + timedelta(minutes=differs == "when"),
        amount=then.amount.minor + (differs == "amount"),
        left=then.left.minor - (differs == "left"),
        at=shown_at,
    )

    given_back = shown.honoured("b", starts_at, then, now=shown_at + timedelta(seconds=seconds))

    assert given_back is (differs == "same" and seconds <= HONOURED_FOR.total_seconds())
    assert not shown.honoured("another", starts_at, then, now=shown_at)


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ([], Blocked.NOT_PAID),
        ([Kept(payment_id="p", captured=4500, disputed=True)], Blocked.DISPUTED),
        (
            [Kept(payment_id="p", captured=4500), Kept(payment_id="q", captured=9, disputed=True)],
            Blocked.DISPUTED,
        ),
    ],
)
def test_nothing_is_promised_of_money_that_is_not_ours_to_give(kept, why):
    quote = quote_for_clinic(kept, "USD")

    assert (quote.amount, quote.blocked) == (Money(0, "USD"), why)
    assert parts(quote, kept) == []


def test_an_old_snapshot_means_approval():
    old = {"id": 1, "version": 1, "name": "Standard", "rungs": [[1440, 100]]}

    assert Policy.from_json(old).approval_mode is ApprovalMode.APPROVAL
    newer = Policy(id=1, version=2, name="S", rungs=(), approval_mode=ApprovalMode.AUTOMATIC)
    assert Policy.from_json(newer.to_json()) == newer

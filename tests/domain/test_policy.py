"""One definition of the refund rules yields ladder, quote and share, to the smallest unit."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efoy.domain.money import Money
from efoy.domain.policy import Policy, Rung, ladder, percent_at, quote

STANDARD = Policy(
    id=1,
    version=1,
    name="Standard",
    rungs=(Rung(minutes_before=1440, percent=100), Rung(minutes_before=120, percent=50)),
)
VISIT = datetime(2026, 11, 24, 9, 20, tzinfo=ZoneInfo("America/New_York"))
PRICE = Money(4500, "USD")


@pytest.mark.parametrize(
    ("before", "percent"),
    [
        (timedelta(hours=25), 100),
        (timedelta(hours=24), 100),
        (timedelta(hours=23, minutes=59, seconds=59), 50),
        (timedelta(hours=2), 50),
        (timedelta(hours=1, minutes=59), 0),
        (timedelta(hours=-1), 0),
    ],
)
def test_a_deadline_is_inclusive(before, percent):
    assert percent_at(STANDARD, starts_at=VISIT, at=VISIT - before) == percent


def test_the_ladder_has_dated_amounts_and_one_rung_is_here():
    steps = ladder(STANDARD, PRICE, starts_at=VISIT, now=VISIT - timedelta(hours=30))

    assert [step.amount.minor for step in steps] == [4500, 2250, 0]
    assert [step.here for step in steps] == [True, False, False]
    assert steps[-1].until is None


rungs = st.lists(
    st.tuples(st.integers(0, 20_000), st.integers(0, 100)), max_size=5, unique_by=lambda r: r[0]
).map(
    lambda pairs: tuple(
        Rung(minutes_before=minutes, percent=percent)
        for (minutes, _), percent in zip(
            sorted(pairs, reverse=True), sorted((p for _, p in pairs), reverse=True), strict=True
        )
    )
)


@given(rungs, st.integers(0, 30_000), st.sampled_from(["USD", "JPY"]), st.integers(50, 999_999))
def test_the_rung_that_is_here_is_the_quote(steps, minutes, currency, minor):
    policy = Policy(id=1, version=1, name="any", rungs=steps)
    price, at = Money(minor, currency), VISIT - timedelta(minutes=minutes)

    here = [s for s in ladder(policy, price, starts_at=VISIT, now=at) if s.here]

    assert len(here) <= 1
    assert quote(policy, price, starts_at=VISIT, at=at) == (
        here[0].amount if here else Money(0, currency)
    )


@given(rungs)
def test_a_snapshot_is_the_policy(steps):
    policy = Policy(id=7, version=3, name="any", rungs=steps)

    assert Policy.from_json(policy.to_json()) == policy


def test_rules_that_pay_more_later_are_refused():
    with pytest.raises(ValueError, match="never pay back more later"):
        Policy(
            id=1,
            version=1,
            name="odd",
            rungs=(Rung(minutes_before=1440, percent=50), Rung(minutes_before=120, percent=100)),
        )

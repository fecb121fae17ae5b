"""How long does a sign-in hold for whom?"""

from datetime import UTC, datetime, timedelta

import pytest

from efoy.domain.role import Role
from efoy.domain.signin import lasts

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
TABLE = [
    (Role.PATIENT, timedelta(days=14), timedelta(days=30)),
    (Role.DOCTOR, timedelta(minutes=30), timedelta(hours=12)),
    (Role.DESK, timedelta(minutes=30), timedelta(hours=12)),
    (Role.ADMIN, timedelta(minutes=30), timedelta(hours=12)),
]
MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(("role", "idle", "longest"), TABLE)
def test_idle_and_age_both_end_it(role, idle, longest):
    def holds(since: timedelta, age: timedelta) -> bool:
        return lasts(role, signed_in_at=NOW - age, seen_at=NOW - since, now=NOW)

    assert holds(idle - MOMENT, longest - MOMENT)
    assert not holds(idle, idle)
    assert not holds(MOMENT, longest)


def test_every_role_is_in_the_table():
    assert {role for role, _, _ in TABLE} == set(Role)

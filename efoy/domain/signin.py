"""How long does a signed-in browser stay signed in, and how many wrong passwords are too many?"""

from __future__ import annotations

from datetime import datetime, timedelta

from efoy.domain.role import Role

_PATIENT_IDLE, _PATIENT_LONGEST = timedelta(days=14), timedelta(days=30)
_STAFF_IDLE, _STAFF_LONGEST = timedelta(minutes=30), timedelta(hours=12)
PROOF_LASTS, WRONG_PROOFS = timedelta(minutes=10), 5
"""Before money moves, the password was typed within ten minutes; five wrong ones sign out."""
WRONG_TRIES = 10
PAUSE = timedelta(minutes=15)
"""After ten wrong passwords in a row an account takes none for a quarter of an hour."""


def proved(proved_at: datetime | None, now: datetime) -> bool:
    """Whether the password was typed lately enough for what cannot be taken back."""
    return proved_at is not None and timedelta(0) <= now - proved_at < PROOF_LASTS


def lasts(role: Role, *, signed_in_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a sign-in still holds: not idle for too long, not older than the longest allowed."""
    patient = role is Role.PATIENT
    idle, longest = (_PATIENT_IDLE, _PATIENT_LONGEST) if patient else (_STAFF_IDLE, _STAFF_LONGEST)
    return now - seen_at < idle and now - signed_in_at < longest

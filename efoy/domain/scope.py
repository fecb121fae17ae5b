"""What may a program do in a person's name? A token carries scopes, never more than the person."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """One permission a token can carry; the role of its owner limits it further."""

    BOOKINGS_READ = "bookings:read"
    BOOKINGS_WRITE = "bookings:write"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    REFUNDS_WRITE = "refunds:write"


def scopes_of(words: str) -> frozenset[Scope]:
    """The scopes of a stored token; words nobody knows any more allow nothing."""
    known = {str(scope): scope for scope in Scope}
    return frozenset(known[word] for word in words.split() if word in known)


def words_of(scopes: frozenset[Scope]) -> str:
    """Scopes as they are stored: sorted words."""
    return " ".join(sorted(scopes))

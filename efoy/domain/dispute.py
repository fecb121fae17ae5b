"""What does a cardholder's bank say about a payment?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class DisputeStatus(StrEnum):
    """Stripe's own statuses. The set is open-ended: an unknown one alerts and changes nothing."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    APPEAL_NEEDS_RESPONSE = "appeal_needs_response"
    APPEAL_UNDER_REVIEW = "appeal_under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


class DisputeEvent(StrEnum):
    """What the bank does."""

    ASK = "ask"
    ESCALATE = "escalate"
    ANSWER = "answer"
    DROP = "drop"
    WIN = "win"
    LOSE = "lose"
    APPEAL = "appeal"
    PREVENT = "prevent"


_S, _E = DisputeStatus, DisputeEvent
DISPUTE: Mapping[tuple[DisputeStatus, DisputeEvent], DisputeStatus] = {
    (_S.WARNING_NEEDS_RESPONSE, _E.ANSWER): _S.WARNING_UNDER_REVIEW,
    (_S.WARNING_NEEDS_RESPONSE, _E.DROP): _S.WARNING_CLOSED,
    (_S.WARNING_UNDER_REVIEW, _E.DROP): _S.WARNING_CLOSED,
    (_S.WARNING_NEEDS_RESPONSE, _E.ESCALATE): _S.NEEDS_RESPONSE,
    (_S.WARNING_UNDER_REVIEW, _E.ESCALATE): _S.NEEDS_RESPONSE,
    (_S.NEEDS_RESPONSE, _E.ANSWER): _S.UNDER_REVIEW,
    (_S.NEEDS_RESPONSE, _E.WIN): _S.WON,
    (_S.NEEDS_RESPONSE, _E.LOSE): _S.LOST,
    (_S.NEEDS_RESPONSE, _E.PREVENT): _S.PREVENTED,
    (_S.UNDER_REVIEW, _E.WIN): _S.WON,
    (_S.UNDER_REVIEW, _E.LOSE): _S.LOST,
    (_S.LOST, _E.APPEAL): _S.APPEAL_NEEDS_RESPONSE,
    (_S.APPEAL_NEEDS_RESPONSE, _E.ANSWER): _S.APPEAL_UNDER_REVIEW,
    (_S.APPEAL_NEEDS_RESPONSE, _E.LOSE): _S.LOST,
    (_S.APPEAL_UNDER_REVIEW, _E.WIN): _S.WON,
    (_S.APPEAL_UNDER_REVIEW, _E.LOSE): _S.LOST,
}
CLOSED = frozenset({_S.WARNING_CLOSED, _S.WON, _S.LOST, _S.PREVENTED})


def known(word: str) -> DisputeStatus | None:
    """The status of that name, or None for a word Stripe added after this was written."""
    return DisputeStatus(word) if word in set(DisputeStatus) else None


def blocks_refunds(word: str, *, refundable: bool) -> bool:
    """Whether refunds wait for the bank: an open dispute, unless Stripe says refundable."""
    return not refundable and word not in CLOSED

"""How far is money on its way back, and how much may still go back?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class RefundStatus(StrEnum):
    """Stripe's five words for a refund, and our own four from before it was sent.

    ``proposed``: the rules of a booking give it, and a person of the clinic has to agree.
    """

    PROPOSED = "proposed"
    REQUESTED = "requested"
    SUBMITTED = "submitted"
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    WITHDRAWN = "withdrawn"


class RefundEvent(StrEnum):
    """What happens to a refund."""

    APPROVE = "approve"
    DECLINE = "decline"
    HAND_OVER = "hand_over"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    PEND = "pend"
    REQUIRE_ACTION = "require_action"
    SUCCEED = "succeed"
    FAIL = "fail"
    CANCEL = "cancel"


class RefundOrigin(StrEnum):
    """Who started it."""

    ADMIN = "admin"
    POLICY = "policy"
    AUTO = "auto"
    EXTERNAL = "external"


_S, _E = RefundStatus, RefundEvent
_WAITING = (_S.SUBMITTED, _S.PENDING, _S.REQUIRES_ACTION)
REFUND: Mapping[tuple[RefundStatus, RefundEvent], RefundStatus] = {
    (_S.PROPOSED, _E.APPROVE): _S.REQUESTED,
    (_S.PROPOSED, _E.DECLINE): _S.WITHDRAWN,
    (_S.PROPOSED, _E.HAND_OVER): _S.SUCCEEDED,
    (_S.PROPOSED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.REQUESTED, _E.SUBMIT): _S.SUBMITTED,
    (_S.REQUESTED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.SUBMITTED, _E.PEND): _S.PENDING,
    (_S.SUBMITTED, _E.REQUIRE_ACTION): _S.REQUIRES_ACTION,
    (_S.PENDING, _E.REQUIRE_ACTION): _S.REQUIRES_ACTION,
    **{(s, _E.SUCCEED): _S.SUCCEEDED for s in _WAITING},
    **{(s, _E.FAIL): _S.FAILED for s in _WAITING},
    **{(s, _E.CANCEL): _S.CANCELED for s in _WAITING},
    (_S.SUCCEEDED, _E.FAIL): _S.FAILED,
}
OVER = frozenset({_S.FAILED, _S.CANCELED, _S.WITHDRAWN})
"""Refunds that no longer count against what was captured."""
ON_THEIR_WAY = frozenset({_S.REQUESTED, *_WAITING})
NOT_GIVEN = frozenset({_S.PROPOSED, _S.WITHDRAWN})
"""Refunds that are no refunds: not decided yet, or decided against. No paper shows them."""
FIRST = frozenset({_S.PROPOSED, _S.REQUESTED})
"""What a refund begins as."""

EVENT_FOR: Mapping[str, RefundEvent] = {
    "pending": _E.PEND,
    "requires_action": _E.REQUIRE_ACTION,
    "succeeded": _E.SUCCEED,
    "failed": _E.FAIL,
    "canceled": _E.CANCEL,
}
"""Stripe's status words as events of ours (docs.stripe.com/api/refunds/object#status)."""


def available(captured: int, refunds: Iterable[tuple[RefundStatus, int]]) -> int:
    """What may still go back, in minor units: captured less every refund that is not over.

    One that waits to be approved counts: the same money is not given away twice.
    """
    return captured - sum(amount for status, amount in refunds if status not in OVER)

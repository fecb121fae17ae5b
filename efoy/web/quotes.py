"""How does a form bring back the amount it showed, so that nobody can make another one up?"""

from __future__ import annotations

import json
from datetime import datetime

from efoy.domain.cancelling import Shown
from efoy.web.links import read_link, sign_link

KIND = "cancel_quote"
LONGEST = 600


def seal_quote(shown: Shown) -> str:
    """The signed text for the form."""
    facts = [
        shown.booking_id,
        shown.starts_at.isoformat(),
        shown.amount,
        shown.left,
        shown.at.isoformat(),
    ]
    return sign_link(KIND, json.dumps(facts))


def read_quote(token: str) -> Shown | None:
    """What the form showed, or None where we did not sign that."""
    text = read_link(KIND, token) if len(token) <= LONGEST else None
    if text is None:
        return None
    booking_id, starts_at, amount, left, at = json.loads(text)
    return Shown(
        booking_id=booking_id,
        starts_at=datetime.fromisoformat(starts_at),
        amount=amount,
        left=left,
        at=datetime.fromisoformat(at),
    )

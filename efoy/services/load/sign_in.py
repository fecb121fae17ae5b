"""How do many load patients sign in without any password work?"""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from efoy.models.base import transaction
from efoy.models.user import LoginSession, User

LOAD_PATIENTS = "patient%@load.test"


def sign_in_patients(limit: int, *, now: datetime) -> list[tuple[str, str]]:
    """A fresh sign-in for up to ``limit`` load patients: (address, token), in order of id."""
    query = select(User.id, User.email).where(User.email.like(LOAD_PATIENTS))
    with transaction("load") as session:
        people = list(session.execute(query.order_by(User.id).limit(limit)))
        tokens = [(person.email, secrets.token_urlsafe(32)) for person in people]
        session.add_all(
            LoginSession(
                token_hash=sha256(token.encode()).hexdigest(),
                user_id=person.id,
                created_at=now,
                seen_at=now,
            )
            for person, (_, token) in zip(people, tokens, strict=True)
        )
        return tokens

"""Has the person at this browser typed the password lately? Asked before money moves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from efoy.domain.errors import WrongCredentials
from efoy.domain.role import Actor
from efoy.domain.signin import WRONG_PROOFS
from efoy.models.base import lock, reading, transaction
from efoy.models.user import LoginSession, User
from efoy.services.passwords import is_password
from efoy.services.persons import note


def prove_password(token_hash: str, password: str, *, actor: Actor, now: datetime) -> bool:
    """Note on this sign-in that the password was typed now; False where it was not the right one.

    Five wrong ones in a row end the sign-in: whoever took over a browser gets no further. Raises
    NotFound for a sign-in nobody knows, WrongCredentials for one that has ended.
    """
    right = is_password(password, _kept(token_hash))
    with transaction("prove_password") as session:
        row = lock(session, LoginSession, token_hash)
        if row.ended_at is not None:
            raise WrongCredentials
        row.wrong_proofs = 0 if right else row.wrong_proofs + 1
        row.proved_at = now if right else row.proved_at
        if row.wrong_proofs >= WRONG_PROOFS:
            row.ended_at = now
        event = "prove_password" if right else "proof_refused"
        note(session, row.user_id, event, actor=actor, now=now)
    return right


def _kept(token_hash: str) -> str | None:
    query = (
        select(User.password_hash)
        .join(LoginSession, LoginSession.user_id == User.id)
        .where(LoginSession.token_hash == token_hash, User.disabled_at.is_(None))
    )
    with reading() as connection:
        return connection.scalar(query)

"""Whose token is this, and how far does it reach?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from efoy.domain.role import Role
from efoy.domain.scope import Scope, scopes_of
from efoy.models.api_token import ApiToken
from efoy.models.base import reading
from efoy.models.clinic import Doctor
from efoy.models.user import User


@dataclass(frozen=True, kw_only=True)
class TokenOwner:
    """The person a program speaks for, and what it may do in their name."""

    id: str
    name: str
    email: str
    phone: str
    role: Role
    locale: str
    doctor_id: int | None
    scopes: frozenset[Scope]


def token_owner(token_hash: str, now: datetime) -> TokenOwner | None:
    """The owner of a token that is neither revoked nor over, unless the account is disabled."""
    query = (
        select(
            User.id,
            User.name,
            User.email,
            User.phone,
            User.role,
            User.locale,
            Doctor.id.label("doctor_id"),
            ApiToken.scopes,
        )
        .join(User, User.id == ApiToken.user_id)
        .outerjoin(Doctor, Doctor.user_id == User.id)
        .where(
            ApiToken.token_hash == token_hash,
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now,
            User.disabled_at.is_(None),
        )
    )
    with reading() as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    return TokenOwner(**{**row, "scopes": scopes_of(row["scopes"])})

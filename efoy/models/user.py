"""Who can sign in, with which sessions and links?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from efoy.domain.role import Role
from efoy.models.base import Base
from efoy.models.types import UtcDateTime, Word, one_of


class User(Base):
    """A person. Guests have no password; an address counts once, whatever its case.

    ``refund_limit_minor``: above it, their refunds need a second person; None for the clinic's.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="a_user_has_one_known_role"),
        CheckConstraint("email = lower(email)", name="an_address_is_kept_in_lower_case"),
        CheckConstraint("refund_limit_minor >= 0", name="a_persons_limit_is_not_negative"),
        UniqueConstraint("email", name="one_user_per_address"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(32), default="")
    password_hash: Mapped[str | None] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(Word(Role))
    locale: Mapped[str] = mapped_column(String(8), default="en")
    reminders: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_logins: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refund_limit_minor: Mapped[int | None] = mapped_column(Integer)


class LoginSession(Base):
    """A signed-in browser: revocable, known only by the hash of its token.

    ``proved_at``: when the password was last typed in it; ``wrong_proofs`` counts wrong ones since.
    """

    __tablename__ = "login_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wrong_proofs: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class OneTimeLink(Base):
    """A link in a mail, good once. Its secret is a signature over ``id``: nothing to steal."""

    __tablename__ = "one_time_links"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

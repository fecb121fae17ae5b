"""Which programs may speak for whom, and how far?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from efoy.models.base import Base
from efoy.models.types import UtcDateTime


class ApiToken(Base):
    """A bearer token of the JSON API: known only by its hash, limited by scopes and time."""

    __tablename__ = "api_tokens"
    __table_args__ = (CheckConstraint("scopes <> ''", name="a_token_has_a_scope"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    scopes: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

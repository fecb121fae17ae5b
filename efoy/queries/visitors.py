"""For whom did somebody book before?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from efoy.domain.visitor import BookedFor
from efoy.models.base import reading
from efoy.models.visitor import Visitor


@dataclass(frozen=True, kw_only=True)
class KnownVisitor:
    """Somebody on the account of whoever books for them."""

    id: str
    kind: BookedFor
    name: str
    born_on: date


def visitors_of(user_id: str) -> Sequence[KnownVisitor]:
    """Everybody this person books for, by name."""
    columns = (Visitor.id, Visitor.kind, Visitor.name, Visitor.born_on)
    query = select(*columns).where(Visitor.user_id == user_id).order_by(Visitor.name, Visitor.id)
    with reading() as connection:
        return [KnownVisitor(**row) for row in connection.execute(query).mappings()]

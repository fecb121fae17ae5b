"""Whose bookings may this program or browser touch? The same scoped look-ups as on the pages."""

from __future__ import annotations

from efoy.domain.errors import Forbidden
from efoy.domain.role import Action, Role, may
from efoy.queries.patient import Reader
from efoy.web import readers
from efoy.web.login import viewer


def reader() -> Reader:
    """The reader of this request; a token reaches what its person has, never a browser's things."""
    who = viewer()
    if who is not None and who.scopes is not None and who.role is Role.PATIENT:
        return Reader(patient_id=who.id)
    return readers.reader()


def allow_any(*actions: Action) -> None:
    """Raise Forbidden when the role may do none of these."""
    who = viewer()
    if who is None or not any(may(who.role, action) for action in actions):
        raise Forbidden(" ".join(actions))

"""Why can a visit not be moved to the time that was chosen? In words for whoever chose it."""

from __future__ import annotations

from flask_babel import gettext as _

from efoy.domain.errors import Conflict, MoveUnderWay, SameTime, SlotTaken


def why_not(error: Conflict) -> str:
    """One sentence; the times that are left stand below it."""
    if isinstance(error, SlotTaken):
        return _("That time is taken, or you have another appointment then. Choose another one.")
    if isinstance(error, SameTime):
        return _("Your appointment is at that time already. Choose another one.")
    if isinstance(error, MoveUnderWay):
        return _("A payment for another time is still being closed. Try again in a minute.")
    return _("That time is not offered. Choose another one.")

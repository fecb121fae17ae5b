"""How are the refund rules said in one sentence?"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from efoy.domain.policy import Policy, Rung, Step
from efoy.web.context import locale
from efoy.wording import money

WHOLE, HOUR, DAY = 100, 60, 1440


def sentence(policy: Policy) -> str:
    """``Free to cancel until 24 hours before.``: the last moment at which all comes back."""
    free = [rung.minutes_before for rung in policy.rungs if rung.percent == WHOLE]
    if free:
        return _("Free to cancel until %(how_long)s before.", how_long=how_long(free[-1]))
    if policy.rungs:
        last = policy.rungs[-1].minutes_before
        return _("Part of it comes back until %(how_long)s before.", how_long=how_long(last))
    return _("Nothing comes back when you cancel.")


def sentence_now(policy: Policy, steps: Sequence[Step]) -> str:
    """The same for one visit: what is past is not promised, the present step is said instead."""
    here = next((step for step in steps if step.here), steps[-1])
    if here.percent == WHOLE:
        return sentence(policy)
    if here.amount:
        amount = money(here.amount, locale())
        return _("If you cancel now, you get back %(amount)s.", amount=amount)
    return _("Nothing comes back for this visit when you cancel.")


def rung_words(policy: Policy, rung: Rung | None) -> str:
    """``Cancelled at least 24 hours before``: the rung one stands on; None after the last."""
    if rung is not None:
        return _("Cancelled at least %(how_long)s before", how_long=how_long(rung.minutes_before))
    if policy.rungs:
        last = policy.rungs[-1].minutes_before
        return _("Cancelled less than %(how_long)s before", how_long=how_long(last))
    return _("The clinic’s rule")


def how_long(minutes: int) -> str:
    """Minutes in the words people use: 24 hours, 3 days, 90 minutes."""
    if minutes % DAY == 0 and minutes > 2 * DAY:
        return str(ngettext("%(num)s day", "%(num)s days", minutes // DAY))
    if minutes % HOUR == 0:
        return str(ngettext("%(num)s hour", "%(num)s hours", minutes // HOUR))
    return str(ngettext("%(num)s minute", "%(num)s minutes", minutes))

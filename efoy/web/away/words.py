"""How is it said how far a visit of a closed time is, and why something could not be done?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from efoy.domain.closing import ItemStatus


def problem_words(word: str) -> str:
    """Why a visit could not be cancelled or offered another time; empty where nothing is wrong."""
    words = {
        "disputed": _("A bank is looking at the payment, so it cannot be refunded now."),
        "another_is_waiting": _("Another refund of the payment waits to be sent."),
        "not_paid": _("The payment is not settled yet."),
        "TooLateToCancel": _("The visit has begun."),
        "QuoteChanged": _("It was being paid at that moment."),
    }
    return (words.get(word) or _("It could not be done.")) if word else ""


def counted(counts: Mapping[ItemStatus, int]) -> Sequence[tuple[str, int]]:
    """What became of the visits, in words, with how many; only what there is."""
    words = {
        ItemStatus.WAITING: _("To go"),
        ItemStatus.CANCELLED: _("Cancelled"),
        ItemStatus.OFFERED: _("Asked to move"),
        ItemStatus.MOVED: _("Moved"),
        ItemStatus.WITH_DESK: _("With the desk"),
        ItemStatus.FAILED: _("Failed"),
        ItemStatus.KEPT: _("Kept"),
        ItemStatus.STANDS: _("Stand as booked"),
        ItemStatus.GONE: _("Ended otherwise"),
    }
    return [(said, counts[status]) for status, said in words.items() if counts.get(status)]

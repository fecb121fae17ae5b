"""What will patients read? The mails of a closing, as written for the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from efoy.queries.away.period import BookedThen
from efoy.services.letters.samples import sample_letters
from efoy.wiring import outside


@dataclass(frozen=True, kw_only=True)
class SampleMail:
    """One mail before it is sent: when it is, its subject and its text."""

    when: str
    subject: str
    text: str


def sample_mails(found: BookedThen, reason: str, *, now: datetime) -> Sequence[SampleMail]:
    """The mails of this closing, written for its first visit; none where nobody is booked."""
    if not found.visits:
        return ()
    titles = (_("The mail that asks to choose another time"), _("The mail that cancels"))
    letters = sample_letters(found.visits[0].ref, reason, now=now)
    words = [outside().mailer.words_of(letter) for letter in letters]
    return [
        SampleMail(when=title, subject=one.subject, text=one.text)
        for title, one in zip(titles, words, strict=False)
    ]

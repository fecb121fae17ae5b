"""The page on which somebody says what becomes of each visit before a time is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from efoy.domain.closing import Choice, ClosingSource
from efoy.queries.away.period import BookedThen, DoctorName, Period, booked_then
from efoy.services.closings import AlreadyAway, ClosingWish, VisitsUndecided, close_time
from efoy.web.access import actor
from efoy.web.away.forms import PeriodForm
from efoy.web.away.samples import sample_mails
from efoy.web.context import clinic
from efoy.web.forms import form_token, new_form_token
from efoy.wiring import outside

CHOICES = (Choice.MOVE, Choice.DESK, Choice.CANCEL)
MARK = "choice-"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A time somebody wants to close: whose, what was typed, and where its pages are.

    ``look`` shows this page, ``save`` takes it, ``back`` leads away; ``own``: a doctor's own, who
    sees no amounts. ``change`` is the time off that is being changed.
    """

    doctor: DoctorName
    form: PeriodForm
    source: ClosingSource
    look: str
    save: str
    back: str
    own: bool = False
    change: int | None = None

    @property
    def period(self) -> Period:
        """The time, once the form was found to be one."""
        return Period(
            doctor_id=self.doctor.id,
            starts_at=self.form.starts_at,
            ends_at=self.form.ends_at,
            time_off_id=self.change,
        )


def choose_page(
    asked: Asked, *, chosen: Mapping[str, Choice] | None = None, undecided: bool = False
) -> str:
    """Who is booked then, with a choice for each; nothing is saved yet."""
    now = outside().clock()
    found = booked_then(asked.period, currency=clinic().currency, now=now)
    return render_template(
        "away/choose.html",
        asked=asked,
        form=asked.form,
        found=found,
        chosen=_for_all(found) if chosen is None else chosen,
        undecided=undecided,
        samples=sample_mails(found, asked.form.reason.data or "", now=now),
        form_token=new_form_token(),
    )


def _for_all(found: BookedThen) -> dict[str, Choice]:
    """The same choice for everyone, where the address says so."""
    word = request.args.get("all", "")
    return {one.ref: Choice(word) for one in found.visits} if word in CHOICES else {}


def save(asked: Asked) -> str | ResponseReturnValue:
    """Close the time as chosen: the closing's id, or the page again with what is missing."""
    chosen = typed_choices()
    wish = ClosingWish(
        doctor_id=asked.doctor.id,
        starts_at=asked.form.starts_at,
        ends_at=asked.form.ends_at,
        reason=asked.form.reason.data or "",
        source=asked.source,
        choices=chosen,
        time_off_id=asked.change,
        form_token=form_token(),
    )
    try:
        return close_time(wish, actor=actor(), now=outside().clock())
    except VisitsUndecided:
        return choose_page(asked, chosen=chosen, undecided=True), 409
    except AlreadyAway:
        flash(_("%(name)s is away for all of that time already.", name=asked.doctor.name), "error")
        return redirect(asked.back, 303)


def typed_choices() -> dict[str, Choice]:
    """What was chosen for each visit, by its reference; nonsense counts as nothing chosen."""
    return {
        name.removeprefix(MARK): Choice(word)
        for name, word in request.form.items()
        if name.startswith(MARK) and word in CHOICES
    }


def saved_words(count: int) -> str:
    """What is said once a time is closed."""
    closed = _("Saved. From now on nothing in that time can be booked.")
    if not count:
        return closed
    more = ngettext(
        "The booked visit is being seen to.", "The %(num)s booked visits are being seen to.", count
    )
    return f"{closed} {more}"

"""Close a day (or hours of it) of a doctor, and watch what becomes of the visits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from efoy.domain.closing import ClosingSource, ClosingStatus, ItemStatus
from efoy.domain.errors import NotFound
from efoy.domain.role import Action
from efoy.queries.away.closings import ClosingPage, closing_page, closings
from efoy.queries.away.period import DoctorName, doctor_named, doctors
from efoy.services.closing_items import retry_failed
from efoy.web.access import actor, requires
from efoy.web.away.choosing import Asked, choose_page, save, saved_words, typed_choices
from efoy.web.away.forms import PeriodForm
from efoy.web.away.words import counted, problem_words
from efoy.web.context import clinic
from efoy.web.parameters import slug
from efoy.wiring import outside

BASE = "/admin/close-day"
LOOK_AGAIN = 5
"""Seconds until a browser without script looks again."""
LONGEST_ID = 26
NONE_CHOSEN = DoctorName(id=0, slug="", name="")


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin/close-day."""
    bp.add_url_rule(BASE, view_func=listed)
    bp.add_url_rule(f"{BASE}/new", view_func=look)
    bp.add_url_rule(BASE, view_func=close, methods=["POST"])
    bp.add_url_rule(f"{BASE}/<closing>", view_func=progress)
    bp.add_url_rule(f"{BASE}/<closing>/progress.json", view_func=progress_json)
    bp.add_url_rule(f"{BASE}/<closing>/retry", view_func=retry, methods=["POST"])


@requires(Action.KEEP_HOURS)
def listed() -> ResponseReturnValue:
    """Which times were closed, and a form to close another."""
    return _list(PeriodForm(formdata=None))


def _list(form: PeriodForm) -> str:
    return render_template(
        "away/close_day.html",
        form=form,
        doctors=doctors(),
        closings=closings(),
        tomorrow=outside().clock() + timedelta(days=1),
    )


@requires(Action.KEEP_HOURS)
def look() -> ResponseReturnValue:
    """Who is booked then, how much they paid, and what they would read."""
    asked = _asked(PeriodForm(formdata=request.args))
    return (_list(asked.form), 422) if asked.doctor is NONE_CHOSEN else choose_page(asked)


@requires(Action.KEEP_HOURS)
def close() -> ResponseReturnValue:
    """Close it. From here on the worker carries out what was chosen."""
    asked = _asked(PeriodForm())
    if asked.doctor is NONE_CHOSEN:
        return _list(asked.form), 422
    done = save(asked)
    if not isinstance(done, str):
        return done
    flash(saved_words(len(typed_choices())))
    return redirect(url_for("away.progress", closing=done), 303)


def _asked(form: PeriodForm) -> Asked:
    """What was typed; without a doctor where anything of it cannot be used."""
    fine = form.period(zone=clinic().zone, now=outside().clock())
    doctor = _doctor(form)
    return Asked(
        doctor=doctor if fine else NONE_CHOSEN,
        form=form,
        source=ClosingSource.CLOSE_DAY,
        look=f"{BASE}/new",
        save=BASE,
        back=BASE,
    )


def _doctor(form: PeriodForm) -> DoctorName:
    try:
        return doctor_named(slug(form.doctor.data or ""))
    except NotFound:
        form.refuse(form.doctor, _("Choose a doctor"))
        return NONE_CHOSEN


# -- how far it is ---------------------------------------------------------------------------


@requires(Action.KEEP_HOURS)
def progress(closing: str) -> ResponseReturnValue:
    """Each visit and what became of it; the page looks again by itself while work is left."""
    found = closing_page(closing[:LONGEST_ID])
    response = make_response(_draw(found))
    if found.closing.to_go:
        response.headers["Refresh"] = str(LOOK_AGAIN)
    return response


def _draw(found: ClosingPage) -> str:
    rows = [(item, problem_words(item.problem)) for item in found.items]
    return render_template(
        "away/progress.html",
        closing=found.closing,
        items=rows,
        said=_said(found),
        counts=counted(found.closing.counts),
        failed=found.closing.counts.get(ItemStatus.FAILED, 0),
    )


@requires(Action.KEEP_HOURS)
def progress_json(closing: str) -> ResponseReturnValue:
    """The same for the script of the page, which then shows the page afresh."""
    found = closing_page(closing[:LONGEST_ID])
    counts: dict[str, Any] = {str(name): many for name, many in found.closing.counts.items()}
    url = url_for("away.progress", closing=found.closing.id)
    settled = not found.closing.to_go
    return jsonify(say=_said(found), settled=settled, url=url, counts=counts)


def _said(found: ClosingPage) -> str:
    closing = found.closing
    if closing.to_go:
        done = closing.total - closing.to_go
        return _("%(done)s of %(total)s visits are done.", done=done, total=closing.total)
    words = {
        ClosingStatus.FINISHED: _("All is done. Nothing is left to decide."),
        ClosingStatus.REOPENED: _("The time is open again."),
    }
    left = sum(1 for item in found.items if item.open)
    waiting = ngettext("1 visit waits for an answer.", "%(num)s visits wait for an answer.", left)
    return words.get(closing.status, waiting)


@requires(Action.KEEP_HOURS)
def retry(closing: str) -> ResponseReturnValue:
    """Try again what failed."""
    many = retry_failed(closing[:LONGEST_ID], actor=actor(), now=outside().clock())
    words = ngettext("1 visit is tried again.", "%(num)s visits are tried again.", many)
    flash(words if many else _("Nothing has failed."))
    return redirect(url_for("away.progress", closing=closing), 303)

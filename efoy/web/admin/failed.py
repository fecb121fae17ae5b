"""A refund did not arrive: pay it by hand, ask the patient, or call. Each stands in the history."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from efoy.domain.errors import InvalidValue, StaleAmount
from efoy.domain.refund import RefundStatus
from efoy.domain.refund_way import RefundWay
from efoy.domain.role import Action
from efoy.queries.admin.failed import FailedRefund, failed_refund
from efoy.services.alerts import LONGEST_NOTE, note_on
from efoy.services.refund_by_hand import Hand, pay_by_hand
from efoy.services.refund_limits import limit_of
from efoy.services.refund_wishes import ask_patient
from efoy.services.refunds import REASONS, RefundWish
from efoy.web.access import actor, requires
from efoy.web.admin.forms import LONGEST_MESSAGE, LONGEST_NAME, minor_amount
from efoy.web.admin.words import failure_words, reason_words, way_choices, way_words
from efoy.web.context import locale
from efoy.web.forms import BaseForm, Words, form_token, new_form_token, strip, text_field
from efoy.web.login import viewer
from efoy.web.proof import ask_password
from efoy.wiring import outside
from efoy.wording import money


class HandForm(BaseForm):
    """Who hands the money over, and how."""

    handed_by = StringField(
        _l("Who hands it over"),
        [Words(_l("Enter who hands the money over"), most=LONGEST_NAME)],
        filters=[strip],
    )
    way = StringField(_l("How"))
    message = text_field(_l("Message to the patient"), most=LONGEST_MESSAGE)


class NoteForm(BaseForm):
    """What was said on the telephone."""

    note = text_field(_l("What was said"), most=LONGEST_NOTE, missing=_l("Write what was said"))


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    path = "/admin/refunds/<refund>"
    bp.add_url_rule(path, view_func=failed)
    for step in (hand, hand_confirm, ask, note):
        last = step.__name__.replace("_", "/")
        bp.add_url_rule(f"{path}/{last}", view_func=step, methods=["POST"])


@requires(Action.REFUND)
def failed(refund: str) -> ResponseReturnValue:
    """Why it failed, and the ways to make it good."""
    return _page(failed_refund(refund[:26]))


@requires(Action.REFUND)
def hand(refund: str) -> ResponseReturnValue:
    """Look once more at what is handed over; nothing is recorded yet."""
    found, form = failed_refund(refund[:26]), HandForm()
    if not form.validate() or not way_words(form.way.data or ""):
        return make_response(_page(found, hand_form=form), 400)
    if minor_amount("available", request.form.get("available")) != found.left.minor:
        return _stale(found, form)
    return make_response(_review(found, form, new_form_token()))


@requires(Action.REFUND)
def hand_confirm(refund: str) -> ResponseReturnValue:
    """Record that the money was handed over: row, books, paper and mail."""
    found, form, token = failed_refund(refund[:26]), HandForm(), form_token()
    if token is None or not form.validate() or not way_words(form.way.data or ""):
        raise InvalidValue("form_token", "this is not a reviewed refund")
    page = ask_password(lambda: make_response(_review(found, form, token)))
    if page is not None:
        return page
    wish = RefundWish(
        amount=minor_amount("amount_minor", request.form.get("amount_minor")),
        available=minor_amount("available", request.form.get("available")),
        reason=found.reason if found.reason in REASONS else "clinic_cancelled",
        message=form.message.data or "",
        form_token=token,
    )
    by = Hand(way=RefundWay(form.way.data), by=form.handed_by.data, instead_of=found.id)
    try:
        status = pay_by_hand(found.payment_id, wish, by, actor=actor(), now=outside().clock())
    except StaleAmount:
        return _stale(failed_refund(found.id), form)
    flash(_said(status, found, form))
    return redirect(url_for("admin.booking", ref=found.booking_ref), 303)


@requires(Action.REFUND)
def ask(refund: str) -> ResponseReturnValue:
    """Mail the patient the link to say how they want it."""
    found = failed_refund(refund[:26])
    ask_patient(found.id, actor=actor(), now=outside().clock())
    flash(_("%(name)s gets a mail with a link to choose.", name=found.visitor_name))
    return redirect(url_for("admin.failed", refund=found.id), 303)


@requires(Action.REFUND)
def note(refund: str) -> ResponseReturnValue:
    """Keep what was said on the telephone; whoever notes it takes the matter on."""
    found, form = failed_refund(refund[:26]), NoteForm()
    if not form.validate():
        return make_response(_page(found, note_form=form), 400)
    if found.alert_id:
        note_on(found.alert_id, form.note.data, actor=actor(), now=outside().clock())
    flash(_("Noted."))
    return redirect(url_for("admin.failed", refund=found.id), 303)


def _page(
    found: FailedRefund,
    *,
    hand_form: HandForm | None = None,
    note_form: NoteForm | None = None,
) -> str:
    return render_template(
        "admin/refund_failed.html",
        refund=found,
        why=failure_words(found.failure_reason),
        reason=reason_words(found.reason),
        ways=way_choices(),
        hand_form=hand_form or HandForm(formdata=None, data={"handed_by": _name()}),
        note_form=note_form or NoteForm(formdata=None, data={"note": found.note}),
    )


def _name() -> str:
    who = viewer()
    return who.name if who else ""


def _review(found: FailedRefund, form: HandForm, token: str) -> str:
    who = viewer()
    limit = limit_of(who.id) if who else None
    return render_template(
        "admin/hand_review.html",
        refund=found,
        way=form.way.data,
        how=way_words(form.way.data),
        handed_by=form.handed_by.data,
        message=form.message.data or "",
        form_token=token,
        needs_second=limit is not None and found.due.minor > limit,
    )


def _stale(found: FailedRefund, form: HandForm) -> ResponseReturnValue:
    """What is left changed: nothing was recorded, nothing typed is lost."""
    words = _(
        "The amount that is left changed while the page was open: it is %(amount)s now. "
        "Nothing was sent. Look at it again, then decide.",
        amount=money(found.left, locale()),
    )
    flash(words, "error")
    return make_response(_page(found, hand_form=form), 409)


def _said(status: RefundStatus, found: FailedRefund, form: HandForm) -> str:
    amount = money(found.due, locale())
    if status is RefundStatus.PROPOSED:
        return _(
            "%(amount)s waits for a second person. Hand it over when they have approved it.",
            amount=amount,
        )
    return _("%(amount)s was handed over by %(name)s.", amount=amount, name=form.handed_by.data)

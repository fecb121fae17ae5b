"""Where does a patient look after whom they book for, and find what they paid?"""

from __future__ import annotations

from types import SimpleNamespace

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.role import Action
from efoy.queries.my_payments import PAGE, my_payments
from efoy.services import accounts, visitors
from efoy.web.access import actor, requires, signed_in
from efoy.web.account.blueprint import bp, now
from efoy.web.account.forms import wishes_form
from efoy.web.account.mine import account_page, me
from efoy.web.parameters import page_asked
from efoy.web.visitor_forms import VisitorForm


@bp.get("/account/payments")
@requires(Action.SEE_OWN)
def payments() -> ResponseReturnValue:
    """Everything one paid, what came back, and the papers."""
    page = page_asked()
    rows, total = my_payments(me().id, page=page)
    return render_template("account/payments.html", payments=rows, pager=_pager(page, total))


def _pager(page: int, total: int) -> SimpleNamespace:
    def url(number: int) -> str:
        return url_for("account.payments", page=number)

    return SimpleNamespace(
        first=(page - 1) * PAGE + 1,
        last=min(page * PAGE, total),
        total=total if total > PAGE else 0,
        previous_url=url(page - 1) if page > 1 else None,
        next_url=url(page + 1) if page * PAGE < total else None,
    )


@bp.post("/account/people")
@requires(Action.BOOK)
def add_person() -> ResponseReturnValue:
    """Keep somebody one books for."""
    form = VisitorForm()
    if not form.validate():
        return make_response(account_page(person=form), 400)
    visitor = form.visitor()
    if visitor is not None:
        visitors.add_visitor(me().id, visitor, actor=actor(), now=now())
        flash(_("%(name)s is kept for next time.", name=visitor.name))
    return redirect("/account#people", 303)


@bp.post("/account/people/<visitor>/forget")
@requires(Action.BOOK)
def forget_person(visitor: str) -> ResponseReturnValue:
    """Take somebody off one's account; what was booked for them stays."""
    visitors.forget_visitor(me().id, visitor, actor=actor(), now=now())
    flash(_("Taken off your account. Bookings stay as they are."))
    return redirect("/account#people", 303)


@bp.post("/account/wishes")
@signed_in
def save_wishes() -> ResponseReturnValue:
    """Language of our mails, reminders on or off."""
    form = wishes_form()
    if not form.validate():
        return make_response(account_page(), 400)
    accounts.update_wishes(
        me().id,
        locale=form.locale.data,
        reminders=bool(form.reminders.data),
        actor=actor(),
        now=now(),
    )
    flash(_("Your wishes are saved."))
    return redirect("/account", 303)

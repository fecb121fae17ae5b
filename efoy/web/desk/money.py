"""The page on which the desk takes money for a held visit, or is told to take none."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import (
    AlreadyPaid,
    HoldExpired,
    PaymentUnsettled,
    ProviderDown,
    ProviderRefused,
)
from efoy.domain.payment import PaymentMethod
from efoy.domain.role import Action
from efoy.queries.admin.booking import BookingFile, booking_file
from efoy.services.desk_money import Taking, take_at_desk
from efoy.web.access import actor, requires
from efoy.web.context import locale
from efoy.web.desk.forms import TakeForm
from efoy.web.forms import form_token, new_form_token
from efoy.wiring import outside
from efoy.wording import money as written


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /desk."""
    path = "/desk/bookings/<ref>/take"
    bp.add_url_rule(path, "take", take)
    bp.add_url_rule(path, "taken", taken, methods=["POST"])


@requires(Action.TAKE_MONEY)
def take(ref: str) -> ResponseReturnValue:
    """What there is to pay, and how it is handed over."""
    found = booking_file(ref)
    if found.status is not BookingStatus.HELD:
        return redirect(url_for("admin.booking", ref=ref), 303)
    return _page(found, TakeForm(formdata=None, data={"method": "cash"}))


@requires(Action.TAKE_MONEY)
def taken(ref: str) -> ResponseReturnValue:
    """Take it, once; an open pay page is closed before."""
    found, form = booking_file(ref), TakeForm()
    if not form.validate():
        return _page(found, form), 400
    taking = Taking(
        method=PaymentMethod(form.method.data), note=form.note.data or "", form_token=form_token()
    )
    out = outside()
    try:
        take_at_desk(found.id, taking, stripe=out.stripe, actor=actor(), now=out.clock())
    except AlreadyPaid:
        return _no(ref, "paid"), 409
    except HoldExpired:
        return _no(ref, "over"), 409
    except (PaymentUnsettled, ProviderDown, ProviderRefused):
        return _no(ref, "waiting"), 409
    amount = written(found.price, locale())
    flash(_("%(amount)s taken. The visit is booked.", amount=amount))
    return redirect(url_for("admin.booking", ref=ref), 303)


def _no(ref: str, why: str) -> str:
    """Take no money: it is paid already, the time is gone, or Stripe has not spoken yet."""
    return render_template("desk/no_money.html", booking=booking_file(ref), why=why)


def _page(found: BookingFile, form: TakeForm) -> str:
    return render_template("desk/take.html", booking=found, form=form, form_token=new_form_token())

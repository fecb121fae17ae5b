"""Money could not reach the card: how does the patient want it? A page behind a link of ours."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TelField

from efoy.domain.errors import NotFound
from efoy.domain.refund_way import Wish
from efoy.queries.admin.failed import FailedRefund, failed_refund
from efoy.services.refund_wishes import answer_wish
from efoy.web.access import actor, public
from efoy.web.forms import BaseForm, Phone, strip, text_field
from efoy.web.limits import limit_link
from efoy.web.links import read_link
from efoy.wiring import outside

LINK = "refund_wish"
"""What the token in the mail is signed for; its id is the failed refund's."""
bp = Blueprint("refund_wish", __name__)


class WishForm(BaseForm):
    """One of three ways; a number to call for one of them."""

    choice = StringField(_l("How would you like it?"))
    phone = TelField(_l("Phone"), filters=[strip])
    words = text_field(_l("Anything else we should know"), most=500)

    def fits(self) -> bool:
        """Whether one is chosen, with a number where we are to call; says at the field if not."""
        fine = bool(self.validate())
        if self.choice.data not in set(Wish):
            self.choice.errors = [_l("Choose one")]
            fine = False
        elif self.choice.data == Wish.CALL:
            fine = self.phone.validate(self, [Phone()]) and fine
        return fine


@bp.get("/refunds/wish/<token>")
@public
def wish(token: str) -> ResponseReturnValue:
    """What happened, and the choice; or what was chosen, or that all is settled."""
    return _page(token, _asked(token))


@bp.post("/refunds/wish/<token>")
@limit_link
@public
def choose(token: str) -> ResponseReturnValue:
    """Take the choice down, and tell the clinic."""
    found, form = _asked(token), WishForm()
    if found.made_good:
        return redirect(f"/refunds/wish/{token}", 303)
    if not form.fits():
        return make_response(_page(token, found, form), 400)
    choice = Wish(form.choice.data)
    answer_wish(
        found.id,
        choice,
        phone=form.phone.data or "" if choice is Wish.CALL else "",
        words=form.words.data or "",
        actor=actor(),
        now=outside().clock(),
    )
    return redirect(f"/refunds/wish/{token}", 303)


def _asked(token: str) -> FailedRefund:
    """The refund of the link; raises NotFound for a token that is not ours, or asks nothing."""
    key = read_link(LINK, token)
    found = failed_refund(key) if key is not None else None
    if found is None or found.answer is None:
        raise NotFound("wish")
    return found


def _page(token: str, found: FailedRefund, form: WishForm | None = None) -> str:
    return render_template(
        "booking/refund_wish.html",
        refund=found,
        token=token,
        form=form or WishForm(formdata=None),
    )

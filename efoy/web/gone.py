"""The page for a time that is gone: what else is near, and nothing typed twice."""

from __future__ import annotations

from types import SimpleNamespace

from flask import render_template

from efoy.domain.errors import NotFound
from efoy.queries.choices import Choice, Left, what_is_left
from efoy.queries.patient import BookingView, Details
from efoy.web.forms import new_form_token
from efoy.wiring import outside


def gone_page(
    wish: Choice | BookingView, kept: Details, *, why: str, left: Left | None = None
) -> str:
    """``why``: taken (somebody was faster), closed (not offered), over (a hold ran out) or
    bank_refused (a delayed payment failed)."""
    left = left or left_near(wish)
    again = left.wish if left and left.wish.free else None
    return render_template(
        "booking/gone.html",
        why=why,
        choice=wish,
        again=_offer(again) if again else None,
        nearest=[_offer(each) for each in left.nearest] if left else [],
        others=[_offer(each) for each in left.others] if left else [],
        kept=kept,
    )


def left_near(wish: Choice | BookingView) -> Left | None:
    """What is free near it; None where the doctor does not offer that any more."""
    now = outside().clock()
    try:
        return what_is_left(wish.doctor_slug, wish.service_slug, wish.starts_at, now=now)
    except NotFound:
        return None


def released_page(booking: BookingView, *, why: str = "over") -> str:
    """The same for a hold that ended unpaid, with the details it was made with."""
    return gone_page(booking, booking.details, why=why)


def _offer(choice: Choice) -> SimpleNamespace:
    """One offer with its own one-time token: each of them is a form."""
    return SimpleNamespace(**vars(choice), form_token=new_form_token())

"""What do patients read whom the desk booked for: a link to pay by, while it keeps their time?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.domain.letter import Letter, Link
from efoy.domain.policy import ladder
from efoy.models.booking import Booking
from efoy.models.payment import undecided_payment
from efoy.services.letters.facts import Promise, letter, read_clinic, read_visit

PAY = "pay"
"""What a token for paying is signed for."""


def pay_link(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M8: until when the time is held, and how to pay; silent once it is paid, or being paid."""
    booking = session.get(Booking, promise.subject_ref)
    if booking is None or booking.status is not BookingStatus.HELD or booking.pay_by is None:
        return None
    if booking.pay_by <= now or undecided_payment(session, booking.id):
        return None
    steps = ladder(booking.policy, booking.price, starts_at=booking.starts_at, now=now)
    context = {
        "clinic": read_clinic(session),
        "visit": read_visit(session, booking, now),
        "until": booking.pay_by,
        "steps": [step for step in steps if not step.passed],
    }
    return letter(promise, context, links={"pay": pay_page(booking.ref)})


def pay_page(ref: str) -> Link:
    """The page on which a visit is paid by whoever has the link; it opens the pay page anew."""
    return Link(path="/pay/link/{token}", kind=PAY, key=ref)

"""What will a patient read if this visit is moved or cancelled? Letters nobody is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.cancelling import Outcome
from efoy.domain.closing import answer_by
from efoy.domain.letter import Letter, Link
from efoy.domain.money import Money
from efoy.models.base import snapshot
from efoy.models.booking import Booking
from efoy.services.letters.closings import answer_link
from efoy.services.letters.facts import (
    Promise,
    booking_link,
    letter,
    offer_link,
    paid_for,
    read_clinic,
    read_visit,
)
from efoy.services.letters.nearest import nearest_times

SAMPLE = "sample"


def sample_letters(ref: str, reason: str, *, now: datetime) -> Sequence[Letter]:
    """The offer of another time and the cancellation, as the patient of that booking would get
    them. The link in them is no key to anything. Empty where there is no such booking."""
    with snapshot() as connection, Session(bind=connection, autoflush=False) as session:
        booking = session.scalars(select(Booking).where(Booking.ref == ref)).one_or_none()
        if booking is None:
            return ()
        return [_write(session, kind, booking, reason, now) for kind in _KINDS]


_KINDS = ("move_offered", "cancelled_by_clinic")


def _write(session: Session, kind: str, booking: Booking, reason: str, now: datetime) -> Letter:
    visit, paid = read_visit(session, booking, now), paid_for(session, booking)
    context = {
        "clinic": read_clinic(session),
        "visit": visit,
        "paid": paid,
        "owed": paid.amount - paid.back if paid else Money(0, booking.currency),
        "outcome": Outcome.UNDER_WAY if paid else Outcome.NOT_PAID,
        "reason": reason,
        "answer_by": answer_by(booking.starts_at, now),
        "nearest": nearest_times(session, booking, now),
    }
    promise = Promise(
        id=SAMPLE,
        kind=kind,
        subject_ref=SAMPLE,
        address=booking.visitor_email,
        locale=booking.locale,
        attempts=0,
        created_at=now,
    )
    links = {
        "answer": _public(answer_link(booking)),
        "booking": _public(booking_link(booking)),
        "times": offer_link(visit),
    }
    return letter(promise, context, links=links)


def _public(link: Link) -> Link:
    """The same page without the key that would open it."""
    return Link(path=link.path.partition("?")[0])

"""How does somebody find a booking again, with its reference and their address alone?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.role import Actor
from efoy.models.base import new_id, transaction
from efoy.models.booking import Booking
from efoy.models.outbox import post
from efoy.services.one_time_links import flooded
from efoy.services.persons import address, note, stranger

KIND = "find_booking"


def send_the_way(ref: str, email: str, *, actor: Actor, now: datetime) -> None:
    """Mail the link of that booking to the address it was made with, where the two fit.

    Nobody who asks can tell whether they did: the same is written down, and nothing is said.
    """
    with transaction("issue_link") as session:
        found = _of(session, ref, email)
        if found is not None and not flooded(session, KIND, found.visitor_email, now=now):
            subject = f"{found.id}:{new_id()}"
            post(session, KIND, subject, found.visitor_email, now=now, locale=found.locale)
        note(session, stranger(email), "ask_booking", actor=actor, now=now)


def _of(session: Session, ref: str, email: str) -> Booking | None:
    found = session.scalar(select(Booking).where(Booking.ref == ref))
    return found if found is not None and address(found.visitor_email) == address(email) else None

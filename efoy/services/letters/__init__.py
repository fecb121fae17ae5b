"""Which letter keeps a promise of mail, as things stand now? None where it is no longer true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.errors import InvalidValue
from efoy.domain.letter import Letter
from efoy.models.base import snapshot
from efoy.services.letters import (
    accounts,
    alerts,
    cancelled,
    closings,
    desk,
    moves,
    payments,
    refunds,
    reminders,
    visits,
    waiting,
)
from efoy.services.letters.facts import Promise

Writer = Callable[[Session, Promise, datetime], Letter | None]
WRITERS: Mapping[str, Writer] = {
    "booked": visits.booked,
    "cancelled_by_clinic": cancelled.cancelled,
    "cancelled_by_patient": cancelled.cancelled,
    "pay_link": desk.pay_link,
    "move_offered": closings.move_offered,
    "visit_stands": closings.visit_stands,
    "moved": moves.moved,
    "move_not_made": moves.move_not_made,
    "reminder": reminders.reminder,
    "finish_payment": reminders.finish_payment,
    "time_opened": waiting.time_opened,
    "find_booking": waiting.find_booking,
    "payment_failed": payments.payment_failed,
    "paid_too_late": payments.money_returned,
    "paid_twice": payments.money_returned,
    "refund_sent": refunds.refund_sent,
    "refund_failed": refunds.refund_failed,
    "refund_by_hand": refunds.refund_by_hand,
    "refund_wish": refunds.refund_wish,
    "confirm_address": accounts.one_time_link,
    "reset_password": accounts.one_time_link,
    "already_registered": accounts.already_registered,
    "invitation": accounts.invitation,
    "admin_alert": alerts.admin_alert,
}
"""Every kind of message the services post, with who writes it."""


def write_letter(promise: Promise, *, now: datetime) -> Letter | None:
    """The letter for one message from one moment of the database, or None to send nothing.

    Raises InvalidValue for a kind nobody writes.
    """
    writer = WRITERS.get(promise.kind)
    if writer is None:
        raise InvalidValue("kind", "no letter of this kind")
    with snapshot() as connection, Session(bind=connection, autoflush=False) as session:
        return writer(session, promise, now)

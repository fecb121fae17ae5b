"""The steps stories are told in: hold, pay, deliver, wait; and what came of it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from efoy.domain.cancelling import Shown
from efoy.domain.role import Actor, Door, system
from efoy.models import Booking, LedgerEntry, OutboxMessage, Payment, Receipt, Refund, SlotClaim
from efoy.models.base import reading
from efoy.queries.cancelling import CancelQuote, cancel_quote
from efoy.queries.patient import Reader, find_booking
from efoy.services import booking as bookings
from efoy.services import checkout, giving_up, refunds, settlement, stripe_events, worker
from efoy.services.reconcile import Sweep
from tests.support.clinic import ADMIN, PATIENT

URLS = checkout.ReturnUrls(
    success="http://127.0.0.1:8000/pay/return?session_id={CHECKOUT_SESSION_ID}",
    back="http://127.0.0.1:8000/pay/back?payment={payment}",
)
GOOD, DECLINED, BROKE = "4242424242424242", "4000000000000002", "4000000000009995"
PENDING_REFUND, FAILING_REFUND = "4000000000007726", "4000000000005126"
AS_PATIENT = Actor(user_id=PATIENT, role="patient", door=Door.WEB, request_id="req-patient")
AS_ADMIN = Actor(user_id=ADMIN, role="admin", door=Door.WEB, request_id="req-admin")
RETURN, WEBHOOK = system(Door.RETURN), system(Door.WEBHOOK)


class Story:
    """One clinic, one clock, one sandbox, one mailbox."""

    def __init__(self, app, clock, box, stripe, mailbox) -> None:
        self.app, self.clock, self.box = app, clock, box
        self.stripe, self.transport, self.mailbox = stripe, stripe.transport, mailbox

    # -- when --------------------------------------------------------------------------------

    def time(self, hours: float = 25) -> datetime:
        """An offered time that many hours after nine o'clock of the first morning."""
        return datetime.fromisoformat("2026-11-23T14:00:00+00:00") + timedelta(hours=hours)

    def request(self, at: datetime | None = None, **given: Any) -> bookings.HoldRequest:
        """What a visitor asks for, unless the story says otherwise."""
        wish: dict[str, Any] = {
            "doctor": "hana-tesfaye",
            "service": "see-the-doctor",
            "starts_at": at or self.time(),
            "name": "Almaz Bekele",
            "email": "almaz@example.org",
            "phone": "+12405550117",
            "viewer_id": PATIENT,
        }
        if "email" in given:
            wish["viewer_id"] = None
        return bookings.HoldRequest(**(wish | given))

    def hold(self, at: datetime | None = None, **given: Any) -> bookings.Held:
        """Somebody holds a time."""
        return bookings.hold_slot(self.request(at, **given), actor=AS_PATIENT, now=self.clock())

    def open(self, booking_id: str) -> checkout.OpenCheckout:
        """They press Pay."""
        return checkout.open_checkout(
            booking_id, urls=URLS, stripe=self.stripe.gateway, actor=AS_PATIENT, now=self.clock()
        )

    def pay(self, booking_id: str, card: str = GOOD, **typed: Any):
        """They press Pay and type a card on the hosted page."""
        page = self.open(booking_id)
        return self.box.pay(page.checkout_ref, card=card, **typed)

    def come_back(self, booking_id: str):
        """They return: the page asks Stripe."""
        return self.settle(self.payment_of(booking_id).id, RETURN)

    def settle(self, payment_id: str, actor: Actor = RETURN):
        """Someone looks at the payment."""
        return settlement.settle_payment(
            payment_id, stripe=self.stripe.gateway, actor=actor, now=self.clock()
        )

    def booked(self, at: datetime | None = None, card: str = GOOD, **given: Any) -> str:
        """A whole main job: held, paid, settled; returns the booking's id."""
        held = self.hold(at, **given)
        self.pay(held.id, card)
        self.come_back(held.id)
        return held.id

    def quote(self, booking_id: str) -> CancelQuote:
        """What a patient's page shows who thinks of cancelling."""
        reader = Reader(everyone=True)
        booking = find_booking(reader, self.booking(booking_id).ref)
        return cancel_quote(booking, now=self.clock())

    def cancel(
        self,
        booking_id: str,
        by: str = "patient",
        actor: Actor = AS_PATIENT,
        shown: Shown | None = None,
        reason: str = "",
    ):
        """Somebody ends the booking; a patient agrees to what is shown now, or was before."""
        if by == "patient" and shown is None:
            shown = self.quote(booking_id).shown
        return giving_up.cancel_booking(
            booking_id,
            by=by,
            reason=reason,
            stripe=self.stripe.gateway,
            actor=actor,
            now=self.clock(),
            shown=shown,
        )

    def refund(self, payment_id: str, amount: int, available: int | None = None, **more) -> str:
        """An admin asks for a refund."""
        wish = refunds.RefundWish(
            amount=amount,
            available=self.payment(payment_id).captured_minor if available is None else available,
            reason="patient_asked",
            **more,
        )
        return refunds.request_refund(payment_id, wish, actor=AS_ADMIN, now=self.clock())

    def deliver(self, letters: list[Any] | None = None) -> list[Any]:
        """Stripe's messages arrive and are looked into; returns them."""
        if letters is None:
            letters = self.box.take_deliveries()
            for letter in letters:
                self.transport.witness.event(
                    letter.headers, letter.body, self.box.mail.secret, self.clock().timestamp()
                )
        for letter in letters:
            self.receive(letter.headers["Stripe-Signature"], letter.body)
        self.work()
        return letters

    def receive(self, signature: str, body: bytes) -> bool:
        """One message at the door."""
        return stripe_events.receive_event(
            body, signature, stripe=self.stripe.gateway, now=self.clock()
        )

    @property
    def tools(self) -> worker.Tools:
        """What the worker works with."""
        outside = self.app.extensions["efoy_outside"]
        return worker.Tools(clock=self.clock, stripe=outside.worker_stripe, mailer=outside.mailer)

    def work(self) -> None:
        """The worker does what is due, without its periodic sweeps."""
        for _ in range(20):
            waiting = list(worker.due(self.clock()))
            if not waiting:
                return
            for kind, key in waiting:
                worker.work(kind, key, self.tools)

    def drain(self) -> None:
        """The worker runs until it is idle, sweeps included."""
        worker.drain(self.tools)

    def wait(self, **span: float) -> None:
        """Time passes, the worker runs."""
        self.clock.advance(**span)
        self.drain()

    @property
    def sweep(self) -> Sweep:
        """What a sweep works with."""
        return Sweep(stripe=self.stripe.gateway, actor=system(Door.SWEEP), now=self.clock())

    @contextmanager
    def stripe_away(self):
        """Nobody answers at Stripe."""
        self.transport.gone = True
        try:
            yield
        finally:
            self.transport.gone = False

    # -- then --------------------------------------------------------------------------------

    def rows(self, table, **where: Any) -> list[Any]:
        """Rows of a table as plain rows, in insertion order where that shows."""
        query = select(table.__table__)
        for column, value in where.items():
            query = query.where(getattr(table, column) == value)
        with reading() as connection:
            return list(connection.execute(query))

    def booking(self, booking_id: str):
        """The booking as it stands."""
        return self.rows(Booking, id=booking_id)[0]

    def payment(self, payment_id: str):
        """The payment as it stands."""
        return self.rows(Payment, id=payment_id)[0]

    def payments(self, booking_id: str) -> list[Any]:
        """Every attempt to pay the booking, oldest first."""
        return sorted(self.rows(Payment, booking_id=booking_id), key=lambda row: row.created_at)

    def payment_of(self, booking_id: str):
        """The newest attempt."""
        return self.payments(booking_id)[-1]

    def refunds(self, booking_id: str) -> list[Any]:
        """Every refund of the booking, oldest first."""
        mine = {payment.id for payment in self.payments(booking_id)}
        rows = [row for row in self.rows(Refund) if row.payment_id in mine]
        return sorted(rows, key=lambda row: row.created_at)

    def claims(self, booking_id: str) -> int:
        """How many five-minute cells the booking has."""
        return len(self.rows(SlotClaim, booking_id=booking_id))

    def balance(self, account: str) -> int:
        """What an account holds, in minor units."""
        return sum(row.minor for row in self.rows(LedgerEntry, account=account))

    def receipts(self) -> list[str]:
        """The numbers given so far, in order."""
        return sorted(row.number for row in self.rows(Receipt))

    def promised(self) -> list[str]:
        """What was promised by mail, as kinds."""
        return sorted(row.kind for row in self.rows(OutboxMessage))

    def charges_at_stripe(self) -> list[Any]:
        """The captured charges Stripe has."""
        return [
            one.body
            for one in self.box.state.by_id.values()
            if one.body.get("object") == "charge" and one.body.get("paid")
        ]

    def run_sql(self, statement: str, **values: Any) -> None:
        """Write past the house: for planting what may never happen."""
        from efoy.models import db

        with db.engine.begin() as connection:
            connection.execute(text(statement), values)

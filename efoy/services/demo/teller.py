"""What can happen to one demo booking? Each step is the real service, at a time in the past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select

from efoy.domain.booking import BookingEvent
from efoy.domain.cancelling import Shown, quote_for_patient
from efoy.domain.errors import Conflict, RefundRefused
from efoy.domain.notice import RefundNotice
from efoy.domain.policy import Policy
from efoy.domain.refund import RefundStatus
from efoy.domain.role import Actor, Door, Role, system
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor
from efoy.models.kept import kept_payments
from efoy.models.payment import Refund
from efoy.services.booking import HoldRequest, hold_slot
from efoy.services.checkout import ReturnUrls, open_checkout
from efoy.services.demo.pretend import PretendStripe, disputed
from efoy.services.disputes import apply_dispute
from efoy.services.giving_up import cancel_booking, expire_hold
from efoy.services.moving import Moved, MoveWish, move_booking
from efoy.services.proposals import approve_refund
from efoy.services.refund_decisions import decline_refund
from efoy.services.refund_following import apply_refund
from efoy.services.refund_sending import submit_refund
from efoy.services.settlement import apply_checkout
from efoy.services.visit_notes import write_note
from efoy.services.visits import mark_arrived, mark_visit

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

NOWHERE = ReturnUrls(
    success="http://127.0.0.1/pay/return?session_id={CHECKOUT_SESSION_ID}",
    back="http://127.0.0.1/pay/back?payment={payment}",
)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who books what with whom, when."""

    doctor: str
    service: str
    starts_at: datetime
    minutes: int
    price: int
    name: str
    email: str
    phone: str
    user_id: str | None = None
    card: tuple[str, str] = ("visa", "4242")


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The ids of the people who act in the demo."""

    patient: str
    doctor: str
    desk: str
    admin: str


class Teller:
    """Does the steps of one booking, in order."""

    def __init__(self, visit: Visit, cast_: Cast, pretend: PretendStripe) -> None:
        self.visit, self._cast, self._pretend = visit, cast_, pretend
        self._stripe = cast("StripeGateway", pretend)
        self.booking_id = self.payment_id = self._refund_id = self._top_up = ""
        self._asked = visit.price
        """What the newest refund is to bring back; all of it where nobody asked for less."""
        self.by_itself = False
        """Whether the refund turned to last needs nobody's word."""

    @property
    def cast(self) -> Cast:
        """Who acts in the demo."""
        return self._cast

    @property
    def refund_id(self) -> str:
        """The newest refund of this booking, '' before one was asked for."""
        return self._refund_id

    def _patient(self) -> Actor:
        return Actor(user_id=self.visit.user_id, role="patient", door=Door.WEB)

    def _admin(self) -> Actor:
        return Actor(user_id=self._cast.admin, role=Role.ADMIN, door=Door.WEB)

    def hold(self, now: datetime) -> bool:
        """Hold the time; False when somebody in the story has it, or the patient is elsewhere."""
        visit = self.visit
        request = HoldRequest(
            doctor=visit.doctor,
            service=visit.service,
            starts_at=visit.starts_at,
            name=visit.name,
            email=visit.email,
            phone=visit.phone,
            viewer_id=visit.user_id,
        )
        try:
            self.booking_id = hold_slot(request, actor=self._patient(), now=now).id
        except Conflict:
            return False
        return True

    def open(self, now: datetime) -> None:
        """Press Pay."""
        opened = open_checkout(
            self.booking_id, urls=NOWHERE, stripe=self._stripe, actor=self._patient(), now=now
        )
        self.payment_id = opened.payment_id or ""

    def pay(self, now: datetime, door: Door = Door.RETURN) -> None:
        """The card goes through."""
        notice = self._pretend.paid(self.payment_id, self.visit.card, now)
        apply_checkout(self.payment_id, notice, actor=system(door), now=now)

    def pay_another_amount(self, now: datetime) -> None:
        """Stripe shows an amount that was never asked for: parked, a person looks."""
        notice = self._pretend.paid(self.payment_id, self.visit.card, now)
        wrong = replace(notice, amount=notice.amount - 500, captured=notice.amount - 500)
        apply_checkout(self.payment_id, wrong, actor=system(Door.WEBHOOK), now=now)

    def process(self, now: datetime) -> None:
        """A method that takes days."""
        notice = self._pretend.processing(self.payment_id)
        apply_checkout(self.payment_id, notice, actor=system(Door.RETURN), now=now)

    def decline(self, now: datetime) -> None:
        """The bank says no, and nobody tries again in time."""
        notice = self._pretend.declined(self.payment_id, "insufficient_funds")
        apply_checkout(self.payment_id, notice, actor=system(Door.SWEEP), now=now)

    def expire(self, now: datetime) -> None:
        """Time is up."""
        expire_hold(self.booking_id, stripe=self._stripe, actor=system(Door.SWEEP), now=now)

    def mark(self, event: BookingEvent, now: datetime) -> None:
        """Arrived, or did not come."""
        actor = Actor(user_id=self._cast.desk, role=Role.DESK, door=Door.WEB)
        mark_visit(self.booking_id, event, actor=actor, now=now)

    def arrive(self, now: datetime) -> None:
        """The desk sees them come in."""
        actor = Actor(user_id=self._cast.desk, role=Role.DESK, door=Door.WEB)
        mark_arrived(self.booking_id, here=True, actor=actor, now=now)

    def note(self, words: str, now: datetime, after: int = 0) -> None:
        """The doctor who can sign in writes a note; the others have none to show."""
        query = select(Doctor.id).where(Doctor.user_id == self._cast.doctor)
        mine = query.where(Doctor.slug == self.visit.doctor)
        with reading() as connection:
            doctor_id = connection.scalar(mine)
        if doctor_id is not None:
            actor = Actor(user_id=self._cast.doctor, role=Role.DOCTOR, door=Door.WEB)
            write_note(self.booking_id, doctor_id, words, after=after, actor=actor, now=now)

    def cancel(self, by: str, reason: str, now: datetime) -> None:
        """The patient, who agrees to what is shown, or the clinic ends the booking."""
        actor = self._patient() if by == "patient" else self._admin()
        cancel_booking(
            self.booking_id,
            by=by,
            reason=reason,
            stripe=self._stripe,
            actor=actor,
            now=now,
            shown=self._shown(now) if by == "patient" and self.payment_id else None,
        )

    def move(self, doctor: str, starts_at: datetime, now: datetime) -> Moved:
        """The patient wants another time, perhaps with another doctor."""
        wish = MoveWish(starts_at=starts_at, doctor=doctor)
        return move_booking(
            self.booking_id,
            wish,
            stripe=self._stripe,
            urls=NOWHERE,
            actor=self._patient(),
            now=now,
        )

    def pay_top_up(self, moved: Moved, now: datetime) -> None:
        """What the new time costs more goes through."""
        self._top_up = moved.payment_id or ""
        notice = self._pretend.paid(self._top_up, self.visit.card, now)
        apply_checkout(self._top_up, notice, actor=system(Door.RETURN), now=now)

    def refund_top_up(self) -> bool:
        """Turn to the refund of what the cheaper time gives back; False where there is none."""
        columns = (Refund.id, Refund.amount_minor)
        query = select(*columns).where(Refund.payment_id == self._top_up)
        with reading() as connection:
            row = connection.execute(query).first()
        if row is not None:
            self._refund_id, self._asked = row.id, row.amount_minor
        return row is not None

    def _shown(self, now: datetime) -> Shown:
        with reading() as connection:
            kept = kept_payments(connection, self.booking_id)
            columns = (Booking.policy_json.label("policy"), Booking.currency, Booking.starts_at)
            row = connection.execute(select(*columns).where(Booking.id == self.booking_id)).one()
        rules, starts_at = Policy.from_json(row.policy), row.starts_at
        quote = quote_for_patient(rules, kept, row.currency, starts_at=starts_at, at=now)
        amount, left = quote.amount.minor, quote.left.minor
        return Shown(
            booking_id=self.booking_id, starts_at=starts_at, amount=amount, left=left, at=now
        )

    def refund(self) -> bool:
        """Turn to the refund that the cancellation asked for; False where nothing comes back."""
        columns = (Refund.id, Refund.amount_minor, Refund.status)
        query = select(*columns).where(Refund.payment_id == self.payment_id)
        with reading() as connection:
            row = connection.execute(query.order_by(Refund.created_at.desc())).first()
        if row is not None:
            self._refund_id, self._asked = row.id, row.amount_minor
            self.by_itself = row.status is RefundStatus.REQUESTED
        return row is not None

    def decide(self, *, approve: bool, now: datetime) -> None:
        """An admin agrees or does not, where the rules ask for one."""
        try:
            if approve:
                approve_refund(self._refund_id, actor=self._admin(), now=now)
            else:
                decline_refund(
                    self._refund_id, note="Agreed by telephone", actor=self._admin(), now=now
                )
        except RefundRefused:
            return  # it needs nobody's word

    def send_refund(self, now: datetime, refund_id: str = "") -> None:
        """The worker sends it; the bank needs days."""
        actor = system(Door.WORKER)
        self._refund_id = refund_id or self._refund_id
        submit_refund(self._refund_id, stripe=self._stripe, actor=actor, now=now)

    def end_refund(self, status: str, now: datetime, why: str | None = None) -> None:
        """What became of the refund: succeeded or failed."""
        notice = RefundNotice(
            ref=f"re_seeded_{self._refund_id}",
            status=status,
            amount=self._asked,
            currency="USD",
            intent_ref=f"pi_seeded_{self.payment_id}",
            reference=self._refund_id,
            created_at=now.astimezone(UTC),
            failure_reason=why,
            bank_reference="74811122233344455566677" if status == "succeeded" else None,
        )
        apply_refund(notice, actor=system(Door.WEBHOOK), now=now)

    def dispute(self, now: datetime, **otherwise: Any) -> None:
        """The cardholder says that the visit never happened, or something else."""
        notice = replace(disputed(self.payment_id, self.visit.price, now), **otherwise)
        apply_dispute(notice, actor=system(Door.WEBHOOK), now=now)

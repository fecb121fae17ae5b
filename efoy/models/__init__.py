"""Tables, constraints, rows to values and back; no decisions."""

from efoy.models.api_token import ApiToken
from efoy.models.audit import AuditEntry, AuditSeal
from efoy.models.base import Base, db
from efoy.models.booking import Booking, SlotClaim
from efoy.models.clinic import (
    Clinic,
    Doctor,
    DoctorService,
    ExtraHours,
    OpeningHours,
    RefundPolicy,
    Service,
    Specialty,
    TimeOff,
)
from efoy.models.closing import DayClosing, DayClosingItem
from efoy.models.doctors_own import CalendarFeed, VisitNote
from efoy.models.edition import Edition
from efoy.models.ledger import LedgerEntry, Receipt, ReceiptCounter
from efoy.models.moving import BookingMove
from efoy.models.outbox import OutboxMessage
from efoy.models.payment import Dispute, Payment, Refund
from efoy.models.picture import Picture
from efoy.models.price import ServicePrice
from efoy.models.refund_wish import RefundWish
from efoy.models.stripe_event import StripeEvent
from efoy.models.upkeep import Alert, Heartbeat, Watermark
from efoy.models.user import LoginSession, OneTimeLink, User
from efoy.models.visitor import Visitor
from efoy.models.waiting import WaitlistEntry, WaitlistOffer

__all__ = [
    "Alert",
    "ApiToken",
    "AuditEntry",
    "AuditSeal",
    "Base",
    "Booking",
    "BookingMove",
    "CalendarFeed",
    "Clinic",
    "DayClosing",
    "DayClosingItem",
    "Dispute",
    "Doctor",
    "DoctorService",
    "Edition",
    "ExtraHours",
    "Heartbeat",
    "LedgerEntry",
    "LoginSession",
    "OneTimeLink",
    "OpeningHours",
    "OutboxMessage",
    "Payment",
    "Picture",
    "Receipt",
    "ReceiptCounter",
    "Refund",
    "RefundPolicy",
    "RefundWish",
    "Service",
    "ServicePrice",
    "SlotClaim",
    "Specialty",
    "StripeEvent",
    "TimeOff",
    "User",
    "VisitNote",
    "Visitor",
    "WaitlistEntry",
    "WaitlistOffer",
    "Watermark",
    "db",
]

"""What is one mail, before it is rendered? Values only; the mailer makes text, HTML and papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from efoy.domain.receipt import CreditContent, ReceiptContent


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """A visit for the patient's own calendar: "Appointment" and the clinic, nothing medical.

    ``uid`` is the booking's id, ``url`` a path under the base URL. With an ``attendee`` the file is
    an invitation from ``organizer`` (both e-mail addresses), without one it is for download.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    clinic_name: str
    clinic_address: str
    booking_ref: str
    url: str
    cancelled: bool = False
    made_at: datetime
    organizer: str = ""
    attendee: str = ""


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    """A visit in a doctor's own calendar: a time, and the ``letters`` of a name."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    letters: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class RefundLine:
    """One refund as a receipt shows it: minor units, ISO date, and how far it is."""

    amount: int
    at: str
    status: str


@dataclass(frozen=True, kw_only=True)
class ReceiptPaper:
    """A receipt ready for print: its number, frozen content, and the refunds since."""

    number: str
    content: ReceiptContent
    refunds: tuple[RefundLine, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CreditPaper:
    """A credit note ready for print; ``arrived`` is False once the refund came back after all."""

    number: str
    content: CreditContent
    arrived: bool = True


@dataclass(frozen=True, kw_only=True)
class Link:
    """A path under the base URL; ``{token}`` in it becomes the seal of ``kind`` and ``key``."""

    path: str
    kind: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail to one address. ``name`` is a folder of ``templates/mail``; its templates see
    ``context``, and ``links`` as whole addresses. ``message_key`` is the outbox row's id."""

    name: str
    to: str
    locale: str
    message_key: str
    context: Mapping[str, Any]
    links: Mapping[str, Link] = field(default_factory=dict)
    receipt: ReceiptPaper | None = None
    calendar: CalendarEntry | None = None

"""How do the tables of transitions look? Drawn into docs/diagrams, one file each."""

from __future__ import annotations

from pathlib import Path

import click

from efoy.domain import machine
from efoy.domain.booking import BOOKING, BookingStatus
from efoy.domain.closing import CLOSING, ITEM, ClosingStatus, ItemStatus
from efoy.domain.dispute import DISPUTE, DisputeStatus
from efoy.domain.event import STRIPE_EVENT, EventStatus
from efoy.domain.moving import MOVE, MoveStatus
from efoy.domain.outbox import OUTBOX, OutboxStatus
from efoy.domain.payment import PAYMENT, PaymentStatus
from efoy.domain.refund import REFUND, RefundStatus
from efoy.domain.waiting import OFFER, WAITING, OfferStatus, WaitingStatus

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "diagrams"


def diagrams() -> dict[str, str]:
    """Each file's name and its text, made from the tables of the domain."""
    return {
        "booking.md": _page("Booking", machine.mermaid(BOOKING, BookingStatus.HELD)),
        "move.md": _page("Move", machine.mermaid(MOVE, MoveStatus.PENDING, MoveStatus.DONE)),
        "payment.md": _page("Payment", machine.mermaid(PAYMENT, PaymentStatus.CREATING)),
        "closing.md": _page("Closed time", machine.mermaid(CLOSING, ClosingStatus.RUNNING)),
        "closing_item.md": _page(
            "Visit of a closed time", machine.mermaid(ITEM, ItemStatus.WAITING)
        ),
        "refund.md": _page(
            "Refund", machine.mermaid(REFUND, RefundStatus.REQUESTED, RefundStatus.PROPOSED)
        ),
        "dispute.md": _page("Dispute", machine.mermaid(DISPUTE, DisputeStatus.NEEDS_RESPONSE)),
        "stripe_event.md": _page(
            "Stripe event", machine.mermaid(STRIPE_EVENT, EventStatus.RECEIVED)
        ),
        "waiting.md": _page("Place in line", machine.mermaid(WAITING, WaitingStatus.WAITING)),
        "offer.md": _page("Offer of an opened time", machine.mermaid(OFFER, OfferStatus.OPEN)),
        "outbox_message.md": _page("Outbox message", machine.mermaid(OUTBOX, OutboxStatus.NEW)),
    }


def _page(title: str, drawing: str) -> str:
    lead = "Drawn from the table in `efoy/domain` by `flask diagrams`; a test keeps it current."
    return f"# {title}\n\n{lead}\n\n```mermaid\n{drawing}```\n"


@click.command("diagrams")
def diagrams_command() -> None:
    """Write docs/diagrams from the tables of transitions."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in diagrams().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        click.echo(name)


COMMANDS = (diagrams_command,)

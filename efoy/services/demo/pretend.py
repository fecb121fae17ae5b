"""What would Stripe have answered in the demo's past? Answers for seeding only, no network.

Parameters are the real gateway's; references say ``seeded``, so that nobody looks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from efoy.domain.notice import (
    BalanceLine,
    CheckoutNotice,
    CheckoutRequest,
    CheckoutState,
    DisputeNotice,
    Funds,
    RefundNotice,
)

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

SHARE_OF_FEE, FIXED_FEE = 290, 30
"""Basis points and cents that stand for Stripe's price in the demo."""
DISPUTE_FEE = 1500


class PretendStripe:
    """As much of the gateway as seeding asks for; remembers the checkouts it answered with."""

    live = False
    """Nothing here ever moved real money."""

    def __init__(self, real: StripeGateway) -> None:
        self._real = real
        self._known: dict[str, CheckoutNotice] = {}

    def checkout_params(self, request: CheckoutRequest) -> dict[str, Any]:
        """The parameters the real gateway would send."""
        return self._real.checkout_params(request)

    def open_checkout(self, params: Mapping[str, Any], key: str) -> CheckoutNotice:
        """An open page for those parameters."""
        reference = params["client_reference_id"]
        price = params["line_items"][0]["price_data"]
        expires_at = datetime.fromtimestamp(params["expires_at"], UTC)
        notice = CheckoutNotice(
            ref=f"cs_test_seeded_{reference}",
            url=None,
            state=CheckoutState.OPEN,
            funds=Funds.UNPAID,
            amount=price["unit_amount"],
            currency=price["currency"].upper(),
            live=False,
            reference=reference,
            expires_at=expires_at,
            created_at=expires_at - timedelta(minutes=35),
        )
        self._known[notice.ref] = notice
        return notice

    def expire_checkout(self, ref: str) -> CheckoutNotice:
        """Nobody paid: the page is over."""
        return replace(self._known[ref], state=CheckoutState.EXPIRED)

    def paid(self, payment_id: str, card: tuple[str, str], at: datetime) -> CheckoutNotice:
        """The page after a card went through."""
        notice = self._intended(payment_id)
        fee = notice.amount * SHARE_OF_FEE // 10_000 + FIXED_FEE
        return replace(
            notice,
            state=CheckoutState.COMPLETE,
            funds=Funds.PAID,
            charge_ref=f"ch_seeded_{payment_id}",
            captured=notice.amount,
            paid_at=at,
            card_brand=card[0],
            card_last4=card[1],
            fee=fee,
            net=notice.amount - fee,
            settled_currency=notice.currency,
        )

    def processing(self, payment_id: str) -> CheckoutNotice:
        """The page after a method that takes days."""
        notice = self._intended(payment_id)
        return replace(notice, state=CheckoutState.COMPLETE, funds=Funds.PROCESSING)

    def declined(self, payment_id: str, code: str) -> CheckoutNotice:
        """The page after a bank said no and time ran out."""
        notice = self._intended(payment_id)
        return replace(notice, state=CheckoutState.EXPIRED, decline_code=code)

    def _intended(self, payment_id: str) -> CheckoutNotice:
        notice = self._known[f"cs_test_seeded_{payment_id}"]
        return replace(notice, intent_ref=f"pi_seeded_{payment_id}")

    def create_refund(
        self, *, intent_ref: str, amount: int, reference: str, duplicate: bool, key: str
    ) -> RefundNotice:
        """The refund is on its way."""
        return RefundNotice(
            ref=f"re_seeded_{reference}",
            status="pending",
            amount=amount,
            currency="USD",
            intent_ref=intent_ref,
            reference=reference,
            created_at=datetime.fromtimestamp(0, UTC),
        )

    def list_refunds(self, intent_ref: str) -> list[RefundNotice]:
        """Nothing beside what was created here."""
        return []


def disputed(payment_id: str, amount: int, at: datetime) -> DisputeNotice:
    """The cardholder's bank takes the money while it asks."""
    line = BalanceLine(
        ref=f"txn_seeded_{payment_id}",
        category="dispute",
        amount=-amount,
        fee=DISPUTE_FEE,
        net=-amount - DISPUTE_FEE,
        currency="USD",
        source=f"dp_seeded_{payment_id}",
    )
    return DisputeNotice(
        ref=f"dp_seeded_{payment_id}",
        status="needs_response",
        amount=amount,
        currency="USD",
        intent_ref=f"pi_seeded_{payment_id}",
        charge_ref=f"ch_seeded_{payment_id}",
        reason="product_not_received",
        refundable=False,
        due_at=at + timedelta(days=9),
        lines=(line,),
    )

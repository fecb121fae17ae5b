"""Which payments does an admin's program list?"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import fields
from marshmallow.validate import OneOf

from efoy.domain.payment import PaymentStatus
from efoy.domain.role import Action
from efoy.domain.scope import Scope
from efoy.queries.transactions import Wanted, list_transactions
from efoy.web.access import requires
from efoy.web.api.blueprint import PAYMENT, bp, scope
from efoy.web.api.cursors import PageArgs, cursor_of, written
from efoy.web.api.parsing import refuse
from efoy.web.api.payment_shapes import TransactionListShape, transaction_facts
from efoy.web.context import clinic
from efoy.web.parameters import YEARS


class TransactionArgs(PageArgs):
    """Which payments: begun from one clinic day to another (both included), and how far."""

    from_ = fields.Date(load_default=None)
    to = fields.Date(load_default=None)
    status = fields.String(load_default=None, validate=OneOf([str(one) for one in PaymentStatus]))


@bp.get("/payment/transactions", tags=PAYMENT)
@requires(Action.SEE_MONEY)
@scope(Scope.PAYMENTS_READ)
@bp.arguments(TransactionArgs, location="query")
@bp.response(200, TransactionListShape)
def transactions(given: dict[str, Any]) -> dict[str, Any]:
    """Every attempt to pay that matches, newest first."""
    rows, following = list_transactions(
        _wanted(given), cursor=cursor_of(given), limit=given["limit"]
    )
    found = [transaction_facts(row) for row in rows]
    return {"transactions": found, "next_cursor": written(following)}


def _wanted(given: dict[str, Any]) -> Wanted:
    zone = ZoneInfo(clinic().zone)
    for name in ("from_", "to"):
        if given[name] is not None and given[name].year not in YEARS:
            refuse([{"field": name.rstrip("_"), "detail": "Not a day of these times."}])
    first, last = given["from_"], given["to"]
    return Wanted(
        since=datetime.combine(first, time(0), zone) if first else None,
        until=datetime.combine(last + timedelta(days=1), time(0), zone) if last else None,
        status=PaymentStatus(given["status"]) if given["status"] else None,
    )

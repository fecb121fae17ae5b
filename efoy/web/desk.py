"""What does the front desk see first? The clinic's day, without amounts of the month."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from efoy.domain.role import Action
from efoy.web.access import requires
from efoy.web.admin.today import today_page

bp = Blueprint("desk", __name__)


@bp.get("/desk")
@requires(Action.SEE_ANY)
def today() -> ResponseReturnValue:
    """The clinic today."""
    return today_page(with_money=False)

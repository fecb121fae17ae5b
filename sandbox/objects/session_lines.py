"""What is bought in a checkout, and what does it cost?"""

from __future__ import annotations

from typing import Any

from sandbox.errors import Json, Refusal, missing_parameter, no_such
from sandbox.ids import new_id
from sandbox.money import check_charge, check_currency
from sandbox.parameters import merged_metadata
from sandbox.state import State


def read_lines(
    state: State, items: list[dict[str, Any]], presented: str | None
) -> tuple[list[Json], int, str]:
    """The line items as objects, their sum and their one currency. Raises Refusal."""
    if not items:
        raise missing_parameter("line_items")
    lines = [_line(state, item, f"line_items[{n}]") for n, item in enumerate(items)]
    currencies = {line["currency"] for line in lines} | ({presented} if presented else set())
    if len(currencies) > 1:
        raise Refusal(
            "All line items must have the same currency: "
            + ", ".join(sorted(map(str, currencies))),
            param="line_items",
        )
    currency = lines[0]["currency"]
    total = sum(line["amount_total"] for line in lines)
    check_charge(total, currency)
    return lines, total, currency


def _line(state: State, item: dict[str, Any], where: str) -> Json:
    if ("price" in item) == ("price_data" in item):
        raise missing_parameter(f"{where}[price_data]")
    if "price" in item:
        raise no_such("price", item["price"], param=f"{where}[price]")
    if "quantity" not in item:
        raise missing_parameter(f"{where}[quantity]")
    data = item["price_data"]
    check_currency(data["currency"], f"{where}[price_data][currency]")
    if "unit_amount" not in data:
        raise missing_parameter(f"{where}[price_data][unit_amount]")
    amount = data["unit_amount"] * item["quantity"]
    return {
        "id": new_id("li_1"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": data["currency"],
        "description": data["product_data"]["name"],
        "metadata": merged_metadata({}, item.get("metadata")),
        "price": _price(state, data),
        "quantity": item["quantity"],
    }


def _price(state: State, data: dict[str, Any]) -> Json:
    return {
        "id": new_id("price_1"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": state.now,
        "currency": data["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod_"),
        "recurring": None,
        "tax_behavior": data.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": data["unit_amount"],
        "unit_amount_decimal": str(data["unit_amount"]),
    }

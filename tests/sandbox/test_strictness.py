"""Is refused what Stripe refuses?"""

import pytest
import stripe
from werkzeug.test import Client

from tests.sandbox.steps import KEY


def line(**price):
    data = {"currency": "usd", "unit_amount": 4500, "product_data": {"name": "x"}, **price}
    return [{"quantity": 1, "price_data": data}]


MISTAKES = [
    ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
    ({"line_items": line(colour="red")}, "parameter_unknown", "line_items[0][price_data][colour]"),
    ({"ui_mode": "hosted"}, None, "ui_mode"),
    ({"ui_mode": "embedded"}, None, "ui_mode"),
    ({"mode": "pay"}, None, "mode"),
    ({"mode": ""}, "parameter_invalid_empty", "mode"),
    ({"locale": "am"}, None, "locale"),
    ({"submit_type": "buy"}, None, "submit_type"),
    ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
    ({"success_url": "/back"}, "url_invalid", "success_url"),
    ({"cancel_url": "javascript:alert(1)"}, "url_invalid", "cancel_url"),
    ({"customer_email": "nobody"}, "email_invalid", "customer_email"),
    ({"customer": "cus_none"}, "resource_missing", "customer"),
    ({"line_items": line(unit_amount=49)}, "amount_too_small", None),
    ({"line_items": line(currency="jpy", unit_amount=49)}, "amount_too_small", None),
    ({"line_items": line(currency="gbp", unit_amount=29)}, "amount_too_small", None),
    ({"line_items": line(unit_amount=10**12)}, "parameter_invalid_integer", None),
    ({"line_items": line(unit_amount="45.00")}, "parameter_invalid_integer", None),
    ({"line_items": line(unit_amount=-5)}, "parameter_invalid_integer", None),
    ({"line_items": line(currency="USD")}, None, "line_items[0][price_data][currency]"),
    ({"line_items": line(currency="zzz")}, None, "line_items[0][price_data][currency]"),
    ({"line_items": line(currency="ugx", unit_amount=350050)}, "invalid_charge_amount", None),
    ({"line_items": line(currency="isk", unit_amount=50001)}, "invalid_charge_amount", None),
    ({"line_items": [*line(), *line(currency="eur")]}, None, "line_items"),
    ({"line_items": [{"price_data": line()[0]["price_data"]}]}, "parameter_missing", None),
    ({"line_items": [{"quantity": 1}]}, "parameter_missing", None),
    ({"metadata": {str(n): "x" for n in range(51)}}, None, "metadata"),
    ({"metadata": {"x" * 41: "y"}}, None, None),
    ({"metadata": {"x": "y" * 501}}, None, "metadata[x]"),
    ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
    ({"expand": ["nothing"]}, None, "expand"),
    (
        {"expand": ["payment_intent.latest_charge.payment_intent.latest_charge.customer"]},
        None,
        None,
    ),
    ({"allowed_payment_method_types": ["sepa_debit"]}, None, "allowed_payment_method_types"),
    ({"adaptive_pricing": {"enabled": "no"}}, None, "adaptive_pricing[enabled]"),
    (
        {"payment_intent_data": {"statement_descriptor": "X"}},
        None,
        "payment_intent_data[statement_descriptor]",
    ),
    ({"payment_intent_data": {"statement_descriptor_suffix": "x" * 23}}, None, None),
    ({"payment_intent_data": {"statement_descriptor_suffix": "<b>"}}, None, None),
    ({"saved_payment_method_options": {"payment_method_save": "enabled"}}, None, None),
]


@pytest.mark.parametrize(("wrong", "code", "param"), MISTAKES, ids=str)
def test_a_wrong_parameter_is_refused_by_name(clinic, wrong, code, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        clinic.checkout(**wrong)

    assert (caught.value.http_status, caught.value.code) == (400, code)
    assert param in (None, caught.value.param)
    assert clinic.v1.checkout.sessions.list().data == []


@pytest.mark.parametrize("name", ["mode", "success_url", "line_items"])
def test_what_is_required_must_be_there(clinic, name):
    params = clinic.params()
    del params[name]

    with pytest.raises(stripe.InvalidRequestError) as caught:
        clinic.v1.checkout.sessions.create(params)

    assert (caught.value.code, caught.value.param) == ("parameter_missing", name)


@pytest.mark.parametrize(
    ("currency", "amount"), [("usd", 50), ("jpy", 50), ("gbp", 30), ("ugx", 350000), ("etb", 90000)]
)
def test_what_is_just_enough_is_taken(clinic, currency, amount):
    assert clinic.checkout(line_items=line(currency=currency, unit_amount=amount)).currency


def test_an_unknown_id_is_a_404_that_says_so(clinic):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        clinic.v1.payment_intents.retrieve("pi_none")

    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


def test_an_id_of_another_kind_is_unknown(clinic):
    with pytest.raises(stripe.InvalidRequestError):
        clinic.v1.payment_intents.retrieve(clinic.checkout().id)


def test_an_id_of_live_mode_is_explained(clinic):
    with pytest.raises(stripe.InvalidRequestError, match="live mode"):
        clinic.v1.checkout.sessions.retrieve("cs_live_a1")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer sk_test_other"}, 401),
        ({"Authorization": "Bearer sk_live_clinic"}, 401),
        ({"Authorization": "Basic ???"}, 401),
        ({"Authorization": f"Bearer {KEY}", "Stripe-Version": "2020-08-27"}, 400),
        ({"Authorization": f"Bearer {KEY}"}, 200),
        ({"Authorization": "Basic c2tfdGVzdF9jbGluaWM6"}, 200),
    ],
    ids=str,
)
def test_key_and_version_are_looked_at_first(box, headers, status):
    answer = Client(box.wsgi).get("/v1/refunds", headers=headers)

    assert answer.status_code == status
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"
    if status != 200:
        assert answer.get_json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("GET", "/v1/nothing", "", None),
        ("GET", "/v1/", "", None),
        ("GET", "/v1/checkout/sessions/", "", None),
        ("PUT", "/v1/refunds", "", None),
        ("DELETE", "/v1/refunds", "", None),
        ("POST", "/v1/payment_intents", "amount=5000&currency=usd", "form"),
        ("POST", "/v1/refunds", '{"amount": 5}', "application/json"),
        ("POST", "/v1/refunds", "amount=5", None),
        ("POST", "/v1/refunds", "amount=5&amount=6", "form"),
        ("POST", "/v1/refunds", "metadata[a=5", "form"),
        ("POST", "/v1/refunds", "metadata=5", "form"),
        ("POST", "/v1/refunds", "amount[x]=5", "form"),
        ("POST", "/v1/refunds", "amount=5&amount[x]=5", "form"),
        ("POST", "/v1/refunds", b"charge=\xff\xfe", "form"),
        ("GET", "/v1/refunds?limit=0", "", None),
        ("GET", "/v1/refunds?limit=101", "", None),
        ("GET", "/v1/refunds?created[about]=5", "", None),
        ("GET", "/v1/refunds?starting_after=re_none", "", None),
    ],
)
def test_what_no_client_would_send_gets_a_plain_refusal(box, method, path, body, kind):
    kind = "application/x-www-form-urlencoded" if kind == "form" else kind
    headers = {"Authorization": f"Bearer {KEY}"}

    answer = Client(box.wsgi).open(
        path, method=method, data=body or None, content_type=kind, headers=headers
    )

    assert 400 <= answer.status_code < 500
    assert answer.get_json()["error"]["type"] == "invalid_request_error"

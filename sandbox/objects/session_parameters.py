"""Which parameters does creating a Checkout Session take?

What Stripe has and this sandbox does not imitate (tax, discounts, subscriptions, …) is refused as
unknown: better than to accept it and do nothing. `payment_method_types` is gone from the API.
"""

from __future__ import annotations

from sandbox.parameters import (
    EXPAND,
    Address,
    Email,
    Flag,
    Integer,
    Items,
    Metadata,
    Struct,
    Takes,
    Text,
    choice,
)

LOCALES = """
auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl
pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW
"""
METHOD_TYPES = """
acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact
billie bizum blik boleto card cashapp crypto customer_balance eps fpx giropay grabpay ideal
kakao_pay klarna konbini kr_card link mb_way mobilepay multibanco naver_pay oxxo p24 pay_by_bank
payco paynow paypal payto pix promptpay revolut_pay samsung_pay satispay scalapay sepa_debit sofort
swish twint us_bank_account wechat_pay zip
"""
METADATA = Metadata(unset=False)
ON_OFF = choice("enabled disabled")

PRODUCT = Struct(
    {
        "name": Text(),
        "description": Text(),
        "images": Items(Address(), most=8),
        "metadata": METADATA,
        "tax_code": Text(),
        "unit_label": Text(limit=12),
    },
    required=("name",),
)
PRICE = Struct(
    {
        "currency": Text(),
        "product_data": PRODUCT,
        "unit_amount": Integer(0, 999_999_999_999),
        "tax_behavior": choice("exclusive inclusive unspecified"),
    },
    required=("currency", "product_data"),
)
LINE = Struct(
    {
        "metadata": METADATA,
        "price": Text(),
        "price_data": PRICE,
        "quantity": Integer(1, 999_999),
    }
)
INTENT_DATA = Struct(
    {
        "capture_method": choice("automatic automatic_async"),
        "description": Text(limit=1000),
        "metadata": METADATA,
        "receipt_email": Email(),
        "setup_future_usage": choice("off_session on_session"),
        "statement_descriptor": Text(limit=22),
        "statement_descriptor_suffix": Text(limit=22),
    }
)
MESSAGE = Struct({"message": Text(limit=1200)}, required=("message",), unset=True)
CONSENT: dict[str, Takes] = {
    "promotions": choice("auto none"),
    "terms_of_service": choice("none required"),
}
SAVED: dict[str, Takes] = {
    "allow_redisplay_filters": Items(choice("always limited unspecified")),
    "payment_method_remove": ON_OFF,
    "payment_method_save": ON_OFF,
}
AUTO = choice("auto never")

CREATE = Struct(
    {
        **EXPAND,
        "adaptive_pricing": Struct({"enabled": Flag()}),
        "allow_promotion_codes": Flag(),
        "allowed_payment_method_types": Items(choice(METHOD_TYPES)),
        "billing_address_collection": choice("auto required"),
        "cancel_url": Address(),
        "client_reference_id": Text(limit=200),
        "consent_collection": Struct(CONSENT),
        "currency": Text(),
        "custom_text": Struct({"submit": MESSAGE, "after_submit": MESSAGE}),
        "customer": Text(),
        "customer_creation": choice("always if_required"),
        "customer_email": Email(),
        "customer_update": Struct({"address": AUTO, "name": AUTO, "shipping": AUTO}),
        "expires_at": Integer(),
        "line_items": Items(LINE),
        "locale": choice(LOCALES),
        "metadata": METADATA,
        "mode": choice("payment setup subscription"),
        "payment_intent_data": INTENT_DATA,
        "phone_number_collection": Struct({"enabled": Flag()}, required=("enabled",)),
        "saved_payment_method_options": Struct(SAVED),
        "submit_type": choice("auto book donate pay subscribe"),
        "success_url": Address(),
        "ui_mode": choice("hosted_page embedded_page elements form"),
        "wallet_options": Struct({"link": Struct({"display": choice("auto never")})}),
    },
    required=("mode", "success_url", "line_items"),
)

"""Which parameters do the other endpoints take?  Creating a session has a file of its own."""

from __future__ import annotations

from sandbox.objects.disputes import FILES_AND_TEXTS
from sandbox.objects.session_parameters import METHOD_TYPES
from sandbox.parameters import (
    EXPAND,
    PAGE,
    Email,
    Flag,
    Integer,
    Items,
    Metadata,
    Moment,
    Struct,
    Takes,
    Text,
    choice,
)

Fields = dict[str, Takes]

META: Fields = {**EXPAND, "metadata": Metadata()}
MADE: Fields = {**PAGE, "created": Moment()}
OF_CUSTOMER: Fields = {**MADE, "customer": Text()}
OF_PAYMENT: Fields = {**MADE, "charge": Text(), "payment_intent": Text()}
METHOD_TYPE = choice(METHOD_TYPES)

ONE = Struct(EXPAND)
METADATA = Struct(META)
DESCRIBED = Struct({**META, "description": Text()})

SESSIONS: Fields = {
    **OF_CUSTOMER,
    "customer_details": Struct({"email": Email()}, required=("email",)),
    "payment_intent": Text(),
    "payment_link": Text(),
    "status": choice("open complete expired"),
    "subscription": Text(),
}
WHY_CANCEL = "abandoned duplicate fraudulent requested_by_customer"
CANCEL_INTENT = Struct(
    {
        **EXPAND,
        "cancellation_reason": choice("abandoned duplicate fraudulent requested_by_customer"),
    }
)
CHARGES: Fields = {**OF_CUSTOMER, "payment_intent": Text()}
CREATE_REFUND = Struct(
    {
        **META,
        "amount": Integer(1),
        "charge": Text(),
        "payment_intent": Text(),
        "reason": choice("duplicate fraudulent requested_by_customer"),
    }
)
UPDATE_DISPUTE = Struct(
    {
        **META,
        "evidence": Struct({name: Text(limit=150_000) for name in FILES_AND_TEXTS}),
        "intended_submission_method": choice(
            "manual prefer_manual prefer_smart_disputes smart_disputes"
        ),
        "submit": Flag(),
    }
)
CUSTOMER = Struct(
    {
        **META,
        "address": Struct(
            {key: Text() for key in "city country line1 line2 postal_code state".split()},
            unset=True,
        ),
        "description": Text(),
        "email": Email(),
        "name": Text(limit=256),
        "phone": Text(limit=20),
        "preferred_locales": Items(Text()),
    }
)
CUSTOMERS: Fields = {**MADE, "email": Text()}
SAVED_METHODS: Fields = {
    **PAGE,
    "type": METHOD_TYPE,
    "allow_redisplay": choice("always limited unspecified"),
}
METHODS: Fields = {**SAVED_METHODS, "customer": Text()}
EVENTS: Fields = {
    **MADE,
    "delivery_success": Flag(),
    "type": Text(),
    "types": Items(Text(), most=20),
}
ENTRIES: Fields = {
    **MADE,
    "currency": Text(),
    "payout": Text(),
    "source": Text(),
    "type": Text(),
}
PAYOUTS: Fields = {**MADE, "arrival_date": Moment(), "status": Text()}

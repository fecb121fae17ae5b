"""What happens when a payer presses a button on the hosted page?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sandbox.cards import MESSAGES, Card, card_of
from sandbox.errors import Json, Refusal
from sandbox.objects import charges, disputes, intents, payment_methods, sessions
from sandbox.state import Record, State
from sandbox.typed import Press, digits_of, expiry_of, fault_of

DISPUTED_AFTER = 5  # seconds
AUTHENTICATION_FAILED = "payment_intent_authentication_failure"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What comes of it.

    `kind`: paid, processing, declined, invalid, challenge, complete (was already), expired, back.
    `url` is where the payer goes next, None to stay. `field` names what is to be mended.
    """

    kind: str
    url: str | None = None
    message: str | None = None
    code: str | None = None
    field: str | None = None


def press(state: State, session: Record, what: Press) -> Outcome:
    """Do what the button says, once: a second press on a finished page pays nothing."""
    if what.action == "back":
        return Outcome(kind="back", url=session["cancel_url"])
    if session["status"] == "complete":
        return Outcome(kind="complete", url=success_url(session))
    if session["status"] == "expired":
        return Outcome(kind="expired", message="This checkout has ended. Nothing was charged.")
    if what.action in ("3ds-complete", "3ds-fail"):
        return _answer_challenge(state, session, passed=what.action == "3ds-complete")
    if what.action == "bank":
        return start_bank_debit(state, session, what)
    if what.action != "pay":
        raise Refusal(f"Unknown action: {what.action}", param="action")
    return _pay_by_card(state, session, what)


def success_url(session: Record) -> str:
    """The address to return to, with the session's id filled in."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session.id)


# ---- by card ------------------------------------------------------------------------------------


def _pay_by_card(state: State, session: Record, what: Press) -> Outcome:
    fault = fault_of(what, state.now)
    if fault:
        code, field = fault
        return Outcome(kind="invalid", message=MESSAGES[code], code=code, field=field)
    card = card_of(digits_of(what.card))
    billing = payment_methods.billing_details(what.name or None, _email(session, what))
    expiry = expiry_of(what.exp)
    assert expiry  # fault_of has looked
    intent = _intent(state, session)
    method = payment_methods.create_card(state, card, expiry, billing)
    session.private["challenge"] = None
    if card.challenge:
        session.private["challenge"] = (card, method, what)
        intents.ask_challenge(state, intent, method)
        return Outcome(kind="challenge")
    return _charge(state, session, card, method, what)


def _email(session: Record, what: Press) -> str | None:
    known = session["customer_details"] or {}
    return known.get("email") or what.email or None


def _intent(state: State, session: Record) -> Record:
    ref = session["payment_intent"]
    return state.by_id[ref] if ref else intents.create(state, session)


def _charge(
    state: State,
    session: Record,
    card: Card,
    method: Record,
    what: Press,
    *,
    authenticated: bool = False,
) -> Outcome:
    intent = _intent(state, session)
    charge = charges.create(state, intent, method, card, authenticated=authenticated)
    if card.decline:
        code, decline_code = card.decline
        charges.decline(state, charge, code, decline_code)
        error = _error(code, decline_code, method, charge)
        intents.fail(state, intent, error, charge)
        return Outcome(kind="declined", message=error["message"], code=decline_code or code)
    if what.save and _may_save(session):
        payment_methods.attach(state, method, session["customer"])
    _succeed(state, session, intent, method, charge)
    sessions.complete(state, session, paid=True, name=what.name, email=_email(session, what))
    _plan_trouble(state, card, charge)
    return Outcome(kind="paid", url=success_url(session))


def _may_save(session: Record) -> bool:
    options = session["saved_payment_method_options"] or {}
    return bool(session["customer"]) and options.get("payment_method_save") == "enabled"


def _succeed(state: State, session: Record, intent: Record, method: Record, charge: Record) -> None:
    session.change(payment_intent=intent.id)
    charges.succeed(state, charge)
    intents.succeed(state, intent, method, charge)


def _error(code: str, decline_code: str | None, method: Record, charge: Record | None) -> Json:
    error: Json = {
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}",
        "message": MESSAGES[decline_code or code],
        "payment_method": method.body,
        "type": "card_error",
    }
    if decline_code:
        error["decline_code"] = decline_code
    if charge:
        error["charge"] = charge.id
    return error


def _plan_trouble(state: State, card: Card, charge: Record) -> None:
    if card.dispute:
        state.later(DISPUTED_AFTER, partial(_dispute, state, card.dispute, charge))


def _dispute(state: State, kind: str, charge: Record) -> None:
    come = partial(disputes.open_dispute, state, charge)
    if kind == "warning":
        disputes.warn_early(state, charge)
    elif kind == "inquiry":
        come(reason="fraudulent", amount=None, inquiry=True)
    elif kind == "several":
        half = charge["amount"] // 2
        come(reason="product_not_received", amount=half)
        come(reason="fraudulent", amount=charge["amount"] - half)
    else:
        come(reason=kind, amount=None)


# ---- 3-D Secure ---------------------------------------------------------------------------------


def _answer_challenge(state: State, session: Record, *, passed: bool) -> Outcome:
    if not session.private["challenge"]:
        return Outcome(kind="invalid", message="Your bank asked nothing. Please pay again.")
    card, method, what = session.private["challenge"]
    session.private["challenge"] = None
    if passed:
        return _charge(state, session, card, method, what, authenticated=True)
    intent = _intent(state, session)
    error = _error(AUTHENTICATION_FAILED, None, method, None)
    intents.fail(state, intent, error, None)
    return Outcome(kind="declined", message=error["message"], code=AUTHENTICATION_FAILED)


# ---- by bank debit, which is answered days later ------------------------------------------------


def start_bank_debit(state: State, session: Record, what: Press) -> Outcome:
    """The session completes unpaid; the money comes or fails later (`end_bank_debit`)."""
    intent = _intent(state, session)
    billing = payment_methods.billing_details(what.name or None, _email(session, what))
    method = payment_methods.create_bank_debit(state, billing)
    charge = charges.create(state, intent, method, None, status="pending")
    state.emit("charge.pending", charge)
    intents.process(state, intent, method, charge)
    sessions.complete(state, session, paid=False, name=what.name, email=_email(session, what))
    return Outcome(kind="processing", url=success_url(session))


def end_bank_debit(state: State, session: Record, *, arrived: bool) -> None:
    """The bank answers. Raises Refusal when this session waits for no bank."""
    intent = state.by_id.get(session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise Refusal("This session waits for no bank.", param="session", stored=True)
    charge = state.by_id[intent["latest_charge"]]
    method = state.by_id[charge["payment_method"]]
    if arrived:
        _succeed(state, session, intent, method, charge)
        session.change(payment_status="paid")
        state.emit("checkout.session.async_payment_succeeded", session)
        return
    charges.decline(state, charge, "card_declined", "insufficient_funds")
    error = _error("payment_method_provider_decline", "insufficient_funds", method, charge)
    intents.fail(state, intent, error, charge)
    state.emit("checkout.session.async_payment_failed", session)

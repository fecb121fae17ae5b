"""What does the payer see, and what does a press of a button lead to?"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.cards import OFFERED, card_of
from sandbox.control import same_origin
from sandbox.errors import Refusal
from sandbox.money import spoken
from sandbox.paying import Outcome, press, success_url
from sandbox.state import Record, State
from sandbox.typed import Press

STATUS = {"declined": 402, "invalid": 422, "expired": 410, "complete": 200}


def blueprint(state: State) -> Blueprint:
    """The hosted pay page."""
    routes = Blueprint("pages", __name__)

    @routes.get("/c/pay/<ref>")
    def show(ref: str) -> Response:
        with state.lock:
            session = _session(state, ref)
            return _page(session, _standing(session), Press(card=request.args.get("card", "")))

    @routes.post("/c/pay/<ref>")
    def pressed(ref: str) -> AnyResponse:
        same_origin()
        typed = _typed()
        with state.lock:
            session = _session(state, ref)
            try:
                outcome = press(state, session, typed)
            except Refusal:
                abort(400)
            if outcome.url:
                return redirect(outcome.url, 303)
            return _page(session, outcome, typed)

    return routes


def _session(state: State, ref: str) -> Record:
    state.run_due()
    try:
        return state.find("checkout.session", ref)
    except Refusal:
        abort(404)


def _typed() -> Press:
    form = request.form
    return Press(
        card=_card()[:40],
        exp=form.get("exp", Press.exp)[:10],
        cvc=form.get("cvc", Press.cvc)[:6],
        name=form.get("name", "")[:200],
        email=form.get("email", "")[:200],
        save=form.get("save", "") in ("1", "on", "true", "yes"),
        action=form.get("action", "pay"),
    )


def _card() -> str:
    """The typed number; a chosen one when nothing was typed, or when only the choice changed."""
    form = request.form
    typed, chosen = form.get("card", "").strip(), form.get("test_card", "")
    stale = typed == form.get("was_card") and chosen != form.get("was_test_card")
    return chosen if not typed or stale else typed


def _standing(session: Record) -> Outcome:
    """What a page shows before anything was pressed."""
    if session["status"] == "open":
        return Outcome(kind="challenge" if session.private["challenge"] else "open")
    return Outcome(kind=session["status"])


def _page(session: Record, outcome: Outcome, typed: Press) -> Response:
    text = render_template(
        "pay.html",
        session=session,
        outcome=outcome,
        typed=typed,
        chosen=card_of(typed.card) if typed.card else None,
        cards=OFFERED,
        lines=session.private["lines"],
        money=spoken,
        success_url=success_url(session),
        back_url=session["cancel_url"],
        may_save=(session["saved_payment_method_options"] or {}).get("payment_method_save")
        == "enabled",
        bank="us_bank_account" in session["payment_method_types"],
        email=(session["customer_details"] or {}).get("email"),
    )
    response = make_response(text, STATUS.get(outcome.kind, 200))
    guard(response, session["success_url"], session["cancel_url"])
    return response


def guard(response: Response, *addresses: str | None) -> None:
    """Headers of a page. A form may lead on to where its answer redirects, so those are named."""
    origins = {"{0.scheme}://{0.netloc}".format(urlsplit(a)) for a in addresses if a}
    leads_to = " ".join(["'self'", *sorted(origins)])
    response.headers |= {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
            f"frame-ancestors 'none'; form-action {leads_to}"
        ),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }

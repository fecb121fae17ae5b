"""Where can a test stop, slow or fail the program? Before and after every commit and remote call.

Armed only by settings, refused in production; an unarmed failpoint is one dictionary look-up.
Syntax: ``name:action[@hit]``, comma separated; actions ``exit``, ``raise``, ``sleep=S``,
``barrier=PATH`` (waits until PATH exists).
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

COMMITS = (
    "seed load register confirm_address sign_in sign_out end_sessions touch_session issue_link "
    "reset_password update_account create_admin hold_slot extend_hold keep_reason begin_payment "
    "record_checkout fail_payment close_checkout settle_payment release_backstop expire_hold "
    "cancel_booking request_refund claim_refund settle_refund adopt_refund receive_event "
    "finish_event claim_mail finish_mail settle_dispute record_fee alert watermark seal_audit "
    "book_at_desk take_money look_up prove_password decide_payment hand_refund refund_wish "
    "decide_refund purge unpark mark_visit heartbeat restore_quarantine api_token close_time "
    "closing_item decide_item reopen_time "
    "move_booking change_fee save_doctor save_service save_rules save_clinic save_staff export "
    "join_line leave_line offer_time follow_offer end_place remind credit_note "
    "set_hours extra_hours mark_arrived write_note calendar_feed doctor_profile"
).split()
CALLS = (
    "stripe.create_checkout stripe.fetch_checkout stripe.expire_checkout stripe.list_checkouts "
    "stripe.create_refund stripe.fetch_refund stripe.list_refunds stripe.fetch_dispute "
    "stripe.fetch_intent stripe.list_events stripe.list_charges stripe.list_balance mail.send"
).split()
NAMES = tuple(
    [f"{name}.{side}_commit" for name in COMMITS for side in ("before", "after")]
    + [f"{name}.{side}_call" for name in CALLS for side in ("before", "after")]
)


class FailpointReached(Exception):
    """A test asked for a failure here."""


class UnknownFailpoint(ValueError):
    """The name or the action is not one of ours."""


@dataclass
class _Armed:
    action: str
    hit: int
    seen: int = 0


_armed: dict[str, _Armed] = {}
_lock = threading.Lock()


def check(spec: str) -> None:
    """Raise :class:`UnknownFailpoint` where ``spec`` names no failpoint or action of ours."""
    for part in filter(str.strip, spec.split(",")):
        _parse(part)


def arm(spec: str) -> None:
    """Arm the failpoints of ``spec`` and disarm all others; an empty text disarms everything."""
    fresh = dict(_parse(part) for part in spec.split(",") if part.strip())
    with _lock:
        _armed.clear()
        _armed.update(fresh)


def _parse(part: str) -> tuple[str, _Armed]:
    name, _, rest = part.strip().partition(":")
    action, _, hit = rest.partition("@")
    known = action in {"exit", "raise"} or action.startswith(("sleep=", "barrier="))
    if name not in NAMES or not known:
        raise UnknownFailpoint(part)
    return name, _Armed(action=action, hit=int(hit or 1))


def failpoint(name: str) -> None:
    """Act here if a test armed ``name`` and this is the hit it asked for."""
    if not _armed:
        return
    with _lock:
        armed = _armed.get(name)
        if armed is None:
            return
        armed.seen += 1
        if armed.seen != armed.hit:
            return
    _act(name, armed.action)


def _act(name: str, action: str) -> None:
    if action == "exit":
        os._exit(137)
    if action == "raise":
        raise FailpointReached(name)
    kind, _, value = action.partition("=")
    if kind == "sleep":
        time.sleep(float(value))
        return
    while not Path(value).exists():
        time.sleep(0.01)

"""Who may do what? One table; object-level rules are scoped queries beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """One role a person."""

    PATIENT = "patient"
    DOCTOR = "doctor"
    DESK = "desk"
    ADMIN = "admin"


class Door(StrEnum):
    """Through which door a change came in."""

    WEB = "web"
    RETURN = "return"
    WEBHOOK = "webhook"
    SWEEP = "sweep"
    WORKER = "worker"
    API = "api"
    CLI = "cli"


class Action(StrEnum):
    """What a page or call does, for the permission table."""

    BOOK = "book"
    BOOK_FOR = "book_for"
    TAKE_MONEY = "take_money"
    OVERBOOK = "overbook"
    PAY = "pay"
    SEE_OWN = "see_own"
    SEE_ANY = "see_any"
    CANCEL = "cancel"
    SEE_DAY = "see_day"
    KEEP_HOURS = "keep_hours"
    SEE_MONEY = "see_money"
    REFUND = "refund"
    ASK_REFUND = "ask_refund"
    SEE_HEALTH = "see_health"
    SET_UP = "set_up"
    RUN_STAFF = "run_staff"
    SEE_AUDIT = "see_audit"
    OWN_ACCOUNT = "own_account"


_ALLOWED: dict[Role, frozenset[Action]] = {
    Role.PATIENT: frozenset(
        {Action.BOOK, Action.PAY, Action.SEE_OWN, Action.CANCEL, Action.OWN_ACCOUNT}
    ),
    Role.DOCTOR: frozenset({Action.SEE_DAY, Action.OWN_ACCOUNT}),
    Role.DESK: frozenset(
        {
            Action.ASK_REFUND,
            Action.SEE_ANY,
            Action.BOOK_FOR,
            Action.TAKE_MONEY,
            Action.OVERBOOK,
            Action.CANCEL,
            Action.KEEP_HOURS,
            Action.OWN_ACCOUNT,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Action.SEE_ANY,
            Action.BOOK_FOR,
            Action.TAKE_MONEY,
            Action.OVERBOOK,
            Action.CANCEL,
            Action.SEE_MONEY,
            Action.REFUND,
            Action.ASK_REFUND,
            Action.SEE_HEALTH,
            Action.SET_UP,
            Action.RUN_STAFF,
            Action.SEE_AUDIT,
            Action.KEEP_HOURS,
            Action.OWN_ACCOUNT,
        }
    ),
}


def may(role: Role, action: Action) -> bool:
    """Whether anyone of ``role`` may do ``action`` at all."""
    return action in _ALLOWED[role]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who changes something, and through which door: written into the audit entry.

    ``user_id`` is None for the clock, Stripe and guests.
    """

    user_id: str | None = None
    role: str = "system"
    door: Door = Door.WORKER
    request_id: str | None = None


def system(door: Door, request_id: str | None = None) -> Actor:
    """The actor of a change nobody pressed a button for."""
    return Actor(role="system", door=door, request_id=request_id)

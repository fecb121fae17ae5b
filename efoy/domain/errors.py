"""Which rules can be broken, and what is each called?

Errors are named after the rule. HTTP codes and words live in ``web/errors.py``.
"""

from __future__ import annotations


class EfoyError(Exception):
    """Anything the clinic's rules refuse."""


class NotFound(EfoyError):
    """The thing does not exist, or is not this viewer's to see: the two look the same."""


class Forbidden(EfoyError):
    """This role may not do this at all."""


class Conflict(EfoyError):
    """The world moved on; nothing was done."""


class SlotTaken(Conflict):
    """Another booking holds at least one five-minute cell of this time."""


class SlotNotOffered(Conflict):
    """The doctor does not offer this time (hours, notice, horizon, time off, past)."""


class HoldExpired(Conflict):
    """The hold's time is up, or the booking is no longer held."""


class HoldNotExtendable(Conflict):
    """A hold is extended once, and only while it lasts."""


class TooManyHolds(Conflict):
    """One person may keep three unpaid holds at a time."""


class OverlappingBooking(Conflict):
    """The patient already has a live booking at that time."""


class IllegalTransition(Conflict):
    """The state machine has no such edge: a person asked for something too late."""


class TooLateToMove(Conflict):
    """The visit may no longer be moved by its patient, or by anybody once it began."""


class SameTime(Conflict):
    """The visit is at that time already, with that doctor."""


class MoveUnderWay(Conflict):
    """Another move of this visit waits for its top-up."""


class TopUpNeeded(Conflict):
    """The new time costs more, and this caller has no pay page to offer."""


class TooLateToCancel(IllegalTransition):
    """The visit has begun: it is not cancelled any more by the patient."""


class QuoteChanged(Conflict):
    """What comes back is not what was shown (or too long ago): show it again, nothing was done."""


class AlreadyPaid(Conflict):
    """The booking has its payment; there is nothing to pay."""


class PaymentUnsettled(Conflict):
    """Stripe has not yet said how this payment ended; nothing may be decided now."""


class RefundRefused(Conflict):
    """This refund breaks a rule; ``reason`` says which, as a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StaleAmount(Conflict):
    """The amount available changed since the form was drawn."""


class StaleEdition(Conflict):
    """Somebody else changed it since the form was drawn; nothing was overwritten."""


class LastAdmin(Conflict):
    """Nobody could run the clinic any more: one admin who can sign in stays."""


class LinkUsed(EfoyError):
    """A single-use link was used before, or is too old."""


class WrongCredentials(EfoyError):
    """Address and password do not belong together (or nobody has that address)."""


class AddressUnconfirmed(EfoyError):
    """The account exists but its e-mail address was never confirmed."""


class PasswordNeeded(Forbidden):
    """Money moves only within ten minutes of the password; a browser without a form says so."""


class Untrusted(EfoyError):
    """A message or object from outside is not what it claims to be."""


class ProviderDown(EfoyError):
    """A third party did not answer; the outcome is unknown and will be looked up."""


class ProviderRefused(EfoyError):
    """A third party answered with a definite no; ``code`` is its word for why."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class MailRefused(EfoyError):
    """The mail server will never take this letter: the address is wrong, or the letter is."""


class DatabaseBusy(EfoyError):
    """The database is locked or away; nothing was done."""


class InvalidValue(EfoyError):
    """A value that no rule can work with; ``field`` names it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem

"""What does a program read about a broken rule? One sentence for each word of the problem."""

from __future__ import annotations

DETAILS = {
    "not-found": "There is no such thing here, or it is not yours to see.",
    "forbidden": "This role, or this token, may not do this.",
    "password-needed": "Type the password again at the clinic's pages, then repeat this.",
    "conflict": "The world moved on meanwhile. Nothing was done.",
    "slot-taken": "Somebody else has this time. Ask for the free times again.",
    "slot-not-offered": "The doctor does not offer this time.",
    "hold-expired": "The hold is over. Hold a time again.",
    "hold-not-extendable": "This hold cannot be kept longer.",
    "too-many-holds": "Three unpaid holds are the most. Pay for one or cancel one.",
    "overlapping-booking": "There is an appointment at that time already.",
    "illegal-transition": "It is too late for this. Look at how it stands now.",
    "too-late-to-cancel": "The visit has begun. Call the clinic.",
    "quote-changed": "What comes back is another amount now. Read quote, and agree to that one.",
    "already-paid": "This booking is paid. There is nothing to pay.",
    "payment-unsettled": "Stripe has not said yet how the last attempt ended. Ask again soon.",
    "refund-refused": "This refund breaks a rule; reason says which.",
    "stale-amount": "What can still go back changed meanwhile. Look again, then decide.",
    "stale-edition": "Somebody else changed this meanwhile. Read it again, then change it.",
    "last-admin": "One admin who can sign in must stay. Make somebody else one first.",
    "link-used": "This was used before, or is too old.",
    "wrong-credentials": "Address and password do not belong together.",
    "address-unconfirmed": "The e-mail address was never confirmed.",
    "untrusted": "This is not what it claims to be.",
    "provider-down": "Stripe does not answer. Nothing was charged; try again in a moment.",
    "provider-refused": "Stripe refused. Nothing was charged.",
    "mail-refused": "The mail server refused the letter.",
    "database-busy": "The database is busy. Nothing was done; try again in a moment.",
    "visit-over": "This visit is over; it cannot be cancelled.",
    "too-late-to-move": "It is too late to move this visit. Call the clinic.",
    "same-time": "The visit is at that time already.",
    "move-under-way": "Another move of this visit waits for its payment; pay it or let it run out.",
    "top-up-needed": "The new time costs more. Move the visit where the difference can be paid.",
    "key-missing": "Send an Idempotency-Key header of 8 to 64 letters, digits, - or _.",
    "key-reused": "This Idempotency-Key was used for something else.",
}
BY_STATUS = {
    400: "The request cannot be read as it is.",
    401: "Sign in, or send a bearer token that works.",
    403: DETAILS["forbidden"],
    404: DETAILS["not-found"],
    405: "This address does not take this method.",
    409: DETAILS["conflict"],
    413: "The request is too large.",
    415: "Send JSON: Content-Type application/json.",
    422: "Some fields cannot be used; errors names them.",
    429: "Too many requests. Wait as long as Retry-After says.",
    500: "Something broke here. Tell us the error_id.",
    503: "Something this needs is down. Nothing was done; try again in a moment.",
}


def detail_of(code: str, status: int) -> str:
    """The sentence for a problem's word, else for its status."""
    return DETAILS.get(code) or BY_STATUS.get(status, "")

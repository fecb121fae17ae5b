"""How are the entries of the audit trail said to people?"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

LONGEST = 120


def kind_words(kind: str) -> str:
    """What was changed."""
    words = {
        "booking": _("Booking"),
        "payment": _("Payment"),
        "refund": _("Refund"),
        "dispute": _("Dispute"),
        "user": _("Person"),
        "doctor": _("Doctor"),
        "service": _("Service"),
        "rules": _("Refund rules"),
        "clinic": _("Clinic"),
        "export": _("File"),
        "alert": _("Alert"),
        "api_token": _("Key of a program"),
    }
    return words.get(kind, kind.replace("_", " ").capitalize())


def event_words(kind: str, event: str) -> str:
    """What happened to it."""
    words = {
        "add": _("added"),
        "change": _("changed"),
        "fee": _("fee from a day on"),
        "fee_withdrawn": _("fee taken back"),
        "pause": _("paused"),
        "resume": _("takes bookings again"),
        "remove": _("taken off the list"),
        "invite": _("invited"),
        "disable": _("shut out"),
        "enable": _("let in again"),
        "zone": _("clocks moved"),
        "logo": _("logo"),
        "export": _("taken along as a file"),
        "sign_in": _("given a sign-in") if kind == "doctor" else _("signed in"),
        "sign_out": _("signed out"),
        "sign_in_refused": _("wrong password"),
    }
    return words.get(event, event.replace("_", " "))


def name_words(name: str) -> str:
    """Which value changed: as the column is called, in words."""
    return name.replace("_minor", "").replace("_id", "").replace("_", " ")


def value_words(value: Any) -> str:
    """A value as it is read."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value_words(each) for each in value) or "–"
    text = str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"

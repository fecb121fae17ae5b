"""Where does somebody without e-mail stand in a house that knows people by their address?"""

from __future__ import annotations

_NOWHERE = "@no-mail.invalid"
"""A name that can never exist (RFC 2606): nothing sent there arrives anywhere."""


def no_mail_address(user_id: str) -> str:
    """What stands for the address of a patient who has none: theirs alone, and never written to."""
    return user_id + _NOWHERE


def has_mail(address: str) -> bool:
    """Whether this is an address somebody can be written to."""
    return bool(address) and not address.endswith(_NOWHERE)

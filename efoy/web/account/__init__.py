"""How does somebody get an account, sign in and out, and look after it? Its pages, one by one."""

from __future__ import annotations

from efoy.web.account import mine, patient, registering, resetting, signing_in
from efoy.web.account.blueprint import bp

__all__ = ["bp", "mine", "patient", "registering", "resetting", "signing_in"]

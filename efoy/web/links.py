"""Which addresses may somebody be sent to, and which links in mails are ours?"""

from __future__ import annotations

import re

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from efoy.services.accounts import RESET
from efoy.services.letters.desk import PAY
from efoy.wiring import seal, settings

STEP = "[A-Za-z0-9_~-][A-Za-z0-9_.~-]*"
PATH = re.compile(f"/(?:{STEP}(?:/{STEP})*/?)?")
QUERY = re.compile(r"[A-Za-z0-9_.~:=&%+-]*")
LONGEST = 512
NOT_AFTER_SIGN_IN = {"account.login", "account.logout", "account.register", "static"}


def safe_next(text: str | None) -> str:
    """``text`` when it is a page of ours that can be shown (a path, perhaps a query), else ''.

    A list of what is allowed, not of what is not: letters, digits and a few marks, and the router
    must know the path. Nothing that a browser could read as another host gets through.
    """
    if not text or len(text) > LONGEST:
        return ""
    path, _, query = text.partition("?")
    if not PATH.fullmatch(path) or not QUERY.fullmatch(query):
        return ""
    return text if _page(path) else ""


def _page(path: str) -> bool:
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return endpoint not in NOT_AFTER_SIGN_IN and not path.startswith("/api/")


def wanted_page() -> str:
    """Where this visitor wants to go after signing in: a page of ours, or ''."""
    return safe_next(request.form.get("next") or request.args.get("next"))


def sign_link(kind: str, key: str) -> str:
    """The token of a link in a mail."""
    return seal().sign(kind, key)


def read_link(kind: str, token: str) -> str | None:
    """The id a token was made for, or None when it is not one of ours."""
    return seal().read(kind, token)


def link_address(link_id: str) -> str:
    """The whole address behind which a password is chosen, for a one-time link."""
    return public_url(f"/reset/{sign_link(RESET, link_id)}")


def pay_address(ref: str) -> str:
    """The whole address behind which a visit is paid, for the desk's pay link."""
    return public_url(f"/pay/link/{sign_link(PAY, ref)}")


def public_url(path: str) -> str:
    """An address for mails and Stripe: always under ``BASE_URL``, never the Host of a request."""
    return settings().base_url + path

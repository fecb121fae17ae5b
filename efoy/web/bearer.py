"""Does a program speak, with a token instead of a cookie?"""

from __future__ import annotations

import re

from flask import Request

API = "/api/"
TOKEN = re.compile(r"efoy_[A-Za-z0-9_-]{20,100}")


def by_token(request: Request) -> bool:
    """Whether this request stands on an Authorization header: then no cookie counts, ever.

    Only under /api/: the pages are for people, and know no scopes.
    """
    return request.path.startswith(API) and "Authorization" in request.headers


def bearer_token(request: Request) -> str | None:
    """The token of the header, if it looks like one of ours."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not TOKEN.fullmatch(token.strip()):
        return None
    return token.strip()

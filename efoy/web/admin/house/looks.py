"""How does the clinic look? Its picture and its colour, served from our own origin."""

from __future__ import annotations

import re

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from efoy.domain.colour import readable, shades
from efoy.domain.errors import NotFound
from efoy.queries.admin.clinic_file import logo
from efoy.web.access import public

YEAR, DAY = 31_536_000, 86_400
MARK = re.compile(r"[0-9a-f]{64}")
SHEET = """@layer tokens {{
:root {{ {light} }}
:root[data-theme="dark"] {{ {dark} }}
@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dark} }} }}
}}
"""


def add_pages(bp: Blueprint) -> None:
    """Put these addresses under /clinic."""
    bp.add_url_rule("/clinic/look-<colour>.css", view_func=look)
    bp.add_url_rule("/clinic/logo-<mark>.png", view_func=picture)


@public
def look(colour: str) -> ResponseReturnValue:
    """The shades of one readable colour as the properties every style sheet uses."""
    written = f"#{colour}"
    if not readable(written):
        raise NotFound("colour")
    found = shades(written)
    light = _properties(found.brand, found.brand_x, found.brand_soft, found.deep)
    dark = _properties(found.dark_brand, found.dark_brand_x, found.dark_brand_soft, found.dark_deep)
    answer = Response(SHEET.format(light=light, dark=dark), mimetype="text/css")
    answer.headers["Cache-Control"] = f"public, max-age={DAY}"
    return answer


def _properties(brand: str, strong: str, soft: str, deep: str) -> str:
    return f"--brand: {brand}; --brand-x: {strong}; --brand-soft: {soft}; --deep: {deep};"


@public
def picture(mark: str) -> ResponseReturnValue:
    """The clinic's logo. Its address is the hash of its bytes, so it never changes."""
    found = logo(mark) if MARK.fullmatch(mark) else None
    if found is None:
        raise NotFound("logo")
    answer = Response(found.body, mimetype="image/png")
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    answer.headers["Content-Disposition"] = "inline"
    answer.set_etag(found.hash[:32])
    return answer

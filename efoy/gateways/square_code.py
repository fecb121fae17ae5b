"""How does an address get onto a telephone that is held before a screen? As a square code (QR)."""

from __future__ import annotations

import segno

QUIET = 4
"""Modules of white around it, as the standard asks; without them many telephones see nothing."""


def draw(address: str) -> str:
    """An SVG element without size, style or script, dark on white whatever the page's colours."""
    code = segno.make_qr(address, error="m")
    return code.svg_inline(
        border=QUIET, omitsize=True, dark="#000", light="#fff", svgclass="code", lineclass=None
    )

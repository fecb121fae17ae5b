"""Can people read it? The clinic's colour, and the shades pages need, by WCAG's contrast."""

from __future__ import annotations

import re
from dataclasses import dataclass

WRITTEN = re.compile(r"#[0-9a-f]{6}")
LEAST, LEAST_DEEP = 4.5, 7.0
WHITE, BLACK = "#ffffff", "#000000"
SUNK, DARK_SURFACE, ON_DEEP, DARK_INK = "#e7eee7", "#18221d", "#f1f7f3", "#06251a"
DARK_LINKS = 6.0
_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class Shades:
    """One colour as pages use it: on white paper, on dark paper, and as the ground of the menu."""

    brand: str
    brand_x: str
    brand_soft: str
    deep: str
    dark_brand: str
    dark_brand_x: str
    dark_brand_soft: str
    dark_deep: str


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours written ``#rrggbb``: from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str) -> bool:
    """Whether white words on it, and it on white, can be read: 4.5 to 1 at least."""
    return WRITTEN.fullmatch(colour) is not None and contrast(colour, WHITE) >= LEAST


def shades(colour: str) -> Shades:
    """The shades of a readable colour, each darkened or lightened until its words can be read."""
    lit = _until(colour, WHITE, DARK_SURFACE, DARK_LINKS)
    soft, dark_soft = _mix(colour, WHITE, 86), _mix(colour, DARK_SURFACE, 70)
    return Shades(
        brand=_until(colour, BLACK, SUNK, LEAST),
        brand_x=_until(_mix(colour, BLACK, 30), BLACK, soft, LEAST_DEEP),
        brand_soft=soft,
        deep=_until(_mix(colour, BLACK, 40), BLACK, ON_DEEP, LEAST_DEEP),
        dark_brand=_until(lit, WHITE, DARK_INK, LEAST),
        dark_brand_x=_until(_mix(lit, WHITE, 35), WHITE, dark_soft, LEAST_DEEP),
        dark_brand_soft=dark_soft,
        dark_deep=_until(_mix(colour, BLACK, 55), BLACK, ON_DEEP, LEAST_DEEP),
    )


def _until(colour: str, towards: str, against: str, least: float) -> str:
    """``colour`` moved towards another only as far as it takes to stand out ``against`` a third."""
    for step in range(_STEPS + 1):
        moved = _mix(colour, towards, step)
        if contrast(moved, against) >= least:
            return moved
    return towards


def _mix(colour: str, other: str, percent: int) -> str:
    """``percent`` of the other in it."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{(a * (100 - percent) + b * percent) // 100:02x}" for a, b in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)

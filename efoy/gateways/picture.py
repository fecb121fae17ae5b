"""Is this really a PNG, and what is left of it when only its dots are kept?

The file of a stranger is never handed on: it is measured before it is unpacked, by Pillow's
PNG reader and no other, made small, and written afresh. Comments, colour profiles, payloads
behind the picture and anything that only looks like a PNG stay behind.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from efoy.domain.errors import InvalidValue

MOST_BYTES = 256 * 1024
LEAST_SIDE, MOST_SIDE, SHOWN_SIDE = 32, 2048, 192
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A PNG written by ourselves."""

    body: bytes
    size: tuple[int, int]


def redraw(body: bytes) -> Drawn:
    """The same picture as a fresh PNG of at most 192 dots a side. Raises InvalidValue (why)."""
    if len(body) > MOST_BYTES:
        raise InvalidValue("logo", "too large")
    if not body.startswith(PNG):
        raise InvalidValue("logo", "no PNG")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redraw(body)
    except InvalidValue:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, Warning) as error:
        raise InvalidValue("logo", "no PNG") from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise InvalidValue("logo", "broken") from error  # what Pillow raises for damaged files


def _redraw(body: bytes) -> Drawn:
    with Image.open(io.BytesIO(body), formats=["PNG"]) as opened:
        if getattr(opened, "n_frames", 1) != 1:
            raise InvalidValue("logo", "moving")
        if not all(LEAST_SIDE <= side <= MOST_SIDE for side in opened.size):
            raise InvalidValue("logo", "size")
        opened.load()
        picture = opened.convert("RGBA")
    picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    fresh = Image.new("RGBA", picture.size)
    fresh.paste(picture)
    written = io.BytesIO()
    fresh.save(written, format="PNG", optimize=True)
    return Drawn(body=written.getvalue(), size=fresh.size)

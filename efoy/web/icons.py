"""Which icons does this page use, and how are they drawn?

A template writes ``{{ icon('clock') }}``; the name is remembered for the request, and the page's
shell prints only the drawings that were asked for, once, with ``{{ icon_symbols() }}`` at its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g
from markupsafe import Markup

if TYPE_CHECKING:
    from flask import Flask

# 24 × 24, stroked with the colour of the text around them.
STROKES = {
    "alert": '<path d="M12 4 2.8 19.5h18.4Z"/><path d="M12 10v4.5m0 2.5v.01"/>',
    "bank": '<path d="m3.5 9.5 8.5-5 8.5 5ZM6 10v7m4-7v7m4-7v7m4-7v7M4 20h16"/>',
    "bell": (
        '<path d="M6 16.5c1-1.2 1.3-2.5 1.3-5a4.7 4.7 0 0 1 9.4 0c0 2.500.3 3.8 1.3 5Z"/>'
        '<path d="M10 19.5c.9 1 3.1 1 4 0"/>'
    ),
    "cal": (
        '<rect x="4" y="5.5" width="16" height="14.5" rx="2.5"/>'
        '<path d="M4 10h16M8.5 3.5v4m7-4v4"/>'
    ),
    "card": ('<rect x="3" y="5.5" width="18" height="13" rx="2.5"/><path d="M3 10h18M7 15h3"/>'),
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>',
    "doc": ('<path d="M6.5 3.5h7L18.5 8v12.5h-12Z"/><path d="M13 3.5V8.5h5.5M9.5 13h5m-5 3.5h5"/>'),
    "down": '<path d="M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14"/>',
    "filter": '<path d="M4 7h16M7 12h10M10 17h4"/>',
    "flag": '<path d="M5.5 21V4.5m0 .5c4-2 7 2 13 0v9c-6 2-9-2-13 0"/>',
    "globe": (
        '<circle cx="12" cy="12" r="8.5"/>'
        '<path d="M3.5 12h17M12 3.5c5 5.3 5 11.7 0 17-5-5.3-5-11.7 0-17Z"/>'
    ),
    "heart": '<path d="M3.5 12.5H8l2-5 4 9 2-4h4.5"/>',
    "home": '<path d="m4 11 8-7 8 7v8.5a.5.5 0 0 1-.5.5H15v-6H9v6H4.5a.5.5 0 0 1-.5-.5Z"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5m0-8v.01"/>',
    "left": '<path d="m14.5 6-6 6 6 6"/>',
    "lock": (
        '<rect x="5" y="10.5" width="14" height="9.5" rx="2.5"/>'
        '<path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>'
    ),
    "mail": '<rect x="3" y="5.5" width="18" height="13" rx="2.5"/><path d="m4 7.5 8 6 8-6"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "out": '<path d="M10 6H6v12h12v-4M13 5h6v6m0-6-8 8"/>',
    "phone": (
        '<path d="M6 4h3l1.5 4.5L8.3 10a12 12 0 0 0 5.7 5.7l1.5-2.2L20 15v3c0 1.1-.9 2-2'
        ' 2C10.8 20 4 13.2 4 6c0-1.100.9-2 2-2Z"/>'
    ),
    "pin": (
        '<path d="M12 21s-6.5-5.7-6.5-11a6.5 6.5 0 0 1 13 0c0 5.3-6.5 11-6.5 11Z"/>'
        '<circle cx="12" cy="10" r="2.3"/>'
    ),
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "receipt": (
        '<path d="M6 3.5h12v17l-2.4-1.6L13.2 20.5 12 19.7l-1.200.8-2.4-1.6L6 20.5Z"/>'
        '<path d="M9 8h6m-6 4h6"/>'
    ),
    "right": '<path d="m9.5 6 6 6-6 6"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
    "shield": (
        '<path d="M12 3.5 5 6v5.5c0 4.5 3 7.6 7 9 4-1.4 7-4.5 7-9V6Z"/>'
        '<path d="m9 12 2.2 2.2L15.2 10"/>'
    ),
    "swap": '<path d="M5 9h13l-3.5-3.5M19 15H6l3.5 3.5"/>',
    "undo": '<path d="M8.5 5 4 9.5 8.5 14"/><path d="M4.5 9.5H14a5.5 5.5 0 0 1 0 11h-3"/>',
    "user": (
        '<circle cx="12" cy="8.5" r="3.8"/><path d="M4.5 20c.8-3.8 3.8-5.8 7.5-5.8s6.7 2 7.5 5.8"/>'
    ),
    "users": (
        '<circle cx="9" cy="9" r="3.3"/>'
        '<path d="M2.5 19.5c.7-3.3 3.3-5 6.5-5s5.8 1.7 6.5 5M15.5 6a3.2 3.2 0 0 1 0 6'
        'M17.5 14.8c2.200.6 3.6 2.2 4 4.7"/>'
    ),
    "video": (
        '<rect x="3" y="6.5" width="12" height="11" rx="2.5"/><path d="m15 11 6-3.5v9L15 13"/>'
    ),
    "x": '<path d="m6.5 6.5 11 11m0-11-11 11"/>',
}

# Efoy's mark is adey abeba, the yellow daisy. The petals alone also stand large behind a heading.
_PETAL = '<ellipse cx="32" cy="14.5" rx="7.2" ry="12.5" transform="rotate({turn} 32 32)"/>'
_PETALS = "".join(_PETAL.format(turn=turn) for turn in range(0, 360, 45))
MARK = (
    f'<symbol id="mk-petals" viewBox="0 0 64 64"><g fill="#f6c21c">{_PETALS}</g></symbol>'
    '<symbol id="mk" viewBox="0 0 64 64"><use href="#mk-petals"/>'
    '<circle cx="32" cy="32" r="9.5" fill="#0b5b43"/></symbol>'
)


class Icons:
    """The icons one page has asked for so far."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def use(self, name: str, *, flip: bool = False, tone: str = "") -> Markup:
        """Markup that shows one icon; an unknown name raises KeyError.

        ``flip`` mirrors it in right-to-left text, ``tone`` adds a class.
        """
        if name not in STROKES:
            raise KeyError(name)
        self._used.add(name)
        classes = "i" + (" i-flip" if flip else "") + (f" {tone}" if tone else "")
        return Markup(
            '<svg class="{}" width="20" height="20" viewBox="0 0 24 24" aria-hidden="true"'
            ' focusable="false"><use href="#i-{}"/></svg>'
        ).format(classes, name)

    def symbols(self) -> Markup:
        """The mark and every icon used, drawn once; belongs at the end of the page."""
        drawn = "".join(
            f'<symbol id="i-{name}" viewBox="0 0 24 24">{STROKES[name]}</symbol>'
            for name in sorted(self._used)
        )
        return Markup(  # noqa: S704 (nothing in it comes from outside)
            '<svg width="0" height="0" class="vh" aria-hidden="true" focusable="false">'
            f"{MARK}{drawn}</svg>"
        )


def register_icons(app: Flask) -> None:
    """Give every template ``icon(name, flip=, tone=)`` and ``icon_symbols()``."""
    app.jinja_env.globals.update(icon=_icon, icon_symbols=_icon_symbols)


def _icons() -> Icons:
    if "icons" not in g:
        g.icons = Icons()
    icons: Icons = g.icons
    return icons


def _icon(name: str, *, flip: bool = False, tone: str = "") -> Markup:
    return _icons().use(name, flip=flip, tone=tone)


def _icon_symbols() -> Markup:
    return _icons().symbols()

"""Which drawn pages can be shown again as they are? Those whose every value is the same.

A page is kept under all that it was drawn from, so it is never stale; what differs from person to
person (a form's token, a message) must not be on it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from flask import render_template, session

from efoy.web.context import clinic, locale
from efoy.web.login import viewer

MOST = 256
"""Pages kept in a process, the least recently shown are dropped: about five megabytes."""
_pages: OrderedDict[Hashable, str] = OrderedDict()
_turn = Lock()


def kept_page(template: str, state: Hashable, values: Callable[[], dict[str, Any]]) -> str:
    """The page drawn from ``values()``, which follow from ``state`` alone, or the kept one.

    The clinic, the language and the name in the navigation are part of the key.
    """
    if session.get("_flashes"):
        return render_template(template, **values())
    who = viewer()
    key = (template, state, clinic(), locale(), (who.role, who.name) if who else None)
    with _turn:
        if key in _pages:
            _pages.move_to_end(key)
            return _pages[key]
    drawn = render_template(template, **values())
    with _turn:
        _pages[key] = drawn
        while len(_pages) > MOST:
            _pages.popitem(last=False)
    return drawn

"""Does the time an answer takes tell a stranger who has an account? It must not."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import current_app

View = TypeVar("View", bound=Callable[..., Any])
BEAT = "STEADY_SECONDS"
"""In the configuration: longer than a password hash and two writes, shorter than anybody minds.
Zero in tests, which would otherwise mostly wait."""


def steady(view: View) -> View:
    """Answer on the beat: at the next quarter of a second after the request came.

    The work behind a known and an unknown address is nearly the same; what differs (one row more,
    one task for the worker) disappears in the wait.
    """

    @wraps(view)
    def paced(*args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return view(*args, **kwargs)
        finally:
            beat = current_app.config[BEAT]
            elapsed = time.perf_counter() - begun
            time.sleep(beat - elapsed % beat if beat else 0)

    return paced  # type: ignore[return-value]  # wraps keeps the view's own signature

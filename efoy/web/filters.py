"""Which filters may a template use? Those of ``efoy.wording``, in the clinic's zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efoy.wording import Place, filters_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


def register_filters(
    app: Flask, clinic: Callable[[], Place], locale: Callable[[], str] = lambda: "en"
) -> None:
    """Install the filters. ``clinic`` and ``locale`` are asked at each use."""
    app.jinja_env.filters.update(filters_for(clinic, locale))

"""Efoy: appointments and payments for one clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from efoy.settings import Settings
    from efoy.wiring import Outside


def create_app(settings: Settings, outside: Callable[[Flask], Outside] | None = None) -> Flask:
    """The whole application. ``outside`` builds other third parties, in tests."""
    from efoy.assembly import assemble  # here, so that the domain is read without Flask

    return assemble(settings, outside)

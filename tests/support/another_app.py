"""The same clinic under other settings: production, behind a proxy, with limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Flask

from efoy import create_app
from efoy.models import db
from efoy.models.base import announce_with


@contextmanager
def another_app(app: Flask, **given: Any) -> Iterator[Flask]:
    """A second app on the same database and the same third parties."""
    settings = replace(app.extensions["efoy_settings"], **given)
    other = create_app(settings, outside=lambda _: app.extensions["efoy_outside"])
    try:
        yield other
    finally:
        announce_with(app.extensions["efoy_engine"].announce)
        other.extensions["efoy_engine"].close()
        with other.app_context():
            db.engine.dispose()

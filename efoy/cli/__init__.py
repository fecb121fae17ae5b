"""Which commands does an operator have? Each file registers its own on the app."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Give the app its commands."""

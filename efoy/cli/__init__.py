"""Which commands does an operator have? Each file puts its own on the app."""

from __future__ import annotations

from flask import Flask

from efoy.cli import api_tokens, drawing, first_day, keeping, load, preflight, proof, upkeep, work

PARTS = (work, upkeep, proof, preflight, first_day, load, keeping, drawing, api_tokens)


def register(app: Flask) -> None:
    """Give the app its commands."""
    for part in PARTS:
        for command in part.COMMANDS:
            app.cli.add_command(command)

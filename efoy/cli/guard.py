"""May this command run here?"""

from __future__ import annotations

import click

from efoy.wiring import settings


def not_in_production() -> None:
    """End with one sentence where real people's data are."""
    if settings().production:
        raise click.ClickException("EFOY_ENV is production: this command is for demos and tests.")

"""How do the tests give a command, and what do they have before it?"""

from __future__ import annotations

import pytest


@pytest.fixture
def run(app):
    """Give a command to the app; what it printed, and how it ended."""

    def invoke(*arguments: str, fails: bool = False):
        outcome = app.test_cli_runner().invoke(args=arguments)
        failed = outcome.exit_code != 0
        assert failed == fails, f"{arguments}: {outcome.output} {outcome.exception!r}"
        return outcome

    return invoke

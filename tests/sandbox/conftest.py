"""What does every story about the sandbox start from?"""

import pytest
import stripe

from sandbox import create_sandbox
from tests.sandbox.steps import KEY, SECRET, Clinic, WsgiClient

stripe.enable_telemetry = False


class HandClock:
    """A clock that moves when told to."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def box(clock):
    return create_sandbox(key=KEY, webhook_secret=SECRET, clock=clock)


@pytest.fixture
def clinic(box, clock):
    """Someone who uses the real SDK against the sandbox."""
    client = stripe.StripeClient(
        KEY,
        stripe_version="2026-10-28.endive",
        http_client=WsgiClient(box.wsgi),
        base_addresses={"api": "http://sandbox.test"},
    )
    return Clinic(client, box, clock)

"""Does the sandbox know, after it was started anew, what it knew before?"""

import pytest
import stripe

from sandbox import create_sandbox
from sandbox.memory import Memory
from tests.sandbox.steps import KEY, Clinic, WsgiClient

PENDING_REFUND = "4000000000007726"


@pytest.fixture
def start(clock, tmp_path):
    """Starts a sandbox on the same file and gives a clinic on it; the one before is stopped."""
    running = []

    def again():
        stop(running)
        box = create_sandbox(key=KEY, clock=clock)
        memory = Memory(box, tmp_path / "memory")
        memory.recall()
        running.append(memory)
        transport = WsgiClient(box.wsgi)
        client = stripe.StripeClient(
            KEY,
            stripe_version="2026-10-28.endive",
            http_client=transport,
            base_addresses={"api": "http://sandbox.test"},
        )
        return Clinic(client, box, clock)

    yield again
    stop(running)


def stop(running):
    """End what runs, as a signal would."""
    while running:
        running.pop().close()


def test_payments_and_keys_outlive_a_restart(start):
    clinic = start()
    session = clinic.checkout(key="key-1")
    clinic.box.pay(session.id)

    clinic = start()

    assert clinic.look(session).payment_intent.status == "succeeded"
    assert clinic.checkout(key="key-1").id == session.id
    assert clinic.refund(clinic.look(session).payment_intent, 4500).status == "succeeded"


def test_what_was_planned_still_happens(start):
    clinic = start()
    refund = clinic.refund(clinic.paid(card=PENDING_REFUND), 4500)
    left_open = clinic.checkout()

    clinic = start()
    clinic.clock.now += 36 * 60

    assert clinic.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert clinic.look(left_open).status == "expired"


def test_the_file_is_nobody_elses_to_read(start, tmp_path):
    start().paid()
    start()

    assert (tmp_path / "memory").stat().st_mode & 0o077 == 0


def test_a_file_that_is_not_the_sandboxs_is_refused(start, tmp_path):
    (tmp_path / "memory").write_bytes(b"cposix\nsystem\n(S'true'\ntR.")

    with pytest.raises(SystemExit, match="is from another version"):
        start()

"""Killed before and after each commit and each remote call: after a restart, one of everything.

A child process does the main job against the sandbox over a real socket and the mail server over
real SMTP. A failpoint kills it there and then; a second child does what people, Stripe and the
worker would do again.
"""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from dataclasses import replace

import pytest

from efoy import create_app
from efoy.domain.errors import AlreadyPaid, PaymentUnsettled
from efoy.domain.role import Door, system
from efoy.gateways.clock import Clock
from efoy.models import db
from efoy.queries.invariants import check
from efoy.services import booking, checkout, settlement, stripe_events, worker
from tests.conftest import SECRET, test_settings
from tests.support.clinic import PATIENT, found_clinic
from tests.support.process import KILLED, Doorstep, in_child
from tests.support.story import GOOD, URLS, Story

pytestmark = [pytest.mark.story, pytest.mark.slow]
PATIENTS_WAY = [
    f"{name}.{side}_{what}"
    for name, what in [
        ("hold_slot", "commit"),
        ("begin_payment", "commit"),
        ("stripe.create_checkout", "call"),
        ("record_checkout", "commit"),
        ("stripe.fetch_checkout", "call"),
        ("settle_payment", "commit"),
        ("claim_mail", "commit"),
        ("mail.send", "call"),
        ("finish_mail", "commit"),
    ]
    for side in ("before", "after")
]
STRIPES_WAY = [
    f"{name}.{side}_{what}"
    for name, what in [
        ("receive_event", "commit"),
        ("stripe.fetch_checkout", "call"),
        ("settle_payment", "commit"),
        ("finish_event", "commit"),
        ("mail.send", "call"),
    ]
    for side in ("before", "after")
]


class House:
    """One database, one sandbox, one mail server; processes come and go."""

    def __init__(self, url, box, mailbox, clock_file) -> None:
        self.door, self.box, self.mailbox, self.clock_file = Doorstep(box), box, mailbox, clock_file
        self.settings = test_settings(
            database_url=url,
            stripe_api_base=self.door.url,
            stripe_checkout_host=self.door.url,
            mail_port=mailbox.port,
            clock_file=str(clock_file),
        )

    def app(self, failpoints: str = ""):
        """A process of its own, as far as the database and the world can tell."""
        return create_app(replace(self.settings, failpoints=failpoints))

    def run(self, act, failpoints: str = "") -> int:
        """Let a child do ``act``; how it ended."""

        def work() -> None:
            app = self.app(failpoints)
            with app.app_context():
                act(app)

        return in_child(work)

    # -- what people and Stripe do, again if they must ------------------------------------------

    def patient(self, app, *, come_back: bool = True) -> None:
        """Hold with the same form, press Pay, type a card, come back."""
        outside = app.extensions["efoy_outside"]
        now = outside.clock()
        actor = system(Door.WEB)
        held = booking.hold_slot(self.wish(), actor=actor, now=now)
        try:
            page = checkout.open_checkout(
                held.id, urls=URLS, stripe=outside.stripe, actor=actor, now=now
            )
            _type_card(page.url)
        except (AlreadyPaid, PaymentUnsettled):
            pass
        if come_back:
            key = checkout.payment_of_booking(held.id)
            settlement.settle_payment(key, stripe=outside.stripe, actor=actor, now=now)

    def wish(self):
        """The form, with its token."""
        return booking.HoldRequest(
            doctor="hana-tesfaye",
            service="see-the-doctor",
            starts_at=self.starts_at,
            name="Almaz Bekele",
            email="almaz@example.org",
            phone="",
            viewer_id=PATIENT,
            form_token="the one form",
        )

    def messages(self, app, letters) -> None:
        """Stripe delivers."""
        outside = app.extensions["efoy_outside"]
        for letter in letters:
            stripe_events.receive_event(
                letter.body,
                self.box.sign(letter.body)["Stripe-Signature"],
                stripe=outside.stripe,
                now=outside.clock(),
            )

    def drain(self, app) -> None:
        """The worker runs until it is idle."""
        outside = app.extensions["efoy_outside"]
        worker.drain(
            worker.Tools(clock=outside.clock, stripe=outside.worker_stripe, mailer=outside.mailer)
        )

    def later(self, minutes: int) -> None:
        """Time passes for everyone."""
        before = float(self.clock_file.read_text() or 0)
        self.clock_file.write_text(str(before + minutes * 60))


def _type_card(url: str) -> None:
    fields = {"card": GOOD, "exp": "12 / 40", "cvc": "123", "name": "A B", "action": "pay"}
    body = urllib.parse.urlencode(fields).encode()
    request = urllib.request.Request(url.split("#")[0], data=body)
    urllib.request.build_opener(_Stay).open(request, timeout=10).read()


class _Stay(urllib.request.HTTPRedirectHandler):
    """The way back to the clinic is not walked here."""

    def redirect_request(self, *args, **kwargs):
        return None

    def http_error_303(self, request, answer, code, message, headers):
        return answer


@pytest.fixture
def house(database, tmp_path, mailbox):
    from sandbox import create_sandbox

    clock_file = tmp_path / "clock"
    clock_file.write_text("0")
    box = create_sandbox(webhook_secret=SECRET, clock_file=clock_file)
    house = House(database, box, mailbox, clock_file)
    app = house.app()
    with app.app_context():
        now = Clock()()
        found_clinic(now)
        house.starts_at = _first_time(now)
        db.engine.dispose()
    yield house
    house.door.close()
    box.close()


def _first_time(now):
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    day = (now + timedelta(days=3)).astimezone(ZoneInfo("America/New_York"))
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


def _one_of_everything(house, crashes: int = 1) -> None:
    app = house.app()
    with app.app_context():
        story = Story(app, None, house.box, type("S", (), {"transport": None}), house.mailbox)
        from efoy.models import Booking, LedgerEntry, Payment

        [row] = story.rows(Booking)
        assert row.status == "confirmed"
        paid = [payment for payment in story.rows(Payment) if payment.status == "paid"]
        assert len(paid) == 1
        assert len(story.charges_at_stripe()) == 1
        assert story.receipts() == ["R-2026-000001"] or len(story.receipts()) == 1
        charges = [entry for entry in story.rows(LedgerEntry) if entry.cause.startswith("charge:")]
        assert len(charges) == 2
        assert story.promised() == ["booked"]
        assert check(now=app.extensions["efoy_outside"].clock(), whole_chain=True) == []
        db.engine.dispose()
    assert 1 <= len(house.mailbox.messages) <= 1 + crashes
    assert len({message["Message-ID"] for message in house.mailbox.messages}) == 1


def _get_over_it(house) -> None:
    """The patient tries again, Stripe delivers what it has, the worker comes back."""
    assert house.run(house.patient) == 0
    letters = house.box.take_deliveries()
    assert house.run(lambda app: (house.messages(app, letters), house.drain(app))) == 0
    for _ in range(3):
        house.later(minutes=5)
        assert house.run(house.drain) == 0


@pytest.mark.parametrize("failpoint", PATIENTS_WAY)
def test_killed_on_the_patients_way(house, failpoint):
    died = house.run(lambda app: (house.patient(app), house.drain(app)), f"{failpoint}:exit")

    assert died == KILLED
    _get_over_it(house)
    _one_of_everything(house)


@pytest.mark.parametrize("failpoint", STRIPES_WAY)
def test_killed_while_stripes_message_is_looked_into(house, failpoint):
    assert house.run(lambda app: house.patient(app, come_back=False)) == 0
    letters = house.box.take_deliveries()

    died = house.run(
        lambda app: (house.messages(app, letters), house.drain(app)), f"{failpoint}:exit"
    )

    assert died == KILLED
    again = [letter for letter in letters if json.loads(letter.body)["id"]]
    assert house.run(lambda app: house.messages(app, again)) == 0
    for _ in range(3):
        house.later(minutes=5)
        assert house.run(house.drain) == 0
    _one_of_everything(house)

"""Killed before and after each commit and each call of a closing: after a restart every patient
has one mail and one refund, or one mail and one offer.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from efoy.domain.closing import Choice, ClosingSource
from efoy.domain.errors import AlreadyPaid, PaymentUnsettled
from efoy.domain.role import Door, system
from efoy.gateways.clock import Clock
from efoy.models import Booking, DayClosing, DayClosingItem, OutboxMessage, Refund, db
from efoy.queries.invariants import check
from efoy.services import booking, checkout, settlement
from efoy.services.closings import ClosingWish, close_time
from sandbox import create_sandbox
from tests.conftest import SECRET
from tests.stories.test_crashes import House, _first_time, _type_card
from tests.support.clinic import found_clinic
from tests.support.process import KILLED
from tests.support.story import URLS, Story

pytestmark = [pytest.mark.story, pytest.mark.slow]
THE_CLOSINGS_WAY = [
    *(f"closing_item.{side}_commit:exit@{hit}" for side in ("before", "after") for hit in (1, 2)),
    *(
        f"{name}.{side}_{what}:exit"
        for name, what in [
            ("close_time", "commit"),
            ("claim_refund", "commit"),
            ("stripe.create_refund", "call"),
            ("settle_refund", "commit"),
            ("mail.send", "call"),
        ]
        for side in ("before", "after")
    ),
]
EACH_MAIL_ONCE = ["booked", "booked", "cancelled_by_clinic", "move_offered", "refund_sent"]


class Clinic(House):
    """Two people have booked a morning that the clinic closes."""

    def everyone_books(self, app) -> None:
        """Both hold, pay, come back; their mails are sent."""
        for number in range(2):
            self._book(app, number)
        self.drain(app)

    def _book(self, app, number: int) -> None:
        outside, actor = app.extensions["efoy_outside"], system(Door.WEB)
        wish = booking.HoldRequest(
            doctor="hana-tesfaye",
            service="see-the-doctor",
            starts_at=self.starts_at + timedelta(minutes=20 * number),
            name=f"Person {number}",
            email=f"person{number}@example.org",
            phone="",
        )
        now = outside.clock()
        held = booking.hold_slot(wish, actor=actor, now=now)
        try:
            page = checkout.open_checkout(
                held.id, urls=URLS, stripe=outside.stripe, actor=actor, now=now
            )
            _type_card(page.url)
        except (AlreadyPaid, PaymentUnsettled):
            pass
        key = checkout.payment_of_booking(held.id)
        settlement.settle_payment(key, stripe=outside.stripe, actor=actor, now=now)

    def close(self, app) -> None:
        """The first visit is cancelled, the second asked to move; the worker carries it out."""
        story = self.story(app)
        first, second = sorted(story.rows(Booking), key=lambda row: row.starts_at)
        wish = ClosingWish(
            doctor_id=1,
            starts_at=self.starts_at,
            ends_at=self.starts_at + timedelta(hours=2),
            reason="The doctor is ill",
            source=ClosingSource.CLOSE_DAY,
            choices={first.ref: Choice.CANCEL, second.ref: Choice.MOVE},
            form_token="the one closing",
        )
        close_time(wish, actor=system(Door.WEB), now=app.extensions["efoy_outside"].clock())
        self.drain(app)

    def story(self, app) -> Story:
        """To read rows with."""
        return Story(app, None, self.box, type("S", (), {"transport": None}), self.mailbox)


@pytest.fixture
def clinic(database, tmp_path, mailbox):
    clock_file = tmp_path / "clock"
    clock_file.write_text("0")
    box = create_sandbox(webhook_secret=SECRET, clock_file=clock_file)
    house = Clinic(database, box, mailbox, clock_file)
    app = house.app()
    with app.app_context():
        now = Clock()()
        found_clinic(now)
        house.starts_at = _first_time(now)
        house.everyone_books(app)
        db.engine.dispose()
    yield house
    house.door.close()
    box.close()


@pytest.mark.parametrize("failpoint", THE_CLOSINGS_WAY)
def test_killed_while_a_day_is_closed(clinic, failpoint):
    assert clinic.run(clinic.close, failpoint) == KILLED

    assert clinic.run(clinic.close) == 0
    for _ in range(3):
        clinic.later(minutes=5)
        assert clinic.run(clinic.drain) == 0

    app = clinic.app()
    with app.app_context():
        story = clinic.story(app)
        [closing] = story.rows(DayClosing)
        assert closing.status == "waiting"
        items = sorted(story.rows(DayClosingItem), key=lambda row: row.visit_at)
        assert [row.status for row in items] == ["cancelled", "offered"]
        assert [row.amount_minor for row in story.rows(Refund)] == [4500]
        assert sorted(row.kind for row in story.rows(OutboxMessage)) == EACH_MAIL_ONCE
        assert check(now=app.extensions["efoy_outside"].clock(), whole_chain=True) == []
        db.engine.dispose()
    assert len(refunds_at_stripe(clinic)) == 1
    sent = [message["Message-ID"] for message in clinic.mailbox.messages]
    assert len(set(sent)) == len(EACH_MAIL_ONCE)
    assert len(sent) <= len(EACH_MAIL_ONCE) + 1


def refunds_at_stripe(clinic):
    """Every refund the stand-in has."""
    found = [one.body for one in clinic.box.state.by_id.values()]
    return [body for body in found if body.get("object") == "refund"]

"""Is the demo a believable clinic that keeps every law?"""

from __future__ import annotations

import json

from sqlalchemy import func, select

from efoy.domain.role import Role
from efoy.models import Booking, Dispute, Doctor, OutboxMessage, Payment, Refund
from efoy.models.base import reading
from efoy.models.upkeep import Alert
from efoy.queries.slots import free_times
from efoy.services import accounts
from efoy.services.worker import due
from tests.support.another_app import another_app

EVERY_BOOKING = {"held", "confirmed", "expired", "cancelled", "attended", "no_show"}
EVERY_PAYMENT = {"paid", "expired", "processing", "parked"}
MEANT = {
    "refund_failed",
    "dispute",
    "parked_payment",
    "refund_to_approve",
    "refund_wish",
    "late_money",
    "dead_mail",
    "clash_of_hours",
}
EVERY_DISPUTE = {
    "warning_needs_response",
    "warning_closed",
    "needs_response",
    "under_review",
    "won",
    "lost",
}
EVERY_REFUND = {"proposed", "pending", "succeeded", "failed", "withdrawn"}


def words(column) -> set[str]:
    with reading() as connection:
        return {str(word) for word in connection.scalars(select(column).distinct())}


def state(run) -> dict:
    """The export without the time it was made at."""
    return json.loads(run("export-state").stdout) | {"clock": None}


def test_the_demo_is_a_believable_clinic_from_its_first_minute(app, clock, run):
    lines = run("seed-demo", "--reset", "--print-logins").stdout.splitlines()

    logins = [json.loads(line) for line in lines if line.startswith("{")]
    assert {login["role"] for login in logins} == set(Role)
    with app.app_context():
        with reading() as connection:
            assert connection.scalar(select(func.count()).where(Doctor.active)) == 6
        assert words(Booking.status) == EVERY_BOOKING
        assert words(Payment.status) == EVERY_PAYMENT
        assert words(Payment.method) == {"stripe", "cash", "terminal"}
        assert words(Refund.status) == EVERY_REFUND
        assert len(words(Booking.free_reason)) == len(words(Booking.overbooked_reason)) == 2
        assert words(Booking.pay_by) - {None}
        for login in logins:
            assert accounts.sign_in(login["email"], login["password"], now=clock()).token
        first, now = clock().date(), clock()
        days = free_times("yusuf-abdi", "heart-check", first=first, count=28, now=now)
        assert [day for day in days if day.times] == []


def test_what_waits_for_a_person_in_the_demo_was_meant_to(app, run):
    run("seed-demo", "--reset")

    with app.app_context():
        assert words(Alert.kind) == MEANT
        assert words(Dispute.status) == EVERY_DISPUTE
        assert words(Refund.way) == {"stripe", "cash"}
        assert words(Refund.origin) == {"admin", "policy", "auto", "external"}
        half = select(Refund.status).where(Refund.amount_minor * 2 == Refund.available_minor)
        with reading() as connection:
            assert set(connection.scalars(half)) == {"succeeded"}


def test_the_demo_stays_true_when_it_is_run_again_and_days_go_by(app, clock, mailbox, run):
    run("seed-demo", "--reset")
    before = state(run)
    assert run("check", "--whole-chain").stdout == ""

    assert "there already" in run("seed-demo").stdout

    assert state(run) == before
    with app.app_context():
        assert words(OutboxMessage.status) == {"sent", "dead"}
        assert list(due(clock())) == []
    clock.advance(days=3)
    run("worker", "--drain")
    assert run("check").stdout == ""
    reminders = "your appointment"
    assert [one for one in mailbox.subjects if not one.endswith(reminders)] == []


def test_a_demo_of_a_saturday_keeps_every_law_too(app, clock, run):
    """Chance tells its stories of other visits then: one not agreed to needed nobody's word."""
    clock.advance(days=-2, hours=-2, minutes=-36)

    run("seed-demo", "--reset")

    assert run("check").stdout == ""


def test_another_clinic_is_left_alone(run):
    said = run("seed-demo", fails=True).output

    assert "--reset" in said


def test_production_refuses_the_demo(app):
    with another_app(app, env="production") as production:
        outcome = production.test_cli_runner().invoke(args=["seed-demo", "--reset"])

    assert outcome.exit_code == 1
    assert "production" in outcome.output


def test_the_demo_leaves_its_logins_beside_its_database(app, tmp_path):
    folder = tmp_path / "demo"
    folder.mkdir()
    address = f"sqlite:///{folder / 'demo.sqlite3'}"
    with another_app(app, env="demo", database_url=address) as demo:
        for command in (["db", "upgrade"], ["seed-demo"]):
            outcome = demo.test_cli_runner().invoke(args=command)
            assert outcome.exit_code == 0, outcome.output

    kept = json.loads((folder / "demo-logins.json").read_text())
    assert [login["role"] for login in kept] == ["patient", "doctor", "desk", "admin", "admin"]

"""Is the demo a believable clinic that keeps every law?"""

from __future__ import annotations

import json

from sqlalchemy import func, select

from efoy.domain.role import Role
from efoy.models import Booking, Doctor, OutboxMessage, Payment, Refund
from efoy.models.base import reading
from efoy.queries.slots import free_times
from efoy.services import accounts
from efoy.services.worker import due
from tests.support.another_app import another_app

EVERY_BOOKING = {"held", "confirmed", "expired", "cancelled", "attended", "no_show"}
EVERY_PAYMENT = {"paid", "expired", "processing", "parked"}
EVERY_REFUND = {"pending", "succeeded", "failed"}


def words(column) -> set[str]:
    with reading() as connection:
        return {str(word) for word in connection.scalars(select(column).distinct())}


def state(run) -> dict:
    """The export without the time it was made at."""
    return json.loads(run("export-state").stdout) | {"clock": None}


def test_the_demo_has_six_doctors_and_bookings_in_every_state(app, run):
    run("seed-demo", "--reset")

    with app.app_context(), reading() as connection:
        assert connection.scalar(select(func.count()).select_from(Doctor)) == 6
        assert words(Booking.status) == EVERY_BOOKING
        assert words(Payment.status) == EVERY_PAYMENT
        assert words(Refund.status) == EVERY_REFUND


def test_the_demo_keeps_every_law(run):
    run("seed-demo", "--reset")

    assert run("check", "--whole-chain").stdout == ""


def test_one_doctor_has_no_free_time_for_four_weeks(app, clock, run):
    run("seed-demo", "--reset")

    with app.app_context():
        days = free_times("yusuf-abdi", "heart-check", first=clock().date(), count=28, now=clock())

    assert [day for day in days if day.times] == []


def test_nothing_of_the_demos_past_is_mailed(app, clock, mailbox, run):
    run("seed-demo", "--reset")

    run("worker", "--drain")

    with app.app_context():
        assert words(OutboxMessage.status) == {"sent"}
        assert list(due(clock())) == []
    assert mailbox.messages == []


def test_everybody_signs_in_with_the_password_that_is_shown(app, clock, run):
    lines = run("seed-demo", "--reset", "--print-logins").stdout.splitlines()
    logins = [json.loads(line) for line in lines if line.startswith("{")]

    assert {login["role"] for login in logins} == set(Role)
    with app.app_context():
        for login in logins:
            assert accounts.sign_in(login["email"], login["password"], now=clock()).token


def test_a_second_run_changes_nothing(clock, run):
    run("seed-demo", "--reset")
    before = state(run)
    clock.advance(days=2)

    said = run("seed-demo").stdout

    assert "there already" in said
    assert state(run) == before


def test_another_clinic_is_left_alone(run):
    said = run("seed-demo", fails=True).output

    assert "--reset" in said


def test_production_refuses_the_demo(app):
    with another_app(app, env="production") as production:
        outcome = production.test_cli_runner().invoke(args=["seed-demo", "--reset"])

    assert outcome.exit_code == 1
    assert "production" in outcome.output


def test_the_demo_leaves_its_logins_beside_its_database(app, tmp_path):
    with another_app(
        app, env="demo", database_url=f"sqlite:///{tmp_path / 'demo' / 'demo.sqlite3'}"
    ) as demo:
        (tmp_path / "demo").mkdir()
        outcome = demo.test_cli_runner().invoke(args=["db", "upgrade"])
        assert outcome.exit_code == 0, outcome.output

        outcome = demo.test_cli_runner().invoke(args=["seed-demo"])

    assert outcome.exit_code == 0, outcome.output
    kept = json.loads((tmp_path / "demo" / "demo-logins.json").read_text())
    assert [login["role"] for login in kept] == ["patient", "doctor", "desk", "admin"]


def test_the_demo_stays_true_when_days_go_by(clock, run):
    run("seed-demo", "--reset")
    clock.advance(days=3)

    run("worker", "--drain")

    assert run("check").stdout == ""

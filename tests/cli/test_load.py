"""Are many rows as lawful as few, and do their patients get in?"""

from __future__ import annotations

import json

import pytest

from efoy.models import Booking, Payment, db
from efoy.queries.invariants import check


@pytest.fixture(autouse=True)
def counted_on(story):
    """The small clinic gave its own numbers: PostgreSQL has to count on from them."""
    if db.engine.dialect.name == "postgresql":
        for table in ("services", "doctors", "specialties"):
            story.run_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 100)")


def load(run):
    return run("load-data", "--bookings", "2000", "--payments", "1500", "--open-checkouts", "40")


def test_load_data_keep_every_law(story, run):
    load(run)

    assert check(now=story.clock(), whole_chain=True) == []
    assert len(story.rows(Booking)) == 2040
    assert len(story.rows(Payment, status="paid")) == 1500
    assert len(story.rows(Payment, status="open")) == 40


def test_load_data_twice_are_loaded_once(story, run):
    load(run)

    assert "already" in load(run).stdout
    assert len(story.rows(Booking)) == 2040


def test_the_clinic_goes_on_working_beside_load_data(story, run):
    run("load-data", "--bookings", "300", "--payments", "100")

    booking = story.booked()
    story.drain()

    assert story.booking(booking).status == "confirmed"
    assert check(now=story.clock(), whole_chain=True) == []


def test_half_of_the_load_doctors_times_are_free(run):
    load(run)
    asked = ("slots", "--doctor", "load-doctor-7", "--service", "load-visit", "--days", "3")

    lines = [json.loads(line) for line in run(*asked).stdout.splitlines()]
    two = run(*asked, "--limit", "2").stdout.splitlines()

    tomorrow = [line for line in lines if line["starts_at"].startswith("2026-11-24")]
    assert len(tomorrow) == 12
    assert len(two) == 2


def test_a_load_patient_is_signed_in_by_the_cookie(app, run):
    run("load-data", "--bookings", "300")

    lines = [json.loads(line) for line in run("load-sessions", "3").stdout.splitlines()]

    assert [line["email"] for line in lines] == [f"patient{n}@load.test" for n in range(3)]
    answer = app.test_client(use_cookies=False).get(
        "/account", headers={"Cookie": lines[1]["cookie"]}
    )
    assert answer.status_code == 200
    assert "patient1@load.test" in answer.text


def test_nonsense_is_refused_in_one_sentence(run):
    said = run("load-data", "--bookings", "1", "--payments", "2", fails=True).output

    assert "not more payments than bookings" in said


def test_slots_of_nobody_are_refused_in_one_sentence(run):
    said = run("slots", "--doctor", "nobody", "--service", "talk", fails=True).output

    assert "No such doctor" in said

"""What is kept of the offers is never stale: every change leaves a new number behind."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from efoy.models.base import db, reading
from efoy.models.edition import EMPTY, shelf
from efoy.queries.doctor_page import doctor_page
from efoy.services.offer import find_offer

TABLES = (
    "clinic",
    "specialties",
    "refund_policies",
    "doctors",
    "services",
    "doctor_services",
    "service_prices",
    "opening_hours",
    "extra_hours",
    "time_off",
)


def number():
    with db.engine.connect() as connection:
        return connection.scalar(text("SELECT number FROM editions"))


@pytest.mark.parametrize("table", TABLES)
def test_each_change_of_what_is_offered_writes_a_new_number(story, table):
    before = number()
    column = "doctor_id" if table in {"doctor_services", "opening_hours"} else "id"
    if table in {"service_prices", "extra_hours", "time_off"}:  # empty in this clinic
        column = "doctor_id"
        given = {
            "service_prices": "(service_id, minor, valid_from, starts_at, created_at) VALUES "
            "(1, 1, '2026-01-01', '2026-01-01 05:00:00', '2026-01-01 00:00:00')",
            "extra_hours": "(doctor_id, starts_at, ends_at) VALUES "
            "(1, '2026-01-01 08:00:00', '2026-01-01 09:00:00')",
            "time_off": "(doctor_id, starts_at, ends_at, reason) VALUES "
            "(1, '2026-01-01 08:00:00', '2026-01-01 09:00:00', '')",
        }[table]
        story.run_sql(f"INSERT INTO {table} {given}")
        born = number()
        assert born != before
        before = born

    story.run_sql(f"UPDATE {table} SET {column} = {column}")

    assert number() != before


def test_a_reader_sees_a_new_price_at_once(story, clock):
    with reading() as connection:
        kept = shelf(connection, clock())
        before = find_offer(connection, "hana-tesfaye", "see-the-doctor", now=clock(), kept=kept)
    story.run_sql("UPDATE services SET price_minor = price_minor + 100")
    story.run_sql("UPDATE doctor_services SET price_minor = NULL")

    with reading() as connection:
        kept = shelf(connection, clock())
        after = find_offer(connection, "hana-tesfaye", "see-the-doctor", now=clock(), kept=kept)

    assert after.price.minor == before.price.minor + 100


def test_hours_that_end_are_no_longer_offered(story, clock):
    def times():
        page = doctor_page("hana-tesfaye", now=clock())
        return sum(day.free for day in page.week.days)

    assert times() > 0

    story.run_sql("DELETE FROM opening_hours")

    assert times() == 0


def test_without_a_number_nothing_is_kept(story, clock):
    story.run_sql("DELETE FROM editions")

    with reading() as connection:
        assert shelf(connection, clock()) is EMPTY
        find_offer(connection, "hana-tesfaye", "see-the-doctor", now=clock(), kept=EMPTY)

    assert EMPTY.read == {}

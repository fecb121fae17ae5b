"""Can every calendar read the file, and does it tell nothing medical?"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from efoy.gateways.paper import Paper
from tests.gateways.letters import ENTRY, NOW, VISIT_AT

PAPER = Paper("https://clinic.example:8443")


def lines(entry=ENTRY) -> list[str]:
    """The unfolded lines, read by RFC 5545's own rule and no library."""
    return PAPER.calendar(entry).decode().replace("\r\n ", "").split("\r\n")


def event_of(entry=ENTRY):
    [event] = Calendar.from_ical(PAPER.calendar(entry)).walk("VEVENT")
    return event


def test_the_visit_stands_at_its_instant_whatever_zone_the_reader_is_in():
    event = event_of()
    assert event.decoded("dtstart") == VISIT_AT
    assert event.decoded("dtend") == VISIT_AT + timedelta(minutes=20)
    assert "DTSTART:20261124T142000Z" in lines()


def test_the_title_is_an_appointment_and_nothing_more():
    whole = "\n".join(lines())
    assert event_of(replace(ENTRY, clinic_name="Hope Heart Clinic"))["summary"] == "Appointment"
    for secret in ("Hana", "Tesfaye", "doctor", "Almaz"):
        assert secret not in whole


def test_the_same_booking_keeps_its_uid_and_a_later_version_counts_up():
    first, moved = event_of(), event_of(replace(ENTRY, sequence=1, starts_at=VISIT_AT))
    assert first["uid"] == moved["uid"] == "01kbooking@clinic.example"
    assert (first["sequence"], moved["sequence"]) == (0, 1)


@pytest.mark.parametrize(
    ("given", "method", "status"),
    [
        ({}, "REQUEST", "CONFIRMED"),
        ({"cancelled": True, "sequence": 1}, "CANCEL", "CANCELLED"),
        ({"attendee": ""}, "PUBLISH", "CONFIRMED"),
    ],
)
def test_the_method_says_whether_it_invites_takes_back_or_only_tells(given, method, status):
    entry = replace(ENTRY, **given)
    assert Calendar.from_ical(PAPER.calendar(entry))["method"] == method
    assert event_of(entry)["status"] == status


def test_a_download_names_no_address():
    assert not [line for line in lines(replace(ENTRY, attendee="")) if "mailto:" in line]


@pytest.mark.parametrize("field", ["clinic_name", "clinic_address", "booking_ref"])
def test_no_value_can_start_another_event(field):
    # Given a value full of calendar syntax
    crooked = "A; B, C\\n\r\nEND:VEVENT\r\nBEGIN:VEVENT\nSUMMARY:Owned\u2028X\x00"
    calendar = Calendar.from_ical(PAPER.calendar(replace(ENTRY, **{field: crooked})))
    # Then there is one event, and no line of the file is the planted one
    assert len(calendar.walk("VEVENT")) == 1
    planted = [
        each for each in lines(replace(ENTRY, **{field: crooked})) if each == "SUMMARY:Owned"
    ]
    assert planted == []


def test_lines_are_folded_at_seventy_five_octets():
    entry = replace(ENTRY, clinic_name="የአካሲያ ቤተሰብ ክሊኒክ " * 4)
    assert all(len(line) <= 75 for line in PAPER.calendar(entry).split(b"\r\n"))
    assert "የአካሲያ" in event_of(entry)["location"]


def test_in_the_hour_that_comes_twice_the_second_one_is_meant():
    # Given a visit at 1:30 after the clocks went back
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    entry = replace(ENTRY, starts_at=second, ends_at=second + timedelta(minutes=20))
    # Then the file tells the instant apart from the first 1:30
    assert event_of(entry).decoded("dtstart").astimezone(UTC) == second


def test_the_entry_says_when_it_was_made():
    assert event_of().decoded("dtstamp") == NOW


GOLDEN = Path(__file__).parent / "calendars"
AGREED = {
    "booked": ENTRY,
    "moved": replace(
        ENTRY,
        sequence=1,
        starts_at=VISIT_AT + timedelta(days=2),
        ends_at=VISIT_AT + timedelta(days=2, minutes=20),
    ),
    "cancelled": replace(ENTRY, sequence=2, cancelled=True),
    "download": replace(ENTRY, attendee="", organizer=""),
    "long_and_crooked": replace(
        ENTRY,
        clinic_name="የአካሲያ ቤተሰብ ክሊኒክ; Acacia, Family \\ Clinic and everybody who lives near it",
        clinic_address="214 Juniper Street, floor 2; behind the post office, second door",
    ),
}


@pytest.mark.parametrize("name", AGREED)
def test_the_file_is_as_it_was_agreed_to_the_octet(name):
    written = PAPER.calendar(AGREED[name])
    kept = GOLDEN / f"{name}.ics"
    if os.environ.get("EFOY_WRITE_SNAPSHOTS"):
        GOLDEN.mkdir(exist_ok=True)
        kept.write_bytes(written)
    assert written == kept.read_bytes()
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))


def test_a_move_and_a_cancellation_take_the_same_entry_further():
    files = [AGREED[name] for name in ("booked", "moved", "cancelled")]
    events = [event_of(entry) for entry in files]
    methods = [Calendar.from_ical(PAPER.calendar(entry))["method"] for entry in files]

    assert len({str(event["uid"]) for event in events}) == 1
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]

"""What does a visit look like in a calendar? A time and a place, nothing medical."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vCalAddress, vText

from efoy.domain.letter import CalendarEntry, FeedEntry
from efoy.wording import plain_line

PRODUCT = "-//Efoy//Appointments//EN"


def method_of(entry: CalendarEntry) -> str:
    """What the file asks of a calendar (RFC 5546); without an attendee, nothing."""
    if not entry.attendee:
        return "PUBLISH"
    return "CANCEL" if entry.cancelled else "REQUEST"


def render(entry: CalendarEntry, base_url: str) -> bytes:
    """One visit as an iCalendar file (RFC 5545).

    Times are in UTC: a local time could not tell the two halves of a repeated hour apart.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method_of(entry))
    calendar.add("x-wr-timezone", entry.zone)
    calendar.add_component(_event(entry, base_url))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, base_url: str) -> Event:
    clinic = plain_line(entry.clinic_name)
    event = Event()
    event.add("uid", f"{entry.uid}@{urlsplit(base_url).hostname}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.made_at)
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", "Appointment")  # a clinic's name can tell what it treats
    event.add("location", f"{clinic}, {plain_line(entry.clinic_address)}")
    event.add("description", f"Booking {entry.booking_ref}. {base_url}{entry.url}")
    event.add("url", f"{base_url}{entry.url}")
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    if entry.attendee:
        _invite(event, entry, clinic)
    return event


def _invite(event: Event, entry: CalendarEntry, clinic: str) -> None:
    organizer = vCalAddress(f"mailto:{plain_line(entry.organizer)}")
    organizer.params["cn"] = vText(clinic)
    attendee = vCalAddress(f"mailto:{plain_line(entry.attendee)}")
    attendee.params["rsvp"] = vText("FALSE")
    attendee.params["partstat"] = vText("ACCEPTED")
    event.add("organizer", organizer)
    event.add("attendee", attendee)


def render_feed(entries: Sequence[FeedEntry], zone: str, base_url: str) -> bytes:
    """A doctor's own calendar, for programs that read it again and again; times in UTC."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Appointments")
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", timedelta(minutes=30))
    host = urlsplit(base_url).hostname
    for entry in entries:
        calendar.add_component(_appointment(entry, host or ""))
    return bytes(calendar.to_ical())


def _appointment(entry: FeedEntry, host: str) -> Event:
    """Nothing but a time and letters; the name of the event leads nobody to the booking."""
    event = Event()
    event.add("uid", f"{sha256(b'visit:' + entry.uid.encode()).hexdigest()[:32]}@{host}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.made_at)
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", f"Appointment {plain_line(entry.letters)}".strip())
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    return event

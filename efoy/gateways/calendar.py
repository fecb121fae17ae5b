"""What does a visit look like in a calendar? A time and a place, nothing medical."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from efoy.domain.letter import CalendarEntry
from efoy.wording import plain_line

PRODUCT = "-//Efoy//Appointments//EN"
A_YEAR = timedelta(days=366)
"""How far around the visit the zone's changes are written out."""


def method_of(entry: CalendarEntry) -> str:
    """What the file asks of a calendar (RFC 5546); without an attendee, nothing."""
    if not entry.attendee:
        return "PUBLISH"
    return "CANCEL" if entry.cancelled else "REQUEST"


def render(entry: CalendarEntry, base_url: str) -> bytes:
    """One visit as an iCalendar file with its time zone (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method_of(entry))
    calendar.add_component(_event(entry, base_url))
    day = entry.starts_at.date()
    calendar.add_missing_timezones(first_date=day - A_YEAR, last_date=day + A_YEAR)
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, base_url: str) -> Event:
    zone, clinic = ZoneInfo(entry.zone), plain_line(entry.clinic_name)
    event = Event()
    event.add("uid", f"{entry.uid}@{urlsplit(base_url).hostname}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.made_at)
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("summary", f"Appointment, {clinic}")
    event.add("location", plain_line(entry.clinic_address))
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

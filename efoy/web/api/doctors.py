"""Which doctors and free times does a program find? The same as on the doctor board."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields

from efoy.queries.catalogue import catalogue
from efoy.queries.offers import DoctorOffer, ServiceOffer
from efoy.queries.slots import free_times
from efoy.web.access import public
from efoy.web.api.blueprint import DOCTORS, bp
from efoy.web.api.fields import Instant, Shape, at_clinic, slug_field
from efoy.web.api.parsing import refuse
from efoy.web.parameters import YEARS, slug
from efoy.wiring import outside

WEEK, MOST = 7, 31
"""Days of free times without ``to``, and at most."""


class ServiceShape(Shape):
    """What a doctor offers, at their price."""

    id = fields.String()
    name = fields.String()
    minutes = fields.Integer()
    amount = fields.Integer()
    currency = fields.String()


class DoctorShape(Shape):
    """A doctor who can be booked."""

    id = fields.String()
    name = fields.String()
    specialty = fields.String()
    languages = fields.String()
    place = fields.String()
    services = fields.List(fields.Nested(ServiceShape))


class DoctorListShape(Shape):
    """Everyone who can be booked."""

    doctors = fields.List(fields.Nested(DoctorShape))


class SlotArgs(Shape):
    """For which service, from which day to which (both included, days of the clinic)."""

    service = slug_field(required=True)
    from_ = fields.Date(load_default=None)
    to = fields.Date(load_default=None)


class SlotShape(Shape):
    """A free time; hold it with POST /bookings."""

    starts_at = Instant()


class SlotListShape(Shape):
    """The free times of one doctor for one service."""

    doctor = fields.String()
    service = fields.String()
    slots = fields.List(fields.Nested(SlotShape))


@bp.get("/doctors", tags=DOCTORS)
@public
@bp.response(200, DoctorListShape)
def list_doctors() -> dict[str, Any]:
    """Every doctor who can be booked, with services and prices."""
    return {"doctors": [_doctor(each) for each in catalogue(now=outside().clock())]}


def _doctor(doctor: DoctorOffer) -> dict[str, Any]:
    same = ("name", "specialty", "languages", "place")
    services = [_service(each) for each in doctor.services]
    return {name: getattr(doctor, name) for name in same} | {
        "id": doctor.slug,
        "services": services,
    }


def _service(service: ServiceOffer) -> dict[str, Any]:
    return {
        "id": service.slug,
        "name": service.name,
        "minutes": service.minutes,
        "amount": service.price.minor,
        "currency": service.price.currency,
    }


@bp.get("/doctors/<doctor>/slots", tags=DOCTORS)
@public
@bp.arguments(SlotArgs, location="query")
@bp.response(200, SlotListShape)
def list_slots(given: dict[str, Any], doctor: str) -> dict[str, Any]:
    """The free times of one doctor for one service, a week unless ``to`` says otherwise."""
    now = outside().clock()
    first = given["from_"] or at_clinic(now).date()
    count = _days(first, given["to"])
    service = given["service"]
    days = free_times(slug(doctor), service, first=first, count=count, now=now)
    slots = [{"starts_at": at} for day in days for at in day.times]
    return {"doctor": doctor, "service": service, "slots": slots}


def _days(first: date, last: date | None) -> int:
    """How many days; 422 for days nobody means."""
    count = WEEK if last is None else (last - first).days + 1
    if first.year not in YEARS:
        refuse([{"field": "from", "detail": "Not a day of these times."}])
    if not 1 <= count <= MOST:
        refuse([{"field": "to", "detail": f"Ask for 1 to {MOST} days."}])
    return count

"""Which doctors can be booked, for which services?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from efoy.models.base import reading
from efoy.queries.offers import DoctorOffer, all_doctors


def catalogue(*, now: datetime) -> Sequence[DoctorOffer]:
    """Every doctor who can be booked, in the clinic's order, with services and prices."""
    with reading() as connection:
        return all_doctors(connection, now=now)

"""How do patients see a doctor, as the doctor themselves may see and change it?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from efoy.domain.errors import NotFound
from efoy.models.base import reading
from efoy.models.clinic import Doctor, Specialty


@dataclass(frozen=True, kw_only=True)
class DoctorProfile:
    """What stands on the doctor's page; ``bookable`` says whether patients find it."""

    id: int
    slug: str
    name: str
    specialty: str
    place: str
    languages: str
    about: str
    licence: str
    bookable: bool


def doctor_profile(doctor_id: int) -> DoctorProfile:
    """The doctor's page as it stands; raises NotFound."""
    query = (
        select(
            Doctor.id,
            Doctor.slug,
            Doctor.name,
            Specialty.name.label("specialty"),
            Doctor.place,
            Doctor.languages,
            Doctor.about,
            Doctor.licence,
            Doctor.active.label("bookable"),
        )
        .join(Specialty, Specialty.id == Doctor.specialty_id)
        .where(Doctor.id == doctor_id)
    )
    with reading() as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(f"doctor {doctor_id}")
    return DoctorProfile(**row)

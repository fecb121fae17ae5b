"""What may doctors change of how patients see them? Their words and languages, not the licence."""

from __future__ import annotations

from datetime import datetime

from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, transaction
from efoy.models.clinic import Doctor


def change_profile(
    doctor_id: int, *, about: str, languages: str, actor: Actor, now: datetime
) -> None:
    """Plain words about oneself, and the languages one speaks with patients."""
    with transaction("doctor_profile") as session:
        doctor = lock(session, Doctor, doctor_id)
        if (doctor.about, doctor.languages) == (about, languages):
            return
        doctor.about, doctor.languages = about, languages
        record(
            session,
            "doctor",
            str(doctor_id),
            "change_profile",
            before=None,
            after=None,
            actor=actor,
            now=now,
        )

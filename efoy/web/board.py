"""The pages on which a doctor and a time are found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import HOLD
from efoy.queries.board import Board, board
from efoy.queries.doctor_page import DoctorPage, doctor_page
from efoy.web.access import public
from efoy.web.kept_pages import kept_page
from efoy.web.parameters import asked, day_asked, instant, slug
from efoy.web.policy_words import sentence
from efoy.wiring import outside

bp = Blueprint("board", __name__)
HOLD_MINUTES = int(HOLD.total_seconds()) // 60


@bp.get("/doctors")
@public
def doctors() -> ResponseReturnValue:
    """Everyone who matches, soonest time first."""
    query, specialty = asked("q", most=80), asked("specialty", most=40)
    found = board(query, specialty, now=outside().clock())
    return kept_page(
        "booking/doctors.html", (found, query, specialty), lambda: _board(found, query, specialty)
    )


def _board(found: Board, query: str, specialty: str) -> dict[str, Any]:
    return {
        "query": query,
        "specialty": specialty,
        "specialties": found.specialties,
        "policy_sentence": sentence(found.policy) if found.policy else "",
        "days": found.days,
        "today": found.today,
        "doctors": found.doctors,
    }


@bp.get("/doctors/<doctor>")
@public
def doctor(doctor: str) -> ResponseReturnValue:
    """One doctor: choose service, day and time."""
    page = _page(doctor, asked("service", most=60))
    return draw_doctor(page, chosen_text=request.args.get("starts_at", ""))


def choose_a_time(doctor: str, service: str) -> ResponseReturnValue:
    """The doctor's page again, for whoever went on without a time."""
    return draw_doctor(_page(doctor, service), error=_("Choose a time")), 400


def _page(doctor: str, service: str) -> DoctorPage:
    return doctor_page(
        slug(doctor),
        slug(service) if service else "",
        week=day_asked("week"),
        day=day_asked("day"),
        now=outside().clock(),
    )


def draw_doctor(page: DoctorPage, *, chosen_text: str = "", error: str = "") -> str:
    """The doctor's page; ``chosen_text`` is a time to show as picked, if it is on the page."""
    chosen = instant(chosen_text)
    shown = {when for part in page.parts for when in part.times}
    picked = chosen if chosen in shown else None
    return kept_page(
        "booking/doctor.html", (page, picked, error), lambda: _doctor(page, picked, error)
    )


def _doctor(page: DoctorPage, picked: datetime | None, error: str) -> dict[str, Any]:
    return {
        "doctor": page.doctor,
        "services": page.doctor.services,
        "service": page.service,
        "rungs": page.service.rungs,
        "week": page.week,
        "day": page.day,
        "parts": page.parts,
        "elsewhere": page.elsewhere,
        "next_free": page.next_free,
        "chosen": picked,
        "error": error,
        "hold_minutes": HOLD_MINUTES,
    }

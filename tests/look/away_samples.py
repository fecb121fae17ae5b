"""The pages about closed times: the doctor, the desk, the admin, the patient; every state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wtforms import Form, StringField

from efoy.domain.closing import Choice, ClosingSource, ClosingStatus, ItemStatus
from efoy.queries.away.answer import Offer
from efoy.queries.away.closings import AwayRow, ClosingRow, ItemRow
from efoy.queries.away.period import BookedThen, BookedVisit, DoctorName
from efoy.web.away.samples import SampleMail
from tests.look.samples import ADMIN, BOOKING, DESK, DOCTOR, NOW, Case, Row, at, usd

_HANA = DoctorName(id=1, slug="hana-tesfaye", name="Dr Hana Tesfaye")
_OWN = Row(doctor=_HANA, base="/doctor/time-off", own=True)
_THEIRS = Row(doctor=_HANA, base="/admin/doctors/hana-tesfaye/time-off", own=False)
_DAY = AwayRow(
    id=7,
    starts_at=at(24, 0),
    ends_at=at(25, 0),
    reason="Course",
    counts={ItemStatus.CANCELLED: 2, ItemStatus.OFFERED: 1, ItemStatus.MOVED: 1},
    closing_id="c1",
)
_WEEK = replace(_DAY, id=8, ends_at=at(28, 0), reason="", counts={}, closing_id="")
_NOW = replace(_DAY, id=9, starts_at=at(18, 0), ends_at=at(20, 0))
_ITEM = ItemRow(
    id="i1",
    ref="7KM-4PX",
    visit_at=at(24, 9, 20),
    starts_at=at(24, 9, 20),
    visitor_name="Almaz Bekele",
    phone="(240) 555-0117",
    service_name="See the doctor",
    price=usd(4500),
    choice=Choice.MOVE,
    status=ItemStatus.OFFERED,
    problem="",
    answer_by=at(22, 9),
    changed_at=NOW,
)
_CLOSING = ClosingRow(
    id="c1",
    doctor_name="Dr Hana Tesfaye",
    doctor_slug="hana-tesfaye",
    starts_at=at(24, 9),
    ends_at=at(24, 17),
    reason="The doctor is ill",
    status=ClosingStatus.WAITING,
    source=ClosingSource.CLOSE_DAY,
    who="Selam Abebe",
    created_at=NOW,
    time_off_id=7,
    counts=dict.fromkeys(ItemStatus, 1),
)
_FOUND = replace(_CLOSING, source=ClosingSource.CLASH, who="", reason="", time_off_id=None)
_VISIT = BookedVisit(
    ref="7KM-4PX",
    starts_at=at(24, 9, 20),
    minutes=20,
    visitor_name="Almaz Bekele",
    service_name="See the doctor",
    paid=usd(4500),
)
_FREE = replace(_VISIT, ref="8KM-4PX", starts_at=at(24, 10), paid=usd(0))
_THEN = BookedThen(
    visits=[_VISIT, _FREE], holds=[at(24, 11), at(24, 12)], in_hand=1, total=usd(4500)
)
_NOBODY = BookedThen(visits=[], holds=[], in_hand=0, total=usd(0))
_MAILS = [SampleMail(when="The mail that cancels", subject="We had to cancel", text="Sorry.\n" * 9)]


class PeriodFields(Form):
    """A time, as typed."""

    doctor = StringField("Doctor")
    from_day = StringField("First day")
    from_time = StringField("From")
    to_day = StringField("Last day")
    to_time = StringField("Until")
    reason = StringField("Reason")


def _form(**typed: str) -> PeriodFields:
    form = PeriodFields()
    form.starts_at, form.ends_at = at(24, 0), at(25, 0)
    for name, text in typed.items():
        form[name].data = text
    return form


def _wrong() -> PeriodFields:
    form = _form(from_time="nine")
    form.from_day.errors = ["Choose a day"]
    form.from_time.errors = ["Enter a time, like 9:00"]
    return form


def _no_doctor() -> PeriodFields:
    form = _wrong()
    form.doctor.errors = ["Choose a doctor"]
    return form


def _pages() -> list[Case]:
    return [
        ("time-off-mine", "away/time_off.html", _listed(_OWN, DOCTOR, _form())),
        ("time-off-none", "away/time_off.html", _listed(_OWN, DOCTOR, _form(), none=True)),
        ("time-off-wrong", "away/time_off.html", _listed(_THEIRS, DESK, _wrong())),
        ("time-off-one", "away/one.html", _one(_OWN, DOCTOR, _DAY)),
        ("time-off-now", "away/one.html", _one(_THEIRS, ADMIN, _NOW)),
        ("close-choose", "away/choose.html", _choose(_THEN)),
        ("close-undecided", "away/choose.html", _choose(_THEN, undecided=True)),
        ("close-nobody", "away/choose.html", _choose(_NOBODY, own=True, viewer=DOCTOR)),
        ("close-day", "away/close_day.html", _close([_CLOSING, *_each_closing()], _form())),
        ("close-day-empty", "away/close_day.html", _close([], _no_doctor())),
        ("closing", "away/progress.html", _progress(_CLOSING, 1)),
        ("closing-found", "away/progress.html", _progress(_FOUND, 0)),
        ("closing-empty", "away/progress.html", _progress(_CLOSING, 0) | {"items": []}),
        *(
            (f"clash-{status}", "away/clash.html", _clash(replace(_ITEM, status=status)))
            for status in ItemStatus
        ),
        ("answer", "away/answer.html", _answer(Row(amount=usd(4500), card="Visa ending 4242"))),
        ("answer-free", "away/answer.html", _answer(None, answer_by=None, reason="")),
    ]


def _listed(whose: Row, viewer: Row, form: PeriodFields, *, none: bool = False) -> dict[str, Any]:
    shown = {"ahead": [], "past": []} if none else {"ahead": [_NOW, _DAY, _WEEK], "past": [_DAY]}
    return {"viewer": viewer, "whose": whose, "now": NOW, "form": form, **shown}


def _one(whose: Row, viewer: Row, off: AwayRow) -> dict[str, Any]:
    form = _form(from_day="2026-11-24", to_day="2026-11-24", reason="Course")
    return {"viewer": viewer, "whose": whose, "now": NOW, "form": form, "off": off}


def _choose(
    found: BookedThen, *, own: bool = False, viewer: Row = ADMIN, undecided: bool = False
) -> dict[str, Any]:
    asked = Row(doctor=_HANA, look="/look", save="/save", back="/back", own=own, change=None)
    return {
        "viewer": viewer,
        "asked": asked,
        "form": _form(from_day="2026-11-24", reason="Ill", doctor="hana-tesfaye"),
        "found": found,
        "chosen": {"7KM-4PX": Choice.CANCEL} if undecided else {},
        "undecided": undecided,
        "samples": _MAILS if found.visits else [],
        "form_token": "once",
    }


def _each_closing() -> list[ClosingRow]:
    return [replace(_CLOSING, id=status, status=status) for status in ClosingStatus]


def _close(closings: list[ClosingRow], form: PeriodFields) -> dict[str, Any]:
    shown = {"closings": closings, "doctors": [_HANA], "form": form}
    return {"viewer": DESK, "tomorrow": at(20, 9), **shown}


def _progress(closing: ClosingRow, failed: int) -> dict[str, Any]:
    items = [replace(_ITEM, status=status, starts_at=at(26, 9)) for status in ItemStatus]
    return {
        "viewer": DESK,
        "closing": closing,
        "items": [(item, "The visit has begun." if failed else "") for item in items],
        "said": "7 of 8 visits are done.",
        "counts": [("Cancelled", 4), ("Asked to move", 2), ("To go", 1)],
        "failed": failed,
    }


def _clash(item: ItemRow) -> dict[str, Any]:
    problem = "It could not be done." if item.status is ItemStatus.FAILED else ""
    closing = _FOUND if item.status is ItemStatus.KEPT else _CLOSING
    return {"viewer": ADMIN, "case": item, "closing": closing, "problem": problem}


def _answer(payment: Row | None, **given: Any) -> dict[str, Any]:
    told = {"item_id": "i1", "reason": "The doctor is ill", "answer_by": at(22, 9)}
    return {"booking": BOOKING, "offer": Offer(**(told | given)), "payment": payment}


AWAY_PAGES = _pages()

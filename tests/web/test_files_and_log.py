"""Payments by every filter, files no spreadsheet is tricked with, and who did what."""

import csv
import io
import json
from contextvars import Context
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from efoy.domain.money import Money
from efoy.models import AuditEntry
from efoy.queries.admin import exports
from efoy.web.admin.csv_file import FORMULA, cell, harmless
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import ADMIN, DESK

CORPUS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "|calc",
    "%0A=1",
    "＝1+1",
    "－1",
    '=HYPERLINK("http://evil.example","x")',
]
ZONE = ZoneInfo("America/New_York")


@pytest.fixture
def admin(app, clock):
    """The clinic's admin, signed in."""
    return Browser(app, ADMIN, now=clock())


def table(answer):
    """A file as its columns and lines."""
    lines = list(csv.reader(io.StringIO(answer.get_data(as_text=True))))
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


# -- what stands in a cell -------------------------------------------------------------------


@pytest.mark.parametrize("text", CORPUS)
def test_a_cell_that_begins_like_a_formula_is_text(text):
    assert harmless(text) == f"'{text}"


@given(st.text(max_size=30))
@settings(max_examples=300)
def test_no_text_at_all_begins_a_formula(text):
    written = cell(text, ZONE)

    assert not written.startswith(FORMULA)
    assert not written.lstrip().startswith(FORMULA)
    assert written in {text, f"'{text}"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (Money(4500, "USD"), "45.00"),
        (Money(5, "USD"), "0.05"),
        (Money(-4500, "USD"), "-45.00"),
        (Money(4500, "JPY"), "4500"),
        (7, "7"),
        (date(2026, 11, 24), "2026-11-24"),
        (datetime(2026, 11, 24, 14, 20, tzinfo=UTC), "2026-11-24T09:20:00-05:00"),
        (datetime(2026, 7, 1, 14, 20, tzinfo=UTC), "2026-07-01T10:20:00-04:00"),
        ("Almaz", "Almaz"),
    ],
)
def test_values_are_written_for_programs(value, written):
    assert cell(value, ZONE) == written


# -- payments --------------------------------------------------------------------------------


@pytest.fixture
def paid(story):
    """One paid and partly refunded visit, one attempt that is still open."""
    booking_id = story.booked(story.time(25), name="=cmd|' /C calc'!A0")
    story.refund(story.payment_of(booking_id).id, 1000)
    story.work()
    held = story.hold(story.time(49), email="d@example.org", doctor="samuel-mwangi")
    story.open(held.id)
    return booking_id


def test_payments_are_filtered_by_everything_in_the_address(story, admin, paid):
    payment = story.payment_of(paid)
    ref = story.booking(paid).ref
    expected = {
        "": 2,
        "from=2026-11-23&to=2026-11-23": 2,
        "from=2026-11-24": 0,
        "to=2026-11-22": 0,
        "visit_from=2026-11-25": 1,
        "visit_to=2026-11-24": 1,
        "visit_from=2026-11-24&visit_to=2026-11-24": 1,
        "doctor=samuel-mwangi": 1,
        "doctor=nobody": 0,
        "method=stripe": 2,
        "method=cash": 0,
        "status=open": 1,
        f"q={ref.lower()}": 1,
        f"q={payment.intent_ref}": 1,
        f"q={payment.checkout_ref}": 1,
        f"q={story.refunds(paid)[0].refund_ref}": 1,
        f"q={story.receipts()[0]}": 1,
        "q=nothing": 0,
    }

    found = {query: len(table(admin.get(f"/admin/payments.csv?{query}"))) for query in expected}
    shown = {query: words(admin.get(f"/admin/payments?{query}")) for query in expected}

    assert found == expected
    for query, count in expected.items():
        assert f"{count} payment" in shown[query], query


def test_totals_are_of_the_filter_and_to_the_cent(story, admin, paid):
    fee = story.payment_of(paid).fee_minor or 0

    page = words(admin.get("/admin/payments?status=paid"))

    kept = f"${(4500 - 1000 - fee) / 100:.2f}"
    assert "Collected $45.00 Refunded $10.00" in page
    assert f"Left with the clinic {kept}" in page


def test_the_file_has_what_the_page_has_and_no_formula(story, admin, paid):
    [line] = table(admin.get("/admin/payments.csv?status=paid"))

    assert line["patient"] == "'=cmd|' /C calc'!A0"
    assert (line["currency"], line["amount"], line["refunded"]) == ("USD", "45.00", "10.00")
    assert line["paid_at"].endswith("-05:00")
    assert line["booking"] == story.booking(paid).ref


def test_files_leave_piece_by_piece(story, admin, paid):
    def take():
        answer = admin.client.get("/admin/exports/bookings.csv", buffered=False)
        with answer:
            return answer.is_streamed, list(answer.response)

    streamed, pieces = Context().run(take)

    assert streamed
    assert pieces[0].decode().startswith("booking,status,")
    assert len(pieces) == 2


@pytest.mark.parametrize("at_a_time", [1, 2, 3])
def test_pages_of_a_file_neither_lose_nor_repeat_a_line(story, at_a_time):
    for number in range(5):
        story.hold(story.time(24 + number / 3), email=f"p{number}@example.org")
    whole = [line[0] for line in exports.booking_lines(None, None)]
    before, exports.AT_A_TIME = exports.AT_A_TIME, at_a_time
    try:
        assert [line[0] for line in exports.booking_lines(None, None)] == whole
    finally:
        exports.AT_A_TIME = before

    assert len(set(whole)) == 5


def test_every_file_is_there_for_admins_with_stable_columns_and_written_down(story, admin, paid):
    for what, columns in {
        "bookings": exports.BOOKING_COLUMNS,
        "payments": exports.PAYMENT_COLUMNS,
        "refunds": exports.REFUND_COLUMNS,
        "ledger": exports.LEDGER_COLUMNS,
    }.items():
        answer = admin.get(f"/admin/exports/{what}.csv?from=2026-11-01&to=2026-12-31")
        assert answer.mimetype == "text/csv"
        assert f'filename="efoy-{what}.csv"' in answer.headers["Content-Disposition"]
        head = answer.get_data(as_text=True).splitlines()[0]
        assert head == ",".join(columns)
        assert table(answer)

    taken = story.rows(AuditEntry, object="export")
    assert {entry.object_id for entry in taken} == {"bookings", "payments", "refunds", "ledger"}
    assert {entry.actor_id for entry in taken} == {ADMIN}
    assert admin.get("/admin/exports/patients.csv").status_code == 404


def test_the_ledger_file_balances(story, admin, paid):
    lines = table(admin.get("/admin/exports/ledger.csv"))

    assert lines
    assert sum(round(float(line["amount"]) * 100) for line in lines) == 0


def test_a_search_is_not_written_into_the_log(story, admin, paid):
    admin.get("/admin/payments.csv?q=almaz@example.org")

    assert "almaz" not in str([row.facts for row in story.rows(AuditEntry, object="export")])


@pytest.mark.parametrize(
    "query",
    ["method=barter", "visit_from=soon", "to=2026-02-30", f"q={'x' * 500}", f"doctor={'x' * 99}"],
)
def test_a_nonsense_filter_is_a_clear_answer(admin, query):
    pages = [admin.get(f"/admin/payments{kind}?{query}").status_code for kind in ("", ".csv")]

    assert set(pages) <= {200, 422}
    assert len(set(pages)) == 1


# -- the audit log ---------------------------------------------------------------------------


def change(admin, name):
    """Call the clinic something else."""
    page = admin.get("/admin/people/" + DESK)
    form = {"seen": hidden(page, "seen"), "role": "desk", "limit": name}
    return admin.post("/admin/people/" + DESK, **form)


def test_the_log_says_who_did_what_with_before_and_after(story, admin):
    change(admin, "50")
    change(admin, "70")

    page = words(admin.get("/admin/audit?object=user"))

    assert "Person, changed" in page
    assert "Sara Haile" in page
    assert "refund limit: 5000 → 7000" in page


def test_the_log_is_filtered_by_person_thing_and_day(story, admin, paid):
    change(admin, "50")

    def count(query):
        return len(table(admin.get(f"/admin/audit.csv?{query}")))

    assert count(f"person={ADMIN}&object=user") == 1
    assert count("person=nobody") == 0
    assert count("object=user&day=2026-11-23") >= 1
    assert count("day=2026-11-24") == 0
    assert "No entries match" in words(admin.get("/admin/audit?person=nobody"))
    assert admin.get("/admin/audit?day=24.11.").status_code == 422
    assert admin.get("/admin/audit?before=x").status_code == 422


def test_the_log_is_paged_without_losing_or_repeating_an_entry(story, admin):
    for number in range(95):
        change(admin, str(number + 1))
    seen, address = [], "/admin/audit?object=user"

    while address:
        page = admin.get(address)
        seen += [line.split("</td>")[0] for line in page.text.split("refund limit:</span> ")[1:]]
        address = _older(page)

    assert len(seen) == 95
    assert len(set(seen)) == 95


def _older(page):
    found = page.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    return found.replace("&amp;", "&") if 'rel="next"' in page.text else None


def test_the_log_names_no_patient_and_cannot_be_posted_to(story, admin, paid):
    page = admin.get("/admin/audit")
    lines = table(admin.get("/admin/audit.csv"))

    assert "Almaz" not in page.text
    assert "Almaz" not in json.dumps(lines)
    assert admin.post("/admin/audit").status_code == 405


def test_neither_desk_nor_doctor_reads_money_files_or_the_log(app, clock):
    desk = Browser(app, DESK, now=clock())

    for path in ("payments", "payments.csv", "exports", "exports/ledger.csv", "audit", "audit.csv"):
        assert desk.get(f"/admin/{path}").status_code == 403

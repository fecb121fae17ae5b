"""Receipts, credit notes and the list of payments: as pages, in print and as PDF."""

import pytest
from pypdf import PdfReader

from efoy.models import Receipt
from tests.support.browser import Browser, words
from tests.support.clinic import OTHER, PATIENT


@pytest.fixture
def almaz(app, clock):
    """The patient, signed in."""
    return Browser(app, PATIENT, now=clock())


def refunded(story, amount=2250, **given):
    """A paid visit of which a part went back; its reference."""
    booking_id = story.booked(**given)
    story.refund(story.payment_of(booking_id).id, amount)
    story.drain()
    return story.booking(booking_id).ref


def notes(story):
    """The credit notes so far, in order."""
    return sorted(row.number for row in story.rows(Receipt, kind="credit_note"))


def test_each_refund_that_arrived_has_a_credit_note_without_gaps(story, almaz):
    ref = refunded(story)
    refunded(story, 4500, at=story.time(26))

    assert notes(story) == ["C-2026-000001", "C-2026-000002"]
    page = words(almaz.get(f"/bookings/{ref}/credit-notes/C-2026-000001"))
    assert "For receipt R-2026-000001" in page
    assert "−$22.50" in page
    assert almaz.get(f"/bookings/{ref}/credit-notes/C-2026-000002").status_code == 404


def test_the_receipt_links_its_credit_note_and_says_what_is_left(story, almaz):
    ref = refunded(story)

    receipt = almaz.get(f"/bookings/{ref}/receipt")

    assert f"/bookings/{ref}/credit-notes/C-2026-000001" in receipt.text
    assert "$22.50" in words(receipt).split("Paid, less refunds")[1]


def test_a_credit_note_is_its_owners_alone(story, almaz, app, clock):
    ref = refunded(story)
    path = f"/bookings/{ref}/credit-notes/C-2026-000001"
    other = Browser(app, OTHER, now=clock())

    assert other.get(path).status_code == other.get(f"{path}.pdf").status_code == 404
    assert Browser(app, now=clock()).get(path).location.startswith("/login")
    pdf = almaz.get(f"{path}.pdf")
    assert (pdf.status_code, pdf.mimetype) == (200, "application/pdf")


def test_a_credit_note_prints_latin_and_ethiopic_in_one_line(story, almaz, tmp_path):
    ref = refunded(story, name="Almaz አልማዝ በቀለ")
    answer = almaz.get(f"/bookings/{ref}/credit-notes/C-2026-000001.pdf")

    (tmp_path / "note.pdf").write_bytes(answer.data)
    text = PdfReader(tmp_path / "note.pdf").pages[0].extract_text()

    assert "Almaz አልማዝ በቀለ" in text
    assert "C-2026-000001" in text
    assert "−$22.50" in text


def test_a_letter_no_font_has_is_a_question_mark_and_that_is_said(story, almaz, tmp_path):
    ref = refunded(story, name="Almaz 北京")
    answer = almaz.get(f"/bookings/{ref}/receipt.pdf")

    (tmp_path / "receipt.pdf").write_bytes(answer.data)
    text = PdfReader(tmp_path / "receipt.pdf").pages[0].extract_text()

    assert "Almaz ??" in text
    assert "stands for a letter we cannot print here" in text


def test_my_payments_show_receipts_refunds_and_what_is_left(story, almaz, app, clock):
    ref = refunded(story)
    story.booked(story.time(30), email="daniel@example.org", viewer_id=OTHER)

    page = almaz.get("/account/payments")
    other = words(Browser(app, OTHER, now=clock()).get("/account/payments"))

    assert "Receipt R-2026-000001" in words(page)
    assert "Credit note C-2026-000001" in words(page)
    assert "Paid, less refunds $22.50" in words(page)
    assert f"/bookings/{ref}/credit-notes/C-2026-000001.pdf" in page.text
    assert "R-2026-000001" not in other


def test_nothing_paid_says_so(story, almaz):
    assert "No payments yet" in words(almaz.get("/account/payments"))


def test_a_refund_that_came_back_keeps_its_paper_and_says_so(story, almaz):
    booking_id = story.booked(card="4000000000005126")
    story.refund(story.payment_of(booking_id).id, 4500)
    story.drain()
    story.wait(hours=48)
    ref = story.booking(booking_id).ref

    if notes(story):  # it had arrived before it failed
        page = words(almaz.get(f"/bookings/{ref}/credit-notes/{notes(story)[0]}"))
        assert "This refund did not arrive" in page

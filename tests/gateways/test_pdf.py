"""Does the printed receipt hold everything, in every script we write, and nothing active?"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from efoy.domain.letter import ReceiptPaper, RefundLine
from efoy.gateways.paper import Paper
from efoy.gateways.sheet import FONTS
from tests.gateways.letters import CONTENT, NOW, RECEIPT

PAPER = Paper("https://clinic.example")
MOST_FONT_BYTES = 400_000


def read(paper: ReceiptPaper, locale: str = "en") -> str:
    [page] = PdfReader(io.BytesIO(PAPER.receipt_pdf(paper, locale))).pages
    return page.extract_text()


def refunded(*lines: tuple[int, str]) -> ReceiptPaper:
    found = [RefundLine(amount=n, at=NOW.isoformat(), status=status) for n, status in lines]
    return replace(RECEIPT, refunds=tuple(found))


def with_(**given) -> ReceiptPaper:
    return replace(RECEIPT, content=replace(CONTENT, **given))


def test_a_receipt_names_both_sides_the_visit_the_amount_and_the_card():
    text = read(RECEIPT)
    for fact in (
        "Receipt",
        "R-2026-001842",
        "Acacia Family Clinic",
        "Tax ID 00-0000000",
        "(301) 555-0142",
        "Almaz Bekele",
        "19 November 2026, 3:06 pm",
        "Visa ending 4242",
        "Shows as ACACIA CLINIC",
        "See the doctor, 20 min",
        "Dr Hana Tesfaye, Tuesday 24 November 2026, 9:20 am",
        "Booking 7KM-4PX",
        "Tax (medical services, exempt) $0.00",
        "Total paid $45.00",
    ):
        assert fact in text.replace("\u00a0", " ")


def test_latin_and_ethiopic_stand_in_one_line():
    assert "Almaz አልማዝ በቀለ Bekele" in read(with_(patient_name="Almaz አልማዝ በቀለ Bekele"))


def test_a_partial_refund_shows_what_came_back_and_what_is_left():
    text = read(refunded((2250, "succeeded")))
    assert "Partly refunded" in text
    assert "Refunded on 19 November 2026 −$22.50" in text
    assert "Paid, less refunds $22.50" in text


def test_a_fully_refunded_payment_never_looks_only_paid():
    text = read(refunded((2250, "succeeded"), (2250, "pending")))
    assert "R-2026-001842, Refunded" in text
    assert "Refund on its way since 19 November 2026 −$22.50" in text
    assert "Paid, less refunds $0.00" in text


def test_a_refund_that_failed_is_told_and_not_counted():
    text = read(refunded((2250, "failed")))
    assert "R-2026-001842, Paid" in text
    assert "Refund that did not arrive, 19 November 2026 $0.00" in text
    assert "Paid, less refunds" not in text


def test_tax_inside_the_price_is_shown():
    text = read(with_(amount=11500, tax_label="VAT 15 %", tax_basis_points=1500))
    assert "VAT 15 % $15.00" in text


@pytest.mark.parametrize(
    ("currency", "amount", "written"),
    [("JPY", 1200, "¥1,200"), ("ETB", 123450, "ETB 1,234.50"), ("EUR", 4500, "€45.00")],
)
def test_amounts_have_the_decimals_of_their_currency(currency, amount, written):
    assert written in read(with_(currency=currency, amount=amount)).replace("\u00a0", " ")


def test_marks_that_turn_the_direction_of_writing_are_left_out():
    # Given a name that would make what follows read backwards
    text = read(with_(patient_name="Almaz\u202e0005$\u2066 Bekele\u200f\x07\nTotal paid $0.01"))
    # Then it is one plain line
    assert "Almaz0005$ Bekele Total paid $0.01" in text.replace("\n", " ")


def test_nothing_in_the_file_is_active_or_fetched():
    whole = PAPER.receipt_pdf(with_(patient_name="https://example.org <b>x</b> **y**"))
    for word in (b"/JavaScript", b"/JS", b"/AA", b"/URI", b"/Launch", b"/Annots", b"/AcroForm"):
        assert word not in whole
    opened = PdfReader(io.BytesIO(whole)).trailer["/Root"]["/OpenAction"]
    assert isinstance(opened, list), "a way to look at the page, not something to run"


def test_the_same_receipt_gives_the_same_bytes_dated_when_it_was_paid():
    first, again = PAPER.receipt_pdf(RECEIPT), PAPER.receipt_pdf(RECEIPT)
    assert first == again
    about = PdfReader(io.BytesIO(first)).metadata
    assert about.creation_date == datetime(2026, 11, 19, 20, 6, tzinfo=UTC)


def test_the_longest_values_still_fit_on_one_page():
    long = with_(
        clinic_name="N" * 80,
        clinic_address="Street " * 28,
        clinic_tax_text="T" * 120,
        patient_name="ስም " * 40,
        doctor_name="D" * 80,
        service_name="S" * 80,
    )
    many = tuple(RefundLine(amount=10, at=NOW.isoformat(), status="succeeded") for _ in range(12))
    assert "Questions about this receipt" in read(replace(long, refunds=many))


def test_paper_has_the_size_of_the_country():
    letter = PdfReader(io.BytesIO(PAPER.receipt_pdf(RECEIPT))).pages[0].mediabox
    european = PdfReader(io.BytesIO(PAPER.receipt_pdf(with_(currency="EUR")))).pages[0].mediabox
    assert round(letter.width) == 612
    assert round(european.width) == 595


def test_the_fonts_are_small_and_carry_their_licence():
    fonts = list(Path(FONTS).glob("*.ttf"))
    assert len(fonts) == 4
    assert sum(font.stat().st_size for font in fonts) < MOST_FONT_BYTES
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text()

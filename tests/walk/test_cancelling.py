"""A patient cancels with a known refund, an admin approves it, and the patient is told."""

import re
from datetime import UTC, datetime, timedelta

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.slow]


def book_next_week(patient, email: str, name: str) -> str:
    """A paid visit for which the rules still give everything; its reference."""
    week = datetime.now(tz=UTC).date() + timedelta(days=7)
    patient.choose(f"hana-tesfaye?week={week}")
    ref = patient.give_details(email, name=name)
    patient.pay()
    return ref


def cancel(patient, ref: str) -> None:
    """From the booking to the result, looked at on the way."""
    patient.go(f"/bookings/{ref}")
    patient.page.get_by_role("link", name=re.compile("^Cancel")).first.click()
    assert patient.heading == "Cancel this appointment?"
    patient.page.locator("summary", has_text="How we worked this out").click()
    patient.look()
    assert "You will get back $45.00." in patient.text
    patient.page.locator("select[name=reason]").select_option("time")
    patient.press(r"^Cancel and refund \$45\.00")


def test_a_patient_cancels_and_an_admin_approves(patient, admin):
    ref = book_next_week(patient, "walk-cancels@example.org", "Walta Cancels")

    cancel(patient, ref)

    patient.look()
    assert patient.heading == "Your appointment is cancelled"
    assert "You will get back $45.00" in patient.text
    assert "With the clinic" in patient.text
    told = patient.mails("walk-cancels@example.org", at_least=2)[-1]
    assert "You get $45.00 back" in told["subject"]

    admin.go("/admin/refunds")
    row = admin.page.locator("tr", has_text="Walta Cancels")
    row.locator("input[name=refund]").check(force=True)
    admin.press("^Review")
    admin.look()
    admin.press(r"\$45\.00")

    patient.mails("walk-cancels@example.org", at_least=3)
    patient.go(f"/bookings/{ref}")
    patient.look()
    assert "$45.00 went back to" in patient.text or "$45.00 is on its way back to" in patient.text


def test_a_patient_thinks_again(patient):
    ref = patient.book("walk-keeps@example.org")
    patient.go(f"/bookings/{ref}/cancel")

    patient.page.get_by_role("link", name="Keep my appointment").click()

    assert patient.page.url.endswith(f"/bookings/{ref}")
    assert "Paid and confirmed" in plain(patient)


def plain(patient) -> str:
    """All words of the page."""
    return patient.page.locator("body").inner_text()

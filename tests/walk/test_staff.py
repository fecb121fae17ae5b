"""Do admin and doctor see and do their part against a running demo?"""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.slow]


def open_booking(admin, ref: str) -> None:
    """The admin opens one booking."""
    admin.go(f"/admin/bookings/{ref}")


def refund(admin, choice: str, amount: str = "") -> None:
    """The admin refunds on the open booking: chooses, reviews, confirms."""
    admin.page.locator(f"input[name=choice][value={choice}]").check(force=True)
    if amount:
        admin.page.locator("input[name=amount]").fill(amount)
    admin.press("^Review refund")
    admin.look()
    admin.press(r"^Refund \$")


def test_the_admins_lists_are_usable_by_everyone(admin):
    for path in ("/admin", "/admin/bookings", "/admin/payments", "/admin/refunds"):
        admin.go(path)
        admin.look()

    assert admin.heading == "Refunds"


def test_a_full_refund_reaches_the_patient_by_mail(patient, admin):
    ref = patient.book("walk-refund@example.org")
    open_booking(admin, ref)
    admin.look()

    refund(admin, "full")

    _, mail = patient.mails("walk-refund@example.org", at_least=2)
    assert "refund" in mail["subject"].lower()
    assert "$45.00" in mail["text"]
    open_booking(admin, ref)
    assert "Everything that was paid has gone back or is on its way" in admin.text


def test_a_part_can_be_refunded(patient, admin):
    ref = patient.book("walk-part@example.org")
    open_booking(admin, ref)

    refund(admin, "other", "12.50")

    _, mail = patient.mails("walk-part@example.org", at_least=2)
    assert "$12.50" in mail["text"]


def test_cancelling_for_the_clinic_gives_everything_back(patient, admin):
    ref = patient.book("walk-cancel@example.org")
    open_booking(admin, ref)

    admin.page.locator("form[action$='/cancel'] input[name=reason]").fill("The doctor is ill")
    admin.press("^Cancel the booking")

    assert "ancelled" in admin.text
    mails = patient.mails("walk-cancel@example.org", at_least=2)
    assert "The doctor is ill" in "".join(mail["text"] for mail in mails)


def test_a_refund_that_fails_at_the_bank_needs_somebody(patient, admin):
    ref = patient.book("walk-fails@example.org", card="4000 0000 0000 5126")
    open_booking(admin, ref)
    refund(admin, "full")

    admin.go("/admin/refunds?tab=failed")
    admin.reload_until("Walta Desta")


def test_a_doctor_sees_the_paid_visit_and_no_money(patient, somebody, demo):
    ref = patient.book("walk-doctor@example.org", name="Selam Walker")
    doctor = somebody(viewport={"width": 1280, "height": 900})
    doctor.sign_in(*demo.login("doctor"))
    patient.go(f"/bookings/{ref}/calendar.ics".replace("/calendar.ics", ""))
    day = patient.context.request.get(f"{demo.web}/bookings/{ref}/calendar.ics").text()
    date = re.search(r"DTSTART[^:]*:(\d{4})(\d\d)(\d\d)", day)
    assert date

    doctor.go(f"/doctor?day={'-'.join(date.groups())}")

    doctor.look()
    assert "Selam Walker" in doctor.text
    assert "$" not in doctor.text
    doctor.go("/doctor/week")
    doctor.look()

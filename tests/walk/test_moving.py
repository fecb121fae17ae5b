"""Does a patient get a booked visit to another time, with what it costs more, in a browser?"""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.slow]
WHO = "walk-move@example.org"


def choose(patient, ref, doctor=""):
    """Pick the last time of the day that is shown, and go on."""
    patient.go(f"/bookings/{ref}/move" + (f"?doctor={doctor}" if doctor else ""))
    patient.look()
    patient.page.locator("input[name=starts_at]").last.check(force=True)
    patient.press("^Continue")
    patient.look()


def test_a_visit_moves_at_once_then_to_a_dearer_doctor_by_a_top_up_and_back(patient):
    ref = patient.book(WHO)

    choose(patient, ref)
    assert "Nothing more to pay" in patient.text
    patient.press("^Move to")
    assert "Moved to" in patient.text
    patient.look()

    choose(patient, ref, "layla-haddad")
    assert "Pay $10.00 more" in patient.text
    patient.press("^Pay ")
    patient.press("Back|Go back")
    assert patient.heading == "Your new time is not paid yet"
    patient.look()
    patient.press("^Pay ")
    patient.type_card("4242 4242 4242 4242")
    assert "Dr Layla Haddad" in patient.text
    assert "$55.00" in patient.text
    patient.look()

    choose(patient, ref, "hana-tesfaye")
    assert "You get back $10.00" in patient.text
    patient.press("^Move to")
    assert "Dr Hana Tesfaye" in patient.text
    subjects = [mail["subject"] for mail in patient.mails(WHO, at_least=3)]
    assert any(one.startswith("Moved to ") for one in subjects)


def test_a_patient_keeps_the_old_time_instead_of_paying_more(patient):
    ref = patient.book("walk-keep@example.org")
    choose(patient, ref, "layla-haddad")
    patient.press("^Pay ")
    hosted = patient.page.url
    patient.go(f"/bookings/{ref}/move")

    patient.press("^Keep ")

    assert "Your visit stays where it was." in patient.text
    patient.page.goto(hosted)
    assert "This checkout has ended" in patient.text

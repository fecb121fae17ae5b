"""Does the patient's whole journey work against a running demo, at every ending?"""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.slow]


def test_find_a_doctor_hold_pay_and_get_one_mail_with_receipt_and_calendar(patient):
    patient.go("/doctors")
    patient.look()
    patient.choose()
    patient.look()
    ref = patient.give_details("walk-main@example.org")
    assert patient.heading == "Check and pay"
    patient.look()

    patient.pay()

    assert patient.heading == "You're booked, Walta."
    assert f"/bookings/{ref}" in patient.page.url
    patient.look()
    [mail] = patient.mails("walk-main@example.org")
    assert {file["type"] for file in mail["attachments"]} == {"text/calendar", "application/pdf"}
    assert f"/bookings/{ref}" in mail["text"]
    assert "Hana" not in mail["subject"]


def test_booking_receipt_and_paper_agree(patient):
    ref = patient.book("walk-receipt@example.org")

    patient.go(f"/bookings/{ref}/receipt")
    patient.look()
    assert "$45.00" in patient.text
    paper = patient.context.request.get(f"{patient.demo.web}/bookings/{ref}/receipt.pdf")
    assert paper.body().startswith(b"%PDF-")
    date = patient.context.request.get(f"{patient.demo.web}/bookings/{ref}/calendar.ics")
    assert "BEGIN:VEVENT" in date.text()


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("4000 0000 0000 0002", "declined"),
        ("4000 0000 0000 9995", "insufficient funds"),
        ("4000 0000 0000 0069", "expired"),
        ("4000 0000 0000 0127", "security code"),
    ],
)
def test_a_refused_card_can_be_followed_by_a_good_one(patient, card, words):
    patient.hold(f"walk-{words.replace(' ', '-')}@example.org")
    patient.pay(card)
    assert words in patient.text.lower()

    patient.type_card("4242 4242 4242 4242")

    assert patient.heading == "You're booked, Walta."


def test_the_bank_asks_and_the_patient_answers(patient):
    patient.hold("walk-3ds@example.org")
    patient.pay("4000 0025 0000 3155")

    patient.press("Complete the check")

    assert patient.heading == "You're booked, Walta."


def test_the_bank_asks_and_the_patient_fails_then_goes_back_and_pays(patient):
    ref = patient.hold("walk-3ds-fail@example.org")
    patient.pay("4000 0027 6000 3184")
    patient.press("Fail the check")
    assert "did not go through" in patient.text

    patient.press("Go back without paying")
    patient.look()
    assert patient.heading == "You haven't paid yet"
    patient.go(f"/bookings/{ref}/review")
    patient.pay()

    assert patient.heading == "You're booked, Walta."


def test_a_time_that_is_let_go_cannot_be_paid_any_more(patient):
    ref = patient.hold("walk-let-go@example.org")
    patient.press(r"^Pay \$")
    hosted = patient.page.url
    patient.go(f"/bookings/{ref}/cancel")
    patient.look()

    patient.press("^Let .* go")

    patient.page.goto(hosted)
    assert "This checkout has ended" in patient.text


def test_refresh_and_back_never_book_or_pay_twice(patient):
    patient.book("walk-twice@example.org")

    patient.page.reload()
    patient.page.go_back()
    patient.page.go_forward()

    assert patient.heading == "You're booked, Walta."
    assert len(patient.mails("walk-twice@example.org")) == 1

"""Does the front desk's day go against a running demo: money by hand, and a link for a phone?"""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.slow]


@pytest.fixture
def desk(somebody, demo):
    """Somebody at the front desk, signed in."""
    person = somebody(viewport={"width": 1280, "height": 900})
    person.sign_in(*demo.login("desk"))
    return person


def fill_in(desk, email: str, way: str) -> None:
    """From today's page to the filled form: a new patient, the first time, how it is paid."""
    desk.go("/desk")
    desk.look()
    desk.page.get_by_role("link", name="New booking").last.click()
    desk.page.locator("input[name=starts_at]").first.check(force=True)
    for field, value in {"name": "Walta Desta", "email": email, "phone": "240 555 0134"}.items():
        desk.page.locator(f"input[name={field}]").fill(value)
    desk.page.locator(f"input[name=way][value={way}]").check(force=True)
    desk.look()
    desk.press("^Book$")


def test_desk_cash_booking(desk):
    fill_in(desk, "walk-cash@example.org", "cash")

    desk.look()
    assert "Walta Desta is booked." in desk.text
    assert "Money taken by" in desk.text
    (mail,) = desk.mails("walk-cash@example.org")
    assert mail["subject"].startswith("Booked: ")
    assert "in cash at the clinic: $" in mail["text"]
    desk.page.get_by_role("link", name="Receipt").click()
    assert "In cash at the clinic" in desk.text


def test_a_pay_link_is_paid_on_the_patients_phone(desk, patient):
    fill_in(desk, "walk-link@example.org", "link")
    desk.look()
    address = re.search(r"http://\S+/pay/link/\S+", desk.text)[0]
    (mail,) = desk.mails("walk-link@example.org")

    patient.page.goto(address)
    patient.look()
    patient.pay()

    assert address in mail["text"]
    assert patient.heading == "You're booked, Walta."
    desk.go("/desk")
    assert "Walta Desta" not in desk.text.split("Pay links that wait")[1]


def test_money_taken_for_a_time_that_somebody_holds(desk, patient):
    ref = patient.hold("walk-hold@example.org")
    desk.go(f"/admin/bookings/{ref}")
    desk.page.get_by_role("link", name="Take money").click()
    desk.look()
    desk.page.locator("input[name=method][value=terminal]").check(force=True)

    desk.press("is taken$")

    assert "The visit is booked." in desk.text
    assert "by card terminal" in desk.text


def test_the_desks_lists_are_usable_by_everyone(desk):
    for path in ("/desk", "/desk/schedule", "/desk/bookings/new?q=example", "/desk/bookings/new"):
        desk.go(path)
        desk.look()

    desk.page.goto(desk.demo.web + "/desk/schedule/week?doctor=hana-tesfaye")
    desk.look()
    assert "week of" in desk.heading

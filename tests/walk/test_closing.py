"""The doctor falls ill and the day is closed: the desk decides, the worker acts, people answer."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.slow]


def day_of(person, ref: str) -> str:
    """The day of a booking, as forms take it."""
    entry = person.context.request.get(f"{person.demo.web}/bookings/{ref}/calendar.ics").text()
    found = re.search(r"DTSTART[^:]*:(\d{4})(\d\d)(\d\d)T(\d\d)", entry)
    assert found
    return "-".join(found.groups()[:3])


def test_the_doctor_falls_ill_and_the_day_is_closed(patient, somebody, demo, admin):
    stays = somebody(viewport={"width": 390, "height": 844})
    first = patient.book("walk-ill-one@example.org", name="Selam One")
    second = stays.book("walk-ill-two@example.org", name="Selam Two")
    days = sorted({day_of(patient, first), day_of(stays, second)})
    admin.go("/admin/close-day")
    admin.look()

    admin.page.locator("select[name=doctor]").select_option("hana-tesfaye")
    admin.page.locator("input[name=from_day]").fill(days[0])
    admin.page.locator("input[name=to_day]").fill(days[-1])
    admin.page.locator("input[name=reason]").fill("The doctor is ill")
    admin.press("^See who is booked then")
    admin.look()
    assert "Selam One" in admin.text
    assert "is paid for them" in admin.text
    for choice in admin.page.locator("input[value=desk]").all():
        choice.check(force=True)
    admin.page.locator(f"input[name=choice-{first}][value=cancel]").check(force=True)
    admin.page.locator(f"input[name=choice-{second}][value=move]").check(force=True)
    admin.press("^Save, and see to")

    admin.reload_until("wait for an answer")
    admin.look()
    mails = patient.mails("walk-ill-one@example.org", at_least=3)
    assert "The doctor is ill" in "".join(mail["text"] for mail in mails)
    _, asked = stays.mails("walk-ill-two@example.org", at_least=2)
    link = re.search(r"http\S+/answer\?key=\S+", asked["text"])
    assert link

    phone = somebody(viewport={"width": 390, "height": 844})
    phone.page.goto(link[0])
    phone.look()
    assert phone.heading == "Please choose another time"
    with phone.page.expect_navigation():
        phone.page.get_by_role("link", name="Choose another time").click()
    assert phone.page.url.endswith(f"/bookings/{second}/move")
    phone.go(f"/bookings/{second}/answer")
    phone.press(r"^Cancel and refund \$")
    stays.mails("walk-ill-two@example.org", at_least=4)

    admin.go("/admin/close-day")
    admin.look()
    assert "cancelled" in admin.text

"""What does the front desk see and do? The day, new bookings, money by hand, links, schedules."""

import re
from datetime import timedelta

import pytest

from efoy.domain.closing import Choice
from efoy.models import AuditEntry, Booking, Payment
from efoy.services.desk_booking import Way
from efoy.web.links import pay_address
from tests.support.away import close
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import ADMIN, DESK, OTHER
from tests.support.desk import book, take
from tests.support.story import AS_ADMIN

NEW = "/desk/bookings/new"


@pytest.fixture
def desk(app, clock):
    """The front desk, signed in."""
    return Browser(app, DESK, now=clock())


@pytest.fixture
def guest(app, clock):
    """Somebody with a telephone."""
    return Browser(app, now=clock())


def send(desk, story, **given):
    """Fill in the form for Daniel and press Book."""
    form = {
        "patient": OTHER,
        "doctor": "hana-tesfaye",
        "service": "see-the-doctor",
        "starts_at": story.time().isoformat().replace("+00:00", "Z"),
        "way": "cash",
        "minutes": "120",
        "form_token": "a-token-of-the-story",
    }
    return desk.post(NEW, **{k: v for k, v in (form | given).items() if v is not None})


def link_of(story, ref):
    """The path of the pay link."""
    with story.app.test_request_context():
        return pay_address(ref).removeprefix("http://127.0.0.1:8000")


def test_a_booking_paid_in_cash_is_there_at_once(desk, story):
    answer = send(desk, story, note="in coins")

    (booking,) = story.rows(Booking)
    assert (answer.status_code, answer.location) == (303, f"/admin/bookings/{booking.ref}")
    page = words(desk.get(answer.location))
    assert "Daniel Kebede is booked." in page
    assert booking.status == "confirmed"


def test_the_price_is_the_servers_whatever_is_sent(desk, story):
    send(desk, story, price="1", amount_minor="1", free_reason="x", made_by="me")

    (payment,) = story.rows(Payment)
    assert payment.amount_minor == 4500


def test_a_second_press_leads_to_the_same_booking(desk, story):
    first, second = send(desk, story), send(desk, story)

    assert (first.status_code, first.location) == (303, second.location)
    assert len(story.rows(Booking)) == 1


def test_a_new_patient_is_named_in_the_form(desk, story):
    answer = send(desk, story, patient=None, name="Tirunesh", phone="240 555 0119", email="")

    (booking,) = story.rows(Booking)
    assert answer.status_code == 303
    assert (booking.visitor_name, booking.visitor_email) == ("Tirunesh", "")


def test_what_is_missing_is_said_and_nothing_typed_is_lost(desk, story):
    answer = send(desk, story, patient=None, name="Tirunesh", phone="", starts_at=None, way="")

    page = words(answer)
    assert answer.status_code == 400
    assert "Choose a time" in page
    assert "Choose how it is paid" in page
    assert "Enter a phone number" in page
    assert 'value="Tirunesh"' in answer.text
    assert story.rows(Booking) == []


@pytest.mark.parametrize("starts_at", ["yesterday", "2026-13-45T00:00:00Z", "9" * 300])
def test_a_time_that_is_none_is_refused(desk, story, starts_at):
    assert send(desk, story, starts_at=starts_at).status_code == 400


def test_a_free_visit_asks_why(desk, story):
    asked = send(desk, story, way="free")
    done = send(desk, story, way="free", reason="Staff child")

    assert (asked.status_code, done.status_code) == (400, 303)
    assert "Say why the visit is free" in words(asked)


def test_a_taken_time_names_who_is_there_and_keeps_everything(desk, story):
    story.booked()

    answer = send(desk, story, patient=None, name="Tirunesh", phone="240 555 0119", note="slip 7")

    page = words(answer)
    assert answer.status_code == 409
    assert "Almaz Bekele, 10:00" in page
    assert "The nearest times with Dr Hana Tesfaye" in page
    for name, kept in (("name", "Tirunesh"), ("note", "slip 7"), ("way", "cash")):
        assert hidden(answer, name) == kept


def test_another_time_is_taken_with_one_press(desk, story):
    story.booked()
    offered = send(desk, story)
    take_it = re.search(r'name="take" value="([^"]+)"', offered.text)[1]

    answer = send(desk, story, take=take_it, form_token=hidden(offered, "form_token"))

    assert answer.status_code == 303
    assert len([row for row in story.rows(Booking) if row.status == "confirmed"]) == 2


def test_beside_another_on_purpose_asks_why_and_shows_it_everywhere(desk, story):
    there = story.booking(story.booked()).ref
    warned = send(desk, story)

    silent = send(desk, story, beside=hidden(warned, "beside"), form_token="another-token-one")
    done = send(
        desk,
        story,
        beside=hidden(warned, "beside"),
        beside_reason="fever",
        form_token="another-token-two",
    )

    assert hidden(warned, "beside") == there
    assert (silent.status_code, done.status_code) == (400, 303)
    day = story.time().date()
    for path in (done.location, f"/desk/schedule?day={day}", f"/admin/bookings?day={day}"):
        assert "Overbooked" in words(desk.get(path)), path


def test_beside_somebody_new_is_shown_again(desk, story):
    story.booked()

    answer = send(desk, story, beside="222-222", beside_reason="fever")

    assert answer.status_code == 409
    assert "Almaz Bekele" in words(answer)


def test_a_pay_link_is_shown_as_a_code_with_its_end(desk, story):
    answer = send(desk, story, way="link", minutes="120")

    page = desk.get(answer.location)
    assert answer.status_code == 303
    assert "Pay $45.00 until" in words(page)
    assert '<svg viewBox="0 0' in page.text
    assert "style=" not in page.text


def test_a_link_for_a_visit_too_soon_is_refused_in_words(desk, story):
    story.run_sql("UPDATE services SET notice_minutes = 0")
    at = story.time(0) + timedelta(minutes=20)
    answer = send(desk, story, way="link", starts_at=at.isoformat().replace("+00:00", "Z"))

    assert answer.status_code == 400
    assert "too soon for a pay link" in words(answer)


def test_the_link_opens_the_visit_and_its_pay_page(desk, story, guest):
    held = book(story, Way.LINK)
    opened = guest.get(link_of(story, held.ref))
    review = guest.get(opened.location)

    paid = guest.post(f"/bookings/{held.ref}/pay", form_token=hidden(review, "form_token"))

    assert (opened.status_code, review.status_code, paid.status_code) == (303, 200, 303)
    assert "/c/pay/cs_test_" in paid.location
    assert "Keep it 10 minutes longer" not in words(review)


def test_a_link_opened_after_paying_or_cancelling_says_how_it_is(story, guest):
    paid, cancelled = book(story, Way.LINK), book(story, Way.LINK, at=story.time(26))
    take(story, paid.id)
    story.cancel(cancelled.id, by="clinic", actor=AS_ADMIN)

    for held, said in ((paid, "booked"), (cancelled, "cancelled")):
        opened = guest.get(link_of(story, held.ref))
        assert opened.location == f"/bookings/{held.ref}"
        assert said in words(guest.get(opened.location)).lower()


@pytest.mark.parametrize("token", ["x", "222-222", "9" * 300, "%00"])
def test_a_link_that_is_none_is_not_found(guest, token):
    assert guest.get(f"/pay/link/{token}").status_code in {400, 404}


def test_a_link_of_another_kind_opens_nothing(story, guest):
    from efoy.web.links import sign_link

    held = story.hold()
    with story.app.test_request_context():
        token = sign_link("booking", story.booking(held.id).ref)

    assert guest.get(f"/pay/link/{token}").status_code == 404


def test_money_for_a_held_visit_is_taken_and_the_page_says_so(desk, story):
    held = story.hold()
    ref = story.booking(held.id).ref
    form = desk.get(f"/desk/bookings/{ref}/take")

    answer = desk.post(
        f"/desk/bookings/{ref}/take",
        method="terminal",
        note="slip 7",
        form_token=hidden(form, "form_token"),
    )

    page = words(desk.get(answer.location))
    assert answer.status_code == 303
    assert "$45.00 taken. The visit is booked." in page
    assert story.balance("desk_terminal") == 4500


def test_who_paid_online_meanwhile_keeps_their_money(desk, story):
    held = story.hold()
    story.pay(held.id)

    answer = desk.post(f"/desk/bookings/{story.booking(held.id).ref}/take", method="cash")

    assert answer.status_code == 409
    assert "It is paid already. Take no money" in words(answer)
    assert "Visa ending 4242" in words(answer)
    assert story.balance("desk_cash") == 0


def test_with_stripe_away_no_money_is_taken_yet(desk, story):
    held = story.hold()
    story.open(held.id)

    with story.stripe_away():
        answer = desk.post(f"/desk/bookings/{story.booking(held.id).ref}/take", method="cash")

    assert answer.status_code == 409
    assert "Take no money yet" in words(answer)


def test_how_it_was_paid_must_be_said(desk, story):
    held = story.hold()

    answer = desk.post(f"/desk/bookings/{story.booking(held.id).ref}/take", method="stripe")

    assert answer.status_code == 400
    assert "Choose cash or card terminal" in words(answer)


@pytest.mark.parametrize("query", ["daniel", "DANIEL@example", "555-0118", "Kebede daniel"])
def test_a_patient_is_found_by_what_they_say(desk, story, query):
    story.run_sql("UPDATE users SET phone = '+1 240 555 0118' WHERE id = :id", id=OTHER)

    page = desk.get(f"{NEW}?q={query}")

    assert "Daniel Kebede" in words(page)
    assert f"patient={OTHER}" in page.text


def test_a_patient_is_found_by_a_booking(desk, story):
    held = book(story)

    assert "daniel@example.org" in words(desk.get(f"{NEW}?q={held.ref.lower()}"))


def test_who_was_shown_to_whom_is_written_down(desk, story):
    desk.get(f"{NEW}?q=example.org")
    desk.get(f"{NEW}?q=nobody-at-all")

    (look,) = story.rows(AuditEntry, object="people")
    assert (look.actor_id, look.event, OTHER in look.facts["shown"]) == (DESK, "look", True)
    assert "example" not in str(look.facts)


def test_staff_are_nobodys_patients(desk):
    page = words(desk.get(f"{NEW}?q=ruth"))

    assert "Nobody matches" in page
    assert desk.get(f"{NEW}?patient={ADMIN}").status_code == 404


def test_today_says_who_waits_and_what_is_not_paid(desk, story, clock):
    at = story.time(1)
    story.booked(at)
    held = book(story, Way.LINK, at=at + timedelta(hours=1), pay_by=clock() + timedelta(hours=1))

    before = words(desk.get("/desk"))
    ref = next(row.ref for row in story.rows(Booking) if row.status == "confirmed")
    came = desk.post(f"/desk/bookings/{ref}/here")
    after = words(desk.get("/desk"))

    assert "1 visit today, 0 came, 0 waiting." in before
    assert "1 visit today, 1 came, 1 waiting." in after
    assert came.status_code == 303
    assert "Daniel Kebede" in before.split("Pay links that wait")[1]
    assert held.ref


def test_the_desk_sees_no_sums_of_money(desk, story):
    story.booked(story.time(1))

    page = words(desk.get("/desk"))

    assert "Collected" not in page
    assert "Stripe fees" not in page


def test_the_schedule_leads_from_a_free_time_to_a_booking(desk, story):
    day = story.time().date()
    page = desk.get(f"/desk/schedule?day={day}")
    address = re.search(r'href="(/desk/bookings/new\?doctor=hana[^"]+)"', page.text)[1]

    form = desk.get(address.replace("&amp;", "&"))

    assert form.status_code == 200
    assert "checked" in form.text.split('name="starts_at"')[1][:80]


def test_a_week_of_one_doctor_has_seven_days(desk, story):
    story.booked()

    page = desk.get(f"/desk/schedule/week?doctor=hana-tesfaye&day={story.time().date()}")

    assert page.text.count('<th scope="col">') == 8
    assert "Almaz Bekele" in words(page)
    assert desk.get("/desk/schedule/week?doctor=nobody").status_code == 404


@pytest.mark.parametrize("path", ["/desk/schedule?day=never", f"{NEW}?day=x", f"{NEW}?q=aa&page=0"])
def test_nonsense_in_an_address_is_refused(desk, path):
    assert desk.get(path).status_code == 422


def test_a_visit_that_was_handed_to_the_desk_can_be_called_about(desk, story):
    booking_id = story.booked(story.time(25))
    close(story, {booking_id: Choice.DESK})
    story.drain()

    page = desk.get("/desk")

    assert "Almaz Bekele" in words(page).split("Handed to the desk")[1]
    assert f"/admin/clashes/{story.booking(booking_id).ref}" in page.text

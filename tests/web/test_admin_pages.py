"""What can the desk and the admin see and do? Find bookings, end them, give money back."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest

import efoy
from efoy.domain.booking import BookingStatus
from efoy.domain.refund import RefundStatus
from efoy.models import Alert
from efoy.models.base import transaction
from efoy.models.upkeep import raise_alert
from efoy.services import watch
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import ADMIN, DESK, DOCTOR
from tests.support.story import FAILING_REFUND


@pytest.fixture
def admin(app, clock):
    """The clinic's admin, signed in."""
    return Browser(app, ADMIN, now=clock())


@pytest.fixture
def desk(app, clock):
    """The front desk, signed in."""
    return Browser(app, DESK, now=clock())


def path_of(story, booking_id):
    """Where staff see the booking."""
    return f"/admin/bookings/{story.booking(booking_id).ref}"


def names(page):
    """The patients of a list, in its order."""
    return re.findall(r">(Patient \d\d)<", page.text)


def neighbour(page, which):
    """The address of the page before (prev) or after (next), None at the ends."""
    found = re.search(rf'href="([^"]+)" rel="{which}"', page.text)
    return html.unescape(found[1]) if found else None


def ask(admin, path, **given):
    """Fill in the refund panel and press Review."""
    form = {"available": hidden(admin.get(path), "available"), "reason": "patient_asked"}
    return admin.post(f"{path}/refund", **(form | given))


def confirm(admin, path, review, **changed):
    """Press the button of the review page."""
    names = "amount_minor available reason message form_token proposal way handed_by".split()
    form = {name: hidden(review, name) for name in names}
    return admin.post(f"{path}/refund/confirm", **(form | changed))


# -- looking ---------------------------------------------------------------------------------


def test_the_admin_sees_the_day_the_month_and_the_latest_payments(story, admin):
    story.booked(story.time(4))

    page = words(admin.get("/admin"))

    for expected in ("Nothing needs you", "1 visit today, 0 done, 1 to come", "Almaz Bekele"):
        assert expected in page
    assert "Collected $45.00 1 payment" in page


def test_the_desk_sees_the_day_without_the_clinics_money(story, desk):
    story.booked(story.time(4))

    page = words(desk.get("/desk"))

    assert "Almaz Bekele" in page
    assert "Collected" not in page
    assert "Latest payments" not in page


def test_a_booking_is_found_by_name_address_phone_or_reference(story, desk):
    ref = story.booking(story.booked()).ref
    story.booked(story.time(30), email="d@example.org", name="Daniel Kebede", phone="+13015550100")
    ways = (
        "almaz",
        "ALMAZ@EXAMPLE",
        "2405550117",
        "(240) 555-0117",
        ref,
        ref.lower()[:3] + ref[4:],
    )

    pages = {way: words(desk.get("/admin/bookings", query_string={"q": way})) for way in ways}

    assert [way for way, page in pages.items() if "1 booking" not in page] == []
    assert [way for way, page in pages.items() if "Daniel" in page] == []


def test_a_booking_is_found_by_its_receipt(story, desk):
    story.booked()
    [number] = story.receipts()

    assert "Almaz Bekele" in words(desk.get(f"/admin/bookings?q={number.lower()}"))


def test_signs_of_a_search_pattern_are_taken_as_they_stand(story, desk):
    story.booked()

    for typed in ("%", "_", "a%z", "' OR 1=1 --", "\\"):
        page = words(desk.get("/admin/bookings", query_string={"q": typed}))
        assert "No bookings match" in page


def test_bookings_are_filtered_by_status_doctor_and_day(story, desk):
    story.booked(story.time(25))
    story.hold(story.time(49), doctor="samuel-mwangi", email="d@example.org", name="Daniel Kebede")

    found = {
        query: words(desk.get(f"/admin/bookings?{query}"))
        for query in ("status=held", "doctor=hana-tesfaye", "day=2026-11-24", "status=&day=")
    }

    assert "Daniel" in found["status=held"]
    assert "Almaz" not in found["status=held"]
    assert "Daniel" not in found["doctor=hana-tesfaye"]
    assert "Daniel" not in found["day=2026-11-24"]
    assert "2 bookings" in found["status=&day="]


def test_pages_of_bookings_follow_each_other_without_gap_or_repeat(story, desk):
    for n in range(45):
        story.hold(
            story.time(24 + 24 * (n // 9)) + timedelta(minutes=20 * (n % 9)),
            email=f"patient{n}@example.org",
            name=f"Patient {n:02d}",
        )

    forward, path = [], "/admin/bookings"
    while path:
        page = desk.get(path)
        forward.append(names(page))
        path, back = neighbour(page, "next"), neighbour(page, "prev")
    first_again = desk.get(neighbour(desk.get(back), "prev"))

    assert [len(page) for page in forward] == [20, 20, 5]
    assert sorted(name for page in forward for name in page) == [
        f"Patient {n:02d}" for n in range(45)
    ]
    assert "41 to 45 of 45" in words(page)
    assert "1 to 20 of 45" in words(first_again)
    assert names(first_again) == forward[0]


# -- one booking -----------------------------------------------------------------------------


def test_a_paid_booking_shows_visit_money_and_what_happened(story, admin):
    booking_id = story.booked()
    story.wait(minutes=11)

    page = words(admin.get(path_of(story, booking_id)))

    for expected in (
        "Booked",
        "Paid $45.00",
        "Dr Hana Tesfaye",
        "Time held",
        "Payment received, $45.00",
        "on coming back from Stripe",
        "Confirmation with receipt sent",
        "To almaz@example.org.",
        "Visa ending 4242",
        "Stripe fee",
    ):
        assert expected in page


def test_the_desk_sees_the_booking_but_not_its_money(story, desk):
    booking_id = story.booked()
    payment = story.payment_of(booking_id)

    page = desk.get(path_of(story, booking_id))

    assert "Almaz Bekele" in words(page)
    assert "4242" not in page.text
    assert payment.intent_ref not in page.text
    assert "Ask for a refund" in words(page)


def test_the_desk_cancels_a_booking_with_a_reason(story, desk):
    booking_id = story.booked()
    path = path_of(story, booking_id)

    without = desk.post(f"{path}/cancel", reason=" ")
    answer = desk.post(f"{path}/cancel", reason="The doctor is ill")
    again = desk.post(f"{path}/cancel", reason="The doctor is ill")

    assert (without.status_code, answer.status_code, again.status_code) == (400, 303, 303)
    assert "Say why the booking is cancelled" in words(without)
    booking = story.booking(booking_id)
    assert (booking.status, booking.cancelled_by) == (BookingStatus.CANCELLED, "clinic")
    assert story.claims(booking_id) == 0
    assert story.promised().count("cancelled_by_clinic") == 1
    assert "Reason: “The doctor is ill”." in words(desk.get(path))


def test_a_hold_cancelled_while_stripe_is_away_ends_when_stripe_is_back(story, desk):
    held = story.hold()
    story.open(held.id)
    path = path_of(story, held.id)

    with story.stripe_away():
        answer = desk.post(f"{path}/cancel", reason="Double booked")

    assert answer.status_code == 303
    assert "The booking ends as soon as it is" in words(desk.get(path))
    assert story.booking(held.id).status == BookingStatus.HELD
    story.wait(minutes=2)
    assert story.booking(held.id).status == BookingStatus.CANCELLED


def test_a_visit_that_is_over_is_not_cancelled(story, desk, app, clock):
    booking_id = story.booked(story.time(4))
    ref = story.booking(booking_id).ref
    Browser(app, DOCTOR, now=clock()).post(f"/doctor/visits/{ref}", mark="attended")

    answer = desk.post(f"{path_of(story, booking_id)}/cancel", reason="too late")

    assert answer.status_code == 409
    assert "nothing was done" in words(answer)


def test_check_again_finds_a_payment_that_no_message_told_of(story, admin):
    held = story.hold()
    story.pay(held.id)
    path = path_of(story, held.id)

    answer = admin.post(f"{path}/check")

    assert answer.status_code == 303
    assert story.booking(held.id).status == BookingStatus.CONFIRMED
    assert "Paid $45.00" in words(admin.get(path))


def test_check_again_with_stripe_away_says_so_and_changes_nothing(story, admin):
    held = story.hold()
    story.pay(held.id)

    with story.stripe_away():
        answer = admin.post(f"{path_of(story, held.id)}/check")

    assert answer.status_code == 503
    assert story.booking(held.id).status == BookingStatus.HELD


def test_check_again_on_a_payment_stripe_does_not_know_says_so(story, admin):
    held = story.hold()
    story.open(held.id)
    booking_id, ref = held.id, story.payment_of(held.id).checkout_ref
    story.run_sql("UPDATE payments SET checkout_ref = 'cs_test_of_another_account'")

    answer = admin.post(f"{path_of(story, booking_id)}/check")

    assert answer.status_code == 303
    assert "Stripe does not know this payment" in words(admin.get(answer.location))
    story.run_sql("UPDATE payments SET checkout_ref = :ref", ref=ref)


# -- giving money back -----------------------------------------------------------------------


def test_a_refund_by_the_rules_is_reviewed_sent_and_followed(story, admin):
    booking_id = story.booked(story.time(5))
    story.wait(minutes=11)
    admin = Browser(admin.app, ADMIN, now=story.clock())  # the password is older by now
    story.cancel(booking_id)
    path = path_of(story, booking_id)
    assert "The rule gives $22.50. It waits for you." in words(admin.get(path))

    review = ask(admin, path, choice="policy", message="Get well soon")

    assert review.status_code == 200
    for expected in (
        "Refund $22.50 to Almaz Bekele?",
        "It goes back to Visa ending 4242. You cannot take it back.",
        "Stripe fee, not returned",
        "Get well soon",
    ):
        assert expected in words(review)
    assert [refund.status for refund in story.refunds(booking_id)] == [RefundStatus.PROPOSED]

    assert confirm(admin, path, review).status_code == 303
    page = words(admin.get(path))
    assert "$22.50 is on its way to Visa ending 4242." in page
    assert "Refund to send" in page
    story.work()

    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.amount_minor) == (RefundStatus.SUCCEEDED, 2250)
    assert (refund.decided_by, refund.available_minor) == (ADMIN, 4500)
    assert "Partly refunded" in words(admin.get(path))


def test_when_the_clinic_cancels_the_rule_gives_everything(story, admin):
    booking_id = story.booked(story.time(5))
    story.cancel(booking_id, by="clinic")

    assert "Everything that was paid" in words(admin.get(path_of(story, booking_id)))
    assert [refund.amount_minor for refund in story.refunds(booking_id)] == [4500]


def test_an_amount_is_typed_in_the_bookings_currency(story, admin):
    path = path_of(story, story.booked())

    for typed, minor in (("45", 4500), ("45.00", 4500), (" 0.01 ", 1), ("0045", 4500)):
        review = ask(admin, path, choice="other", amount=typed)

        assert (typed, review.status_code) == (typed, 200)
        assert hidden(review, "amount_minor") == str(minor)


def test_anything_else_is_no_amount_and_says_so(story, admin):
    booking_id = story.booked()
    path = path_of(story, booking_id)
    refused = (
        "0 -5 +5 1e3 4.5 45.000 45,00 $45 ١٠ ４５ NaN inf 45.01 2147483648 0x10 1_0 ½ <b>1</b>"
    )

    for typed in ["", "4 5", "9" * 400, *refused.split()]:
        answer = ask(admin, path, choice="other", amount=typed, message="kept")

        assert (typed, answer.status_code) == (typed, 400)
        assert "Enter an amount from $0.01 to $45.00" in words(answer)
        assert "kept" in answer.text
    assert story.refunds(booking_id) == []


def test_a_form_without_the_amount_it_showed_is_refused(story, admin):
    booking_id = story.booked()
    path = path_of(story, booking_id)

    for available in ("", "x", "-4500", "4500.0", "٤٥٠٠", "9" * 30):
        answer = ask(admin, path, choice="full", available=available)

        assert (available, answer.status_code) == (available, 422)
    assert story.refunds(booking_id) == []


def test_an_unknown_reason_or_choice_is_refused(story, admin):
    path = path_of(story, story.booked())

    assert ask(admin, path, choice="full", reason="fraudulent").status_code == 400
    assert ask(admin, path, choice="double").status_code == 400
    assert ask(admin, path, choice="full", message="x" * 501).status_code == 400


def test_pressing_refund_twice_refunds_once(story, admin):
    booking_id = story.booked()
    path = path_of(story, booking_id)
    review = ask(admin, path, choice="full")

    answers = [confirm(admin, path, review).status_code for _ in range(2)]
    story.work()

    assert answers == [303, 303]
    assert len(story.refunds(booking_id)) == 1


def test_a_review_drawn_before_another_refund_is_a_conflict(story, admin):
    booking_id = story.booked()
    path = path_of(story, booking_id)
    review, stale = ask(admin, path, choice="full"), hidden(admin.get(path), "available")
    story.refund(story.payment_of(booking_id).id, 1000)

    late = confirm(admin, path, review)

    assert late.status_code == 409
    assert "The amount that is left changed" in words(late)
    assert "it is $35.00 now" in words(late)
    assert 'value="45.00"' in late.text
    assert ask(admin, path, choice="full", available=stale).status_code == 409
    assert [refund.amount_minor for refund in story.refunds(booking_id)] == [1000]


def test_more_than_the_review_showed_is_refused(story, admin):
    booking_id = story.booked()
    path = path_of(story, booking_id)
    review = ask(admin, path, choice="other", amount="10")

    for forged in ({"amount_minor": "4501"}, {"amount_minor": "0"}, {"amount_minor": "-1"}):
        assert 400 <= confirm(admin, path, review, **forged).status_code < 500
    assert 400 <= confirm(admin, path, review, form_token="").status_code < 500
    assert story.refunds(booking_id) == []


def test_a_disputed_payment_says_that_the_bank_is_looking(story, admin):
    booking_id = story.booked(card="4000000000000259")
    story.box.later(60)
    story.deliver()
    path = path_of(story, booking_id)

    page = words(admin.get(path))
    answer = admin.post(f"{path}/refund", choice="full", available="4500", reason="goodwill")

    assert "You can’t refund this payment because the bank is looking at it." in page
    assert answer.status_code == 409
    assert "A bank asks about a payment" in words(admin.get("/admin"))


def test_nothing_paid_means_nothing_to_refund(story, admin):
    held = story.hold()
    path = path_of(story, held.id)

    assert "Nothing has been paid, so nothing can go back." in words(admin.get(path))
    answer = admin.post(f"{path}/refund", choice="full", available="4500", reason="goodwill")
    assert answer.status_code == 409


def test_a_refund_the_bank_returned_lands_in_needs_you_until_it_is_sent_again(story, admin):
    booking_id = story.booked(card=FAILING_REFUND)
    payment_id = story.payment_of(booking_id).id
    story.refund(payment_id, 4500)
    story.work()
    story.box.later(86_400 * 3)
    story.deliver()

    assert "A refund did not arrive: $45.00" in words(admin.get("/admin"))
    assert "Refund failed" in words(admin.get(path_of(story, booking_id)))
    assert "Almaz Bekele" in words(admin.get("/admin/refunds?tab=failed"))
    story.clock.advance(minutes=5)
    story.refund(payment_id, 4500, available=4500)

    assert "Nothing needs you" in words(admin.get("/admin"))
    assert "Almaz Bekele" in words(admin.get("/admin/refunds?tab=moving"))


def test_a_person_says_that_they_have_seen_to_it_where_no_money_stands_behind(story, admin):
    for kind, subject, detail in (("unmatched_money", "ch_1", "4500 USD"), ("dispute", "d", "")):
        with transaction("alert") as session:
            raise_alert(session, kind, subject, detail, now=story.clock())
    story.work()
    page = admin.get("/admin")
    assert "Money at Stripe belongs to no booking" in words(page)
    assert "$45.00. Look for it in Stripe’s dashboard." in words(page)
    [path] = re.findall(r'action="(/admin/needs/[^"]+/done)"', page.text)

    answers = [admin.post(path).status_code for _ in range(2)]
    [other] = [row.id for row in story.rows(Alert) if row.closed_at is None]

    assert answers == [303, 303]
    assert admin.post(f"/admin/needs/{other}/done").status_code == 409
    assert admin.post("/admin/needs/none/done").status_code == 404
    assert "Money at Stripe" not in words(admin.get("/admin"))


def test_whatever_may_wait_for_a_person_is_said_in_words(story, admin):
    house = Path(efoy.__file__).parent.rglob("*.py")
    raised = re.compile(r'raise_alert\(\s*\w*\.?session, "(\w+)"')
    kinds = {kind for file in house for kind in raised.findall(file.read_text())} | {watch.KIND}
    assert len(kinds) >= 13
    for kind in kinds:
        with transaction("alert") as session:
            raise_alert(session, kind, f"about {kind}", "detail", now=story.clock())

    page = words(admin.get("/admin"))

    assert not [kind for kind in kinds if f"{kind}:" in page]
    assert "Something needs a look" not in page


# -- lists and health ------------------------------------------------------------------------


def test_payments_are_listed_with_the_totals_of_the_filter(story, admin):
    booking_id = story.booked()
    story.refund(story.payment_of(booking_id).id, 1000)
    story.work()
    held = story.hold(story.time(30), email="d@example.org", name="Daniel Kebede")
    story.open(held.id)

    every, paid = (words(admin.get(f"/admin/payments{q}")) for q in ("", "?status=paid"))
    other_day = words(admin.get("/admin/payments?from=2026-11-24"))

    assert "2 payments" in every
    assert "At Stripe" in every
    assert "1 payment " in paid
    assert "Collected $45.00 Refunded $10.00" in paid
    assert "No payments in these days." in other_day


def test_a_nonsense_address_is_a_clear_page(admin):
    for path in (
        "/admin/bookings?status=paid",
        "/admin/bookings?day=tomorrow",
        "/admin/bookings?after=1",
        "/admin/bookings?before=2026-11-24~x~y",
        "/admin/bookings?after=2026-11-24T00:00:00~x~1",
        "/admin/payments?from=2026-02-30",
        "/admin/payments?status=refunded",
        "/admin/refunds?tab=all",
        f"/admin/refunds?after={'9' * 500}~1~1",
    ):
        assert (path, admin.get(path).status_code) == (path, 422)


def test_health_says_what_is_wrong_and_its_cure(story, admin):
    before = words(admin.get("/admin/health"))
    story.drain()

    after = words(admin.get("/admin/health"))

    assert "Start the worker" in before
    assert "Everything works." in after

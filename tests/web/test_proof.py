"""Before money moves, the password: typed within ten minutes, asked for without losing anything."""

import pytest

from efoy.models import LoginSession, Refund, User
from efoy.models.base import transaction
from efoy.services.passwords import hash_password
from tests.support.browser import FORM_SECRET, Browser, hidden, words
from tests.support.clinic import ADMIN

PASSWORD = "a password of an admin"


@pytest.fixture
def admin(app, story, clock):
    """The clinic's admin, who signed in by a link and typed no password yet."""
    with transaction("seed") as session:
        session.get_one(User, ADMIN).password_hash = hash_password(PASSWORD)
    return Browser(app, ADMIN, now=clock(), proved=False)


def review(story, admin):
    """Choose everything on the panel of a paid booking, and press Review."""
    path = f"/admin/bookings/{story.booking(story.booked()).ref}"
    available = hidden(admin.get(path), "available")
    answer = admin.post(
        f"{path}/refund",
        available=available,
        choice="full",
        reason="goodwill",
        message="Sorry & <thanks>",
    )
    return path, answer


def fields(page):
    """What the review page would send."""
    names = "amount_minor available reason message form_token proposal way handed_by".split()
    return {name: hidden(page, name) for name in names}


def test_a_refund_asks_for_the_password_and_comes_back_to_the_review(story, admin):
    path, page = review(story, admin)

    asked = admin.post(f"{path}/refund/confirm", **fields(page))
    again = admin.post(f"{path}/refund/confirm", **fields(asked), proof=PASSWORD)

    assert "Type your password again" in words(asked)
    assert fields(asked) == fields(page)
    assert "Refund $45.00 to Almaz Bekele?" in words(again)
    assert fields(again) == fields(page)
    assert story.rows(LoginSession)[0].proved_at == story.clock()
    assert story.rows(Refund) == []

    assert admin.post(f"{path}/refund/confirm", **fields(again)).status_code == 303
    assert len(story.rows(Refund)) == 1


def test_a_wrong_password_loses_nothing_and_moves_nothing(story, admin):
    path, page = review(story, admin)

    wrong = admin.post(f"{path}/refund/confirm", **fields(page), proof="a guess")

    assert wrong.status_code == 400
    assert "That is not your password" in words(wrong)
    assert fields(wrong) == fields(page)
    assert "a guess" not in wrong.text
    assert story.rows(Refund) == []


def test_five_wrong_passwords_end_the_sign_in(story, admin):
    path, page = review(story, admin)

    answers = [
        admin.post(f"{path}/refund/confirm", **fields(page), proof="a guess") for _ in range(5)
    ]
    after = admin.get("/admin")

    assert [answer.status_code for answer in answers] == [400] * 5
    assert after.location.startswith("/login")
    assert story.rows(Refund) == []


def test_the_password_is_fresh_for_ten_minutes(story, app, clock):
    browser = Browser(app, ADMIN, now=clock())
    path, page = review(story, browser)

    clock.advance(minutes=10)
    late = browser.post(f"{path}/refund/confirm", **fields(page))

    assert late.status_code == 200
    assert "Type your password again" in words(late)
    assert story.rows(Refund) == []


def test_signing_in_with_a_password_is_fresh_enough(story, admin, app, clock):
    browser = Browser(app, now=clock())
    browser.post("/login", email="admin@example.org", password=PASSWORD)
    with browser.client.session_transaction() as session:
        session["csrf_token"] = FORM_SECRET
    path, page = review(story, browser)

    assert browser.post(f"{path}/refund/confirm", **fields(page)).status_code == 303


def test_a_program_in_a_browser_needs_it_too(story, admin, app, clock):
    payment = story.payment_of(story.booked())

    answer = admin.send(
        "POST",
        f"/api/v1/payment/refund/{payment.checkout_ref}",
        json={"reason": "goodwill"},
        headers={"X-CSRFToken": admin.form_token, "Idempotency-Key": "once-and-no-more"},
    )

    assert (answer.status_code, answer.json["code"]) == (403, "password-needed")
    assert story.rows(Refund) == []

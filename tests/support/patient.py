"""What does a patient do in a browser: choose, hold, pay, come back? The forms as they are sent."""

from __future__ import annotations

from efoy.models import Booking
from tests.support.browser import words

FORM = {
    "doctor": "hana-tesfaye",
    "service": "see-the-doctor",
    "name": "Guest Visitor",
    "email": "guest@example.org",
    "phone": "240 555 0117",
}
NEW = "/bookings/new?doctor=hana-tesfaye&service=see-the-doctor&starts_at="


def iso(at) -> str:
    """An instant as forms carry it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def press_hold(browser, story, hours: float = 25, token: str = "a-token-of-this-form", **more):
    """Send the details form."""
    fields = {**FORM, "starts_at": iso(story.time(hours)), "form_token": token, **more}
    return browser.post("/bookings", **{k: v for k, v in fields.items() if v is not None})


def held_ref(answer) -> str:
    """The reference of a hold that was made."""
    assert answer.status_code == 303, words(answer)
    return answer.location.split("/")[2]


def press_pay(browser, ref: str, **more):
    """Press Pay on the review page."""
    return browser.post(f"/bookings/{ref}/pay", **more)


def attempt(story, ref: str):
    """The newest payment of the booking."""
    (booking,) = story.rows(Booking, ref=ref)
    return story.payment_of(booking.id)


def status(story, ref: str) -> str:
    """What the booking is now."""
    return story.rows(Booking, ref=ref)[0].status


def come_back(browser, story, ref: str):
    """Follow Stripe's way back after paying."""
    return browser.get(f"/pay/return?session_id={attempt(story, ref).checkout_ref}")


def step_back(browser, story, ref: str):
    """Leave the hosted page by its way back."""
    return browser.get(f"/pay/back?payment={attempt(story, ref).id}")

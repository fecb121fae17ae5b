"""Can somebody get an account, and does a stranger learn nothing on the way?"""

from __future__ import annotations

import pytest

from tests.support.account import (
    PASSWORD,
    REGISTRATION,
    Visitor,
    give_password,
    link_in,
    mail_goes_out,
    person,
    sign_in,
)
from tests.support.browser import words
from tests.support.clinic import ADMIN, DESK, DOCTOR, PATIENT


@pytest.fixture
def guest(app, clock):
    """Somebody without an account."""
    return Visitor(app, now=clock())


@pytest.fixture
def other(app, clock):
    """Somebody else, at another machine."""
    return Visitor(app, now=clock())


# -- registering --------------------------------------------------------------------------------


def test_a_guest_registers_confirms_by_mail_and_is_signed_in(app, guest, mailbox):
    sent = guest.post("/register", **REGISTRATION)
    told = guest.get("/register/sent")
    link = link_in(app, mailbox, "guest@example.org", "/confirm/")

    looked = guest.get(link)
    assert person(app, "guest@example.org").verified_at is None
    confirmed = guest.post(link)

    assert (sent.status_code, sent.location) == (303, "/register/sent")
    assert "We sent a link to guest@example.org" in words(told)
    assert "One press, and your account is ready" in words(looked)
    assert "Your address is confirmed" in words(confirmed)
    assert person(app, "guest@example.org").verified_at is not None
    assert "guest@example.org" in words(guest.get("/account"))


def test_a_mail_scanner_that_opens_the_link_uses_nothing_up(app, guest, other, mailbox):
    guest.post("/register", **REGISTRATION)
    link = link_in(app, mailbox, "guest@example.org", "/confirm/")

    answers = [other.get(link).status_code for _ in range(3)]
    answers.append(other.send("HEAD", link).status_code)

    assert answers == [200] * 4
    assert guest.post(link).status_code == 200


def test_a_confirmation_link_works_once(app, guest, mailbox):
    guest.post("/register", **REGISTRATION)
    link = link_in(app, mailbox, "guest@example.org", "/confirm/")

    guest.post(link)

    assert guest.get(link).status_code == 410
    assert guest.post(link).status_code == 410
    assert "This link has run out" in words(guest.get(link))


def test_a_confirmation_link_runs_out(app, guest, mailbox, clock):
    guest.post("/register", **REGISTRATION)
    link = link_in(app, mailbox, "guest@example.org", "/confirm/")

    clock.advance(hours=1, seconds=1)

    assert guest.get(link).status_code == 410
    assert guest.post(link).status_code == 410


def test_in_another_browser_the_link_asks_for_the_password(app, guest, other, mailbox):
    guest.post("/register", **REGISTRATION)
    link = link_in(app, mailbox, "guest@example.org", "/confirm/")

    wrong = other.post(link, password="not the password")
    right = other.post(link, password=PASSWORD)

    assert wrong.status_code == 400
    assert "Enter the password you chose" in words(wrong)
    assert right.status_code == 200
    assert other.get("/account").status_code == 200


def test_nobody_takes_over_an_address_whose_owner_only_clicks(app, guest, other, mailbox):
    """A stranger registers the address of somebody else, who then opens the mail."""
    guest.post("/register", **REGISTRATION)
    link = link_in(app, mailbox, "guest@example.org", "/confirm/")

    owner = other.post(link)

    assert owner.status_code == 400
    assert person(app, "guest@example.org").verified_at is None


def test_the_password_belongs_to_the_newest_link(app, guest, other, mailbox):
    """Two people register one address: the mail of the first cannot confirm the second's."""
    guest.post("/register", **REGISTRATION)
    first = link_in(app, mailbox, "guest@example.org", "/confirm/")
    other.post("/register", **(REGISTRATION | {"password": "a stranger's password"}))

    assert guest.post(first).status_code == 410


@pytest.mark.parametrize("known", ["ALMAZ@Example.org", "admin@example.org"])
def test_registering_a_known_address_looks_the_same_and_tells_only_its_owner(
    app, guest, other, mailbox, known
):
    before = person(app, known.lower())
    fresh = guest.post("/register", **REGISTRATION)
    taken = other.post("/register", **(REGISTRATION | {"email": known}))
    pages = [guest.get("/register/sent"), other.get("/register/sent")]
    mail_goes_out(app)

    assert (taken.status_code, taken.location) == (fresh.status_code, fresh.location)
    assert words(pages[1]).replace(known, "X") == words(pages[0]).replace("guest@example.org", "X")
    cookies = [browser.client.get_cookie("efoy").decoded_value for browser in (guest, other)]
    assert abs(len(cookies[0]) - len(cookies[1])) < 16
    assert person(app, known.lower()) == before
    assert len(mailbox.to(known.lower())) == 1
    assert "/confirm/" not in str(mailbox.to(known.lower())[0])


def test_one_address_is_not_flooded_with_mail(app, guest, mailbox):
    for _ in range(6):
        guest.post("/register", **REGISTRATION)
        guest.post("/register", **(REGISTRATION | {"email": "almaz@example.org"}))
    mail_goes_out(app)

    assert len(mailbox.to("guest@example.org")) <= 3
    assert len(mailbox.to("almaz@example.org")) == 3


def test_a_guests_booking_is_there_once_the_address_is_confirmed(app, story, guest, mailbox):
    held = story.hold(email="guest@example.org", name="Guest Visitor")

    guest.post("/register", **REGISTRATION)
    guest.post(link_in(app, mailbox, "guest@example.org", "/confirm/"))

    assert guest.get(f"/bookings/{held.ref}/review").status_code == 200


def test_after_confirming_one_goes_on_where_one_wanted_to_go(app, guest, mailbox):
    guest.post("/register", **(REGISTRATION | {"next": "/doctors/hana-tesfaye"}))

    page = guest.post(link_in(app, mailbox, "guest@example.org", "/confirm/"))

    assert 'href="/doctors/hana-tesfaye"' in page.text


WRONG = {
    "name": ["", " ", "x" * 121, "Al\x07maz", "x" * 5000],
    "email": ["", "a", "a@b", "a b@c.org", "a@b.org\nBcc: x@y.org", "a@b@c.org", "x" * 300],
    "phone": ["", "1", "phone", "+", "1" * 40, "240 555 0117; rm", "٠١٢٣٤٥٦٧٨٩"],
    "password": ["", "short", "x" * 129, "passwordpassword", "123456789012", "guest@example.org"],
}


@pytest.mark.parametrize("field", WRONG)
def test_what_is_typed_wrong_comes_back_with_words_and_all_the_rest(app, guest, field):
    kept = {name: typed for name, typed in REGISTRATION.items() if name not in {field, "password"}}

    for value in WRONG[field]:
        page = guest.post("/register", **(REGISTRATION | {field: value}))

        assert page.status_code == 400, value
        assert "There is a problem" in words(page)
        assert all(f'value="{typed}"' in page.text for typed in kept.values())
        assert PASSWORD not in page.text
    assert person(app, "guest@example.org") is None


# -- signing in ---------------------------------------------------------------------------------


HOMES = [
    (PATIENT, "almaz@example.org", "/bookings"),
    (DOCTOR, "hana@example.org", "/doctor"),
    (DESK, "desk@example.org", "/desk"),
    (ADMIN, "admin@example.org", "/admin"),
]


def test_everyone_lands_on_their_own_page(app, clock):
    for who, address, home in HOMES:
        give_password(app, who)
        browser = Visitor(app, now=clock())

        answer = sign_in(browser, address)

        assert (answer.status_code, answer.location) == (303, home)
        assert browser.get(home).status_code == 200


def test_the_page_one_wanted_is_kept(app, guest):
    give_password(app, ADMIN)

    asked = guest.get("/admin/bookings?status=held")
    page = guest.get(asked.location)
    answer = sign_in(guest, "admin@example.org", next="/admin/bookings?status=held")

    assert asked.status_code == 303
    assert 'name="next" value="/admin/bookings?status=held"' in page.text
    assert answer.location == "/admin/bookings?status=held"


def test_an_address_counts_once_whatever_its_case(app, guest):
    give_password(app, PATIENT)

    assert sign_in(guest, " Almaz@EXAMPLE.org ").status_code == 303


def test_a_wrong_password_and_an_unknown_address_look_the_same(app, guest):
    give_password(app, PATIENT)

    wrong = sign_in(guest, "almaz@example.org", "not the password")
    unknown = sign_in(guest, "nobody@example.org", "not the password")
    guest_row = sign_in(guest, "daniel@example.org", "not the password")

    assert {wrong.status_code, unknown.status_code, guest_row.status_code} == {401}
    texts = {
        words(page).replace(address, "X")
        for page, address in (
            (wrong, "almaz@example.org"),
            (unknown, "nobody@example.org"),
            (guest_row, "daniel@example.org"),
        )
    }
    assert len(texts) == 1
    assert "do not go together" in texts.pop()
    assert 'value="almaz@example.org"' in wrong.text
    assert "not the password" not in wrong.text


def test_an_unconfirmed_address_gets_its_link_again(app, guest, mailbox):
    guest.post("/register", **REGISTRATION)

    answer = sign_in(guest, "guest@example.org")
    mail_goes_out(app)

    assert answer.status_code == 403
    assert "Confirm your address first" in words(answer)
    assert guest.get("/account").status_code == 303
    assert mailbox.to("guest@example.org")


def test_ten_wrong_tries_pause_the_account_for_strangers_only(app, guest, other, clock):
    give_password(app, PATIENT)
    sign_in(guest, "almaz@example.org")
    guest.post("/logout")
    for _ in range(10):
        sign_in(other, "almaz@example.org", "not the password")

    shut_out = sign_in(other, "almaz@example.org")
    owner = sign_in(guest, "almaz@example.org")

    assert shut_out.status_code == 401
    assert owner.status_code == 303


def test_a_pause_ends_after_a_quarter_of_an_hour_and_survives_a_restart(app, other, clock):
    give_password(app, PATIENT)
    for _ in range(10):
        sign_in(other, "almaz@example.org", "not the password")

    assert person(app, "almaz@example.org").locked_until is not None
    clock.advance(minutes=14)
    assert sign_in(other, "almaz@example.org").status_code == 401
    clock.advance(minutes=2)
    assert sign_in(other, "almaz@example.org").status_code == 303


def test_somebody_signed_in_stays_so_while_strangers_guess(app, guest, other):
    give_password(app, PATIENT)
    sign_in(guest, "almaz@example.org")

    for _ in range(12):
        sign_in(other, "almaz@example.org", "not the password")

    assert guest.get("/account").status_code == 200


def test_old_hashes_are_renewed_when_their_owner_signs_in(app, guest):
    from argon2 import PasswordHasher
    from sqlalchemy import update

    from efoy.models import User
    from efoy.models.base import transaction
    from efoy.services.passwords import out_of_date

    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with app.app_context(), transaction("seed") as session:
        session.execute(update(User).where(User.id == PATIENT).values(password_hash=cheap))

    sign_in(guest, "almaz@example.org")

    kept = person(app, "almaz@example.org").password_hash
    assert kept != cheap
    assert not out_of_date(kept)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


NONSENSE = [
    ("", ""),
    ("almaz@example.org", ""),
    ("no address", PASSWORD),
    ("a\x00b@example.org", PASSWORD),
    ("almaz@example.org", "x" * 2000),
    ("x" * 400 + "@example.org", PASSWORD),
]


def test_nonsense_at_the_door_is_answered_in_words(guest):
    for email, password in NONSENSE:
        assert sign_in(guest, email, password).status_code == 400


def test_a_disabled_account_is_like_no_account_and_its_sign_ins_end_at_once(app, guest, clock):
    from sqlalchemy import update

    from efoy.models import User
    from efoy.models.base import transaction

    give_password(app, PATIENT)
    sign_in(guest, "almaz@example.org")
    with app.app_context(), transaction("seed") as session:
        session.execute(update(User).where(User.id == PATIENT).values(disabled_at=clock()))

    assert guest.get("/account").status_code == 303
    assert sign_in(guest, "almaz@example.org").status_code == 401

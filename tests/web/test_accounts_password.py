"""Is a password changed only by its owner, and does every old way in end with it?"""

from __future__ import annotations

import re

import pytest

from efoy.services import accounts
from tests.support.account import (
    NEW_PASSWORD,
    PASSWORD,
    Visitor,
    give_password,
    link_in,
    mail_goes_out,
    person,
    sign_in,
)
from tests.support.browser import words
from tests.support.clinic import ADMIN, PATIENT


@pytest.fixture
def almaz(app, clock):
    """A patient with a password, signed in."""
    give_password(app, PATIENT)
    return Visitor(app, PATIENT, now=clock())


@pytest.fixture
def phone(app, clock, almaz):
    """The same patient on another machine."""
    return Visitor(app, PATIENT, now=clock())


@pytest.fixture
def stranger(app, clock):
    """Somebody without an account."""
    return Visitor(app, now=clock())


def signed_in(browser) -> bool:
    """Whether the browser is still somebody's."""
    return browser.get("/account").status_code == 200


# -- forgotten ----------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_by_a_link_good_once(app, almaz, phone, stranger, mailbox):
    asked = stranger.post("/reset", email="almaz@example.org")
    told = stranger.get("/reset/sent")
    link = link_in(app, mailbox, "almaz@example.org", "/reset/")

    looked = [stranger.get(link).status_code for _ in range(2)]
    done = stranger.post(link, password=NEW_PASSWORD)

    assert (asked.status_code, asked.location) == (303, "/reset/sent")
    assert "If almaz@example.org belongs to an account" in words(told)
    assert looked == [200, 200]
    assert (done.status_code, done.location) == (303, "/bookings")
    assert signed_in(stranger)
    assert not signed_in(almaz)
    assert not signed_in(phone)
    assert stranger.get(link).status_code == 410
    assert stranger.post(link, password=PASSWORD).status_code == 410
    assert sign_in(phone, "almaz@example.org", PASSWORD).status_code == 401
    assert sign_in(phone, "almaz@example.org", NEW_PASSWORD).status_code == 303


def test_a_reset_link_lasts_half_an_hour(app, stranger, mailbox, clock):
    stranger.post("/reset", email="almaz@example.org")
    link = link_in(app, mailbox, "almaz@example.org", "/reset/")

    clock.advance(minutes=29)
    assert stranger.get(link).status_code == 200
    clock.advance(minutes=1)
    assert stranger.get(link).status_code == 410
    assert stranger.post(link, password=NEW_PASSWORD).status_code == 410


def test_only_the_newest_reset_link_works(app, stranger, mailbox):
    stranger.post("/reset", email="almaz@example.org")
    first = link_in(app, mailbox, "almaz@example.org", "/reset/")
    stranger.post("/reset", email="almaz@example.org")
    second = link_in(app, mailbox, "almaz@example.org", "/reset/")

    assert first != second
    assert stranger.get(first).status_code == 410
    assert stranger.get(second).status_code == 200


def test_asking_for_an_unknown_address_looks_the_same_and_sends_nothing(app, stranger, mailbox):
    known = stranger.post("/reset", email="almaz@example.org")
    known_page = words(stranger.get("/reset/sent"))
    unknown = stranger.post("/reset", email="nobody@example.org")
    unknown_page = words(stranger.get("/reset/sent"))
    mail_goes_out(app)

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert known_page.replace("almaz@", "X@") == unknown_page.replace("nobody@", "X@")
    assert mailbox.to("nobody@example.org") == []


def test_an_easy_password_does_not_use_the_link_up(app, stranger, mailbox):
    stranger.post("/reset", email="almaz@example.org")
    link = link_in(app, mailbox, "almaz@example.org", "/reset/")

    for easy in ("", "short", "password1234", "x" * 200):
        answer = stranger.post(link, password=easy)
        assert answer.status_code == 400
        assert "There is a problem" in words(answer)

    assert stranger.post(link, password=NEW_PASSWORD).status_code == 303


def test_a_password_is_taken_as_it_is_typed(app, stranger, mailbox):
    odd = '  <b>ሰላም & "quotes" \' \t end  '
    stranger.post("/reset", email="almaz@example.org")
    stranger.post(link_in(app, mailbox, "almaz@example.org", "/reset/"), password=odd)
    stranger.post("/logout")

    assert sign_in(stranger, "almaz@example.org", odd.strip()).status_code == 401
    assert sign_in(stranger, "almaz@example.org", odd).status_code == 303


def test_a_made_up_link_has_run_out_like_any_other(stranger):
    for path in ("/reset/x", "/confirm/x", "/reset/IjEi.abc", "/confirm/%00"):
        assert stranger.get(path).status_code in {404, 410}
        assert stranger.post(path, password=NEW_PASSWORD).status_code in {404, 410}


def test_the_link_of_one_page_opens_no_other(app, stranger, mailbox):
    stranger.post("/reset", email="almaz@example.org")
    token = link_in(app, mailbox, "almaz@example.org", "/reset/").removeprefix("/reset/")

    assert stranger.get(f"/confirm/{token}").status_code == 410
    assert stranger.post(f"/confirm/{token}").status_code == 410


def test_a_reset_wakes_a_pausing_account(app, almaz, stranger, mailbox):
    for _ in range(10):
        sign_in(stranger, "almaz@example.org", "not the password")
    stranger.post("/reset", email="almaz@example.org")

    stranger.post(link_in(app, mailbox, "almaz@example.org", "/reset/"), password=NEW_PASSWORD)

    assert person(app, "almaz@example.org").locked_until is None


def test_mails_lead_to_the_configured_address_whatever_the_request_says(app, stranger, mailbox):
    token = re.search(r'csrf_token" value="([^"]+)', stranger.get("/reset").text)[1]
    cookie = stranger.client.get_cookie("efoy").decoded_value
    stranger.client.set_cookie("efoy", cookie, domain="evil.example")
    poisoned = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    stranger.send(
        "POST",
        "/reset",
        data={"email": "almaz@example.org", "csrf_token": token},
        headers=poisoned,
    )
    mail_goes_out(app)

    assert mailbox.to("almaz@example.org")
    assert "evil.example" not in str(mailbox.messages)
    assert "http://127.0.0.1:8000/reset/" in mailbox.messages[-1].as_string().replace("=\n", "")


# -- changed ------------------------------------------------------------------------------------


def test_changing_the_password_ends_every_other_sign_in(almaz, phone):
    done = almaz.post("/account/password", current=PASSWORD, password=NEW_PASSWORD)

    assert (done.status_code, done.location) == (303, "/account")
    assert "Your password is changed" in words(almaz.get("/account"))
    assert not signed_in(phone)
    assert sign_in(phone, "almaz@example.org", NEW_PASSWORD).status_code == 303


def test_changing_it_needs_the_present_one(almaz, phone):
    wrong = almaz.post("/account/password", current="a guess at it", password=NEW_PASSWORD)
    easy = almaz.post("/account/password", current=PASSWORD, password="short")

    assert (wrong.status_code, easy.status_code) == (400, 400)
    assert "That is not your present password" in words(wrong)
    assert "Use at least 12 characters" in words(easy)
    assert signed_in(phone)


# -- signed in, and out -------------------------------------------------------------------------


def test_signing_out_kills_the_old_cookie(app, almaz):
    before = almaz.client.get_cookie("efoy").value

    answer = almaz.post("/logout")

    assert answer.status_code == 303
    assert "storage" in answer.headers["Clear-Site-Data"]
    assert not signed_in(almaz)
    almaz.client.set_cookie("efoy", before)
    assert not signed_in(almaz)


def test_signing_in_gives_a_new_name_to_the_browser(app, almaz, stranger):
    """A cookie planted beforehand is worth nothing afterwards."""
    stranger.get("/login")
    planted = stranger.client.get_cookie("efoy").value

    sign_in(stranger, "almaz@example.org")

    assert stranger.client.get_cookie("efoy").value != planted
    stranger.client.set_cookie("efoy", planted)
    assert not signed_in(stranger)


def test_a_patient_stays_signed_in_for_two_idle_weeks_and_a_month_at_most(almaz, clock):
    for _ in range(29):
        clock.advance(days=1)
        assert signed_in(almaz)
    clock.advance(days=1, minutes=1)
    assert not signed_in(almaz)


def test_an_idle_patient_is_signed_out_after_two_weeks(almaz, clock):
    clock.advance(days=14, minutes=2)

    assert not signed_in(almaz)


def test_staff_are_signed_out_after_half_an_hour_idle_and_twelve_hours_at_most(app, clock):
    idle, busy = Visitor(app, ADMIN, now=clock()), Visitor(app, ADMIN, now=clock())
    for _ in range(25):
        clock.advance(minutes=28)
        assert signed_in(busy)
    assert not signed_in(idle)
    clock.advance(minutes=21)
    assert not signed_in(busy)


def test_the_account_page_lists_sign_ins_and_ends_one_or_all_others(app, almaz, phone, clock):
    third = Visitor(app, PATIENT, now=clock())
    page = almaz.get("/account")
    devices = re.findall(r'name="device" value="([0-9a-f]{16})"', page.text)

    one = almaz.post("/account/sign-out-others", device=devices[0])

    assert len(devices) == 2
    assert one.status_code == 303
    assert sorted([signed_in(phone), signed_in(third)]) == [False, True]
    almaz.post("/account/sign-out-others")
    assert not signed_in(phone)
    assert not signed_in(third)
    assert signed_in(almaz)


def test_nobody_ends_the_sign_ins_of_somebody_else(app, almaz, clock):
    admin = Visitor(app, ADMIN, now=clock())
    theirs = almaz.get("/account").text
    assert "device" in theirs
    mark = re.search(r'name="device" value="([0-9a-f]{16})"', theirs)

    admin.post("/account/sign-out-others", device=mark[1] if mark else "0" * 16)

    assert signed_in(almaz)


def test_details_are_changed_and_wrong_ones_come_back(app, almaz):
    done = almaz.post("/account", name="Almaz B. Bekele", phone="+1 240 555 0118")
    wrong = almaz.post("/account", name="", phone="+1 240 555 0119")

    assert done.status_code == 303
    assert wrong.status_code == 400
    assert "Enter your name" in words(wrong)
    assert 'value="+1 240 555 0119"' in wrong.text
    row = person(app, "almaz@example.org")
    assert (row.name, row.phone) == ("Almaz B. Bekele", "+1 240 555 0118")


def test_role_address_and_id_sent_along_change_nothing(app, almaz):
    before = person(app, "almaz@example.org")

    almaz.post(
        "/account",
        name=before.name,
        phone="240 555 0117",
        role="admin",
        email="evil@example.org",
        id=ADMIN,
        user_id=ADMIN,
        verified_at="",
        is_admin="1",
    )

    changed = dict(person(app, "almaz@example.org")._mapping)
    assert changed == {**before._mapping, "phone": "240 555 0117"}


# -- the first admin ----------------------------------------------------------------------------


def test_the_first_admin_chooses_a_password_by_a_link(app, stranger, clock):
    with app.app_context():
        from efoy.web.links import link_address

        link_id = accounts.create_admin("New.Admin@example.org", now=clock())
        link = link_address(link_id).removeprefix("http://127.0.0.1:8000")

    page = stranger.get(link)
    done = stranger.post(link, password=NEW_PASSWORD)

    assert "Choose a password" in words(page)
    assert (done.status_code, done.location) == (303, "/admin")
    assert person(app, "new.admin@example.org").role == "admin"


def test_a_patient_is_never_made_an_admin_by_the_way(app, clock):
    from efoy.domain.errors import InvalidValue

    with app.app_context():
        for address in ("almaz@example.org", "hana@example.org", "nonsense", "@", ""):
            with pytest.raises(InvalidValue):
                accounts.create_admin(address, now=clock())


def test_making_the_admin_again_gives_a_fresh_link(app, stranger, clock):
    with app.app_context():
        from efoy.web.links import link_address

        links = [
            link_address(accounts.create_admin("boss@example.org", now=clock())).removeprefix(
                "http://127.0.0.1:8000"
            )
            for _ in range(2)
        ]

    assert [stranger.get(link).status_code for link in links] == [410, 200]

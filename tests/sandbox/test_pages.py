"""What does a payer see on the hosted page, and where do the buttons lead?"""

import pytest
from werkzeug.test import Client


@pytest.fixture
def browser(box):
    return Client(box.wsgi)


def page_of(session):
    return f"/c/pay/{session.id}"


def test_the_page_shows_what_is_paid_and_that_it_is_a_sandbox(clinic, browser):
    answer = browser.get(page_of(clinic.checkout()))

    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    for words in ("Sandbox – no real money", "Pay 45.00 USD", "Appointment", "4242 4242 4242 4242"):
        assert words in text
    assert "stripe" not in text.lower()


def test_its_policy_allows_no_script_and_names_where_a_form_may_lead(clinic, browser):
    session = clinic.checkout(success_url="https://a.test/ok", cancel_url="https://b.test:8/no")

    policy = browser.get(page_of(session)).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "form-action 'self' https://a.test https://b.test:8" in policy


@pytest.mark.parametrize(
    "typed", [{"card": "4242 4242 4242 4242"}, {"test_card": "4242424242424242"}]
)
def test_a_card_may_be_typed_or_chosen(clinic, browser, typed):
    session = clinic.checkout()
    form = {**typed, "exp": "12/40", "cvc": "123", "name": "A", "save": "", "action": "pay"}

    answer = browser.post(page_of(session), data=form)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://clinic.test/back?s={session.id}"
    assert clinic.look(session).status == "complete"


def test_after_a_mistyped_number_the_choice_of_a_test_card_counts(clinic, browser):
    session = clinic.checkout()
    typed = {"card": "4242424242424241", "test_card": "4242424242424242"}
    text = browser.post(page_of(session), data=typed).get_data(as_text=True)
    assert 'name="was_card" value="4242424242424241"' in text

    was = {"was_card": typed["card"], "was_test_card": typed["test_card"]}
    again = browser.post(page_of(session), data={**typed, **was})
    chosen = {**typed, **was, "test_card": "4000000000000002"}

    assert again.status_code == 422
    assert browser.post(page_of(session), data=chosen).status_code == 402


def test_pressing_twice_leads_to_the_same_place(clinic, browser):
    session = clinic.checkout()
    form = {"card": "4242424242424242", "action": "pay"}

    first, second = (browser.post(page_of(session), data=form) for _ in range(2))

    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])
    assert len(clinic.v1.charges.list().data) == 1


def test_a_decline_is_announced_and_what_was_typed_stays(clinic, browser):
    form = {"card": "4000000000000002", "exp": "11/39", "cvc": "321", "name": "<A>"}

    answer = browser.post(page_of(clinic.checkout()), data=form)

    text = answer.get_data(as_text=True)
    assert answer.status_code == 402
    assert 'role="alert"' in text
    assert "Your card was declined." in text
    assert 'value="11/39"' in text
    assert "&lt;A&gt;" in text


def test_a_mistyped_field_is_marked(clinic, browser):
    form = {"card": "4242424242424242", "cvc": "1"}

    answer = browser.post(page_of(clinic.checkout()), data=form)

    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count('aria-invalid="true"') == 1


def test_a_check_by_the_bank_survives_a_reload(clinic, browser):
    session = clinic.checkout()
    browser.post(page_of(session), data={"card": "4000002760003184"})

    assert "Complete the check" in browser.get(page_of(session)).get_data(as_text=True)
    answer = browser.post(page_of(session), data={"action": "3ds-complete"})

    assert answer.status_code == 303
    assert clinic.look(session).payment_status == "paid"


def test_back_leads_back_and_changes_nothing(clinic, browser):
    session = clinic.checkout()

    answer = browser.post(page_of(session), data={"action": "back"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "http://clinic.test/no")
    assert clinic.look(session).status == "open"


def test_a_page_left_open_after_the_end_takes_no_money(clinic, browser):
    session = clinic.checkout()
    clinic.later(36 * 60)

    answer = browser.post(page_of(session), data={"card": "4242424242424242"})

    assert answer.status_code == 410
    assert "Nothing was charged" in answer.get_data(as_text=True)
    assert clinic.v1.charges.list().data == []


def test_a_finished_checkout_says_so(clinic, browser):
    session = clinic.checkout()
    clinic.box.pay(session.id)

    assert "cannot be paid a second time" in browser.get(page_of(session)).get_data(as_text=True)


def test_a_bank_debit_is_offered_only_when_it_is_switched_on(clinic, browser):
    before = clinic.checkout()
    clinic.box.control("methods", {"delayed": True})
    after = clinic.checkout()

    assert "bank debit" not in browser.get(page_of(before)).get_data(as_text=True)
    assert "bank debit" in browser.get(page_of(after)).get_data(as_text=True)
    assert browser.post(page_of(after), data={"action": "bank"}).status_code == 303
    assert clinic.look(after).payment_status == "unpaid"


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [("/c/pay/cs_test_none", {}, 404), ("/c/pay/pi_1", {}, 404), (None, {"action": "steal"}, 400)],
)
def test_nonsense_is_refused(clinic, browser, path, form, status):
    path = path or page_of(clinic.checkout())

    assert browser.post(path, data=form).status_code == status


def test_another_sites_form_is_refused(clinic, browser):
    session = clinic.checkout()
    foreign = {"Origin": "https://evil.test"}

    for path in (page_of(session), "/_control/reset", "/pull"):
        assert browser.post(path, data={}, headers=foreign).status_code == 403

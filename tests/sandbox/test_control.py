"""Do the levers move what they name, for programs and for people?"""

import pytest
from werkzeug.test import Client


def test_the_clock_is_moved_and_what_falls_due_is_done(clinic):
    session = clinic.checkout()

    clinic.box.control("clock", {"advance": 35 * 60})

    assert clinic.look(session).status == "expired"


def test_what_is_planned_can_be_done_at_once_without_moving_the_clock(clinic):
    intent = clinic.paid()

    clinic.box.later()

    assert clinic.v1.charges.retrieve(intent.latest_charge.id).balance_transaction
    assert clinic.v1.balance_transactions.list().data[0].created == clinic.clock.now


def test_many_checkouts_are_made_paid_and_expired_quickly(clinic):
    made = clinic.box.control("sessions", {"count": 20, "amount": 900, "currency": "eur"})
    paid = clinic.box.control("pay", {"count": 5})
    one = clinic.box.control(f"sessions/{made[7]}/pay", {"card": "4000000000000002"})
    ended = clinic.box.control("expire", {"sessions": made})

    assert [p["session"] for p in paid] == made[:5]
    assert (one["kind"], one["code"]) == ("declined", "generic_decline")
    assert ended == made[5:]


def test_reset_forgets_everything(clinic):
    clinic.paid(key="one")
    clinic.box.control("clock", {"advance": 60})
    clinic.box.control("webhooks", {"mode": "hold"})

    clinic.box.control("reset", {})

    journal = clinic.box.control("journal")
    assert (journal["requests"], journal["deliveries"]) == ([], [])
    assert not any(journal["objects"].values())
    assert journal["clock"] == clinic.clock.now
    assert clinic.checkout(key="one").status == "open"


def test_the_journal_can_be_narrowed(clinic):
    clinic.paid()
    clinic.checkout()

    journal = clinic.box.control("journal?only=requests,charge&since=1")

    assert set(journal) == {"clock", "requests", "objects"}
    assert list(journal["objects"]) == ["charge"]
    assert [r["method"] for r in journal["requests"]] == ["GET", "POST"]


def test_ten_thousand_objects_are_told_from_kept_texts(clinic):
    clinic.box.control("sessions", {"count": 10_000})
    clinic.box.control("journal?only=checkout.session")
    kept = [r.text for r in clinic.box.state.shelves["checkout.session"]]

    journal = clinic.box.control("journal?only=checkout.session")

    assert len(journal["objects"]["checkout.session"]) == 10_000
    again = [r.text for r in clinic.box.state.shelves["checkout.session"]]
    assert all(a is b for a, b in zip(kept, again, strict=True))


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("nothing", {}),
        ("clock", {"advance": "soon"}),
        ("clock", []),
        ("webhooks", {"mode": "lose"}),
        ("deliver", {"ids": ["evt_none"]}),
        ("pay", {"session": "cs_none"}),
        ("delayed", {"session": "cs_none"}),
        ("dashboard/refund", {"payment_intent": "pi_none"}),
        ("disputes", {"charge": "ch_none"}),
        ("disputes/du_none/close", {"status": "won"}),
        ("refunds/re_none/fail", {}),
    ],
)
def test_a_lever_that_cannot_move_says_so(clinic, path, payload):
    with pytest.raises(ValueError, match="error"):
        clinic.box.control(path, payload)


def test_people_find_everything_on_the_desk(clinic):
    intent = clinic.paid()
    refund = clinic.refund(intent, 100)
    open_one = clinic.checkout()
    browser = Client(clinic.box.wsgi)

    text = browser.get("/").get_data(as_text=True)

    assert "Sandbox – no real money" in text
    assert "stripe" not in text.lower().replace("/v1/", "")
    for words in (f"/c/pay/{open_one.id}", f"/objects/{refund.id}", "checkout.session.completed"):
        assert words in text
    assert intent.id in browser.get(f"/objects/{intent.id}").get_data(as_text=True)
    assert browser.get("/objects/none").status_code == 404


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"lever": "clock", "advance": "60"}, "clock"),
        ({"lever": "webhooks", "mode": "hold", "delay": "0"}, "webhooks"),
        (
            {"lever": "faults", "method": "GET", "path": "/v1/x", "action": "429", "nth": "1"},
            "faults",
        ),
        ({"lever": "no-faults"}, "faults"),
        ({"lever": "methods", "delayed": ""}, "methods"),
        ({"lever": "deliver", "order": "reverse"}, "deliver"),
        ({"lever": "reset"}, "reset"),
    ],
)
def test_the_buttons_of_the_desk_pull_the_same_levers(clinic, form, said):
    answer = Client(clinic.box.wsgi).post("/pull", data=form)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/?done={said}")


def test_the_desk_refunds_disputes_and_says_what_did_not_work(clinic):
    intent = clinic.paid()
    browser = Client(clinic.box.wsgi)
    refund = {"lever": "dashboard/refund", "payment_intent": intent.id, "amount": "100"}

    assert browser.post("/pull", data=refund).status_code == 303
    dispute = {"lever": "disputes", "charge": intent.latest_charge.id}
    assert browser.post("/pull", data=dispute).status_code == 303
    answer = browser.post("/pull", data=refund)

    assert answer.status_code == 400
    assert "has been charged back" in answer.get_data(as_text=True)

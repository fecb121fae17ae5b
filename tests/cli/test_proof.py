"""Does the installation say what is so: check, export-state, replay, diagrams, preflight?"""

from __future__ import annotations

import json

import pytest

from efoy.cli.drawing import FOLDER, diagrams
from efoy.failpoints import NAMES
from efoy.queries.invariants.beside_stripe import check_beside_stripe
from tests.support.moves import move

SECTIONS = (
    "clock bookings moves payments refunds disputes payouts ledger stripe_events outbox receipts"
    " audit users"
).split()
KEYS = {
    "bookings": "id ref patient_id doctor_id service_id starts_at ends_at status hold_expires_at"
    " price overbooked claims",
    "moves": "id booking_id status from to price difference payment_id",
    "payments": "id booking_id method status amount checkout_ref intent_ref charge_ref"
    " idempotency_key fee net taken_by purpose",
    "refunds": "id payment_id amount status origin refund_ref reason actor",
    "ledger": "transaction account minor currency cause",
    "stripe_events": "id type status",
    "outbox": "id kind subject_ref address_hash status message_id",
    "receipts": "number kind payment_id refund_id",
    "audit": "seq object id before after actor role door at",
    "users": "id role disabled",
}


def exported(run) -> dict:
    return json.loads(run("export-state").stdout)


def test_the_export_has_exactly_the_promised_shape(story, run):
    booking = story.booked()
    move(story, booking, story.time(26))
    story.refund(story.payment_of(booking).id, 1000)
    story.deliver()

    state = exported(run)

    assert list(state) == SECTIONS
    for name, keys in KEYS.items():
        assert list(state[name][0]) == keys.split(), name


def test_a_booking_is_exported_with_its_price_and_its_cells(story, run):
    story.booked()

    (booking,) = exported(run)["bookings"]

    assert booking["price"] == {"minor": 4500, "currency": "USD"}
    assert booking["claims"][0] == booking["starts_at"]
    assert len(booking["claims"]) == 4


def test_cells_stand_with_their_own_booking(story, run):
    story.booked(story.time(25))
    story.booked(story.time(26), doctor="samuel-mwangi")
    dropped = story.hold(story.time(30)).id
    story.cancel(dropped)

    found = {each["id"]: each for each in exported(run)["bookings"]}

    assert found.pop(dropped)["claims"] == []
    assert all(each["claims"][0] == each["starts_at"] for each in found.values())


def test_the_export_names_nobody_and_no_secret(story, run):
    story.booked()

    text = run("export-state").stdout

    for private in ("almaz@example.org", "Almaz", "whsec_", "sk_test", "+12405550117"):
        assert private not in text


def test_messages_applied_again_change_nothing(story, run):
    story.booked()
    story.deliver()
    before = exported(run)

    for seed in ("1", "2", "3"):
        said = run("events", "replay", "--seed", seed).stdout

    assert "applied again" in said
    assert exported(run) == before


def test_messages_of_one_booking_are_found_by_its_reference(story, run):
    first = story.booking(story.booked()).ref
    story.deliver()
    story.booked(story.time(48))
    story.deliver()

    assert "NOB-ODY" in run("events", "replay", "--booking", "NOB-ODY", fails=True).output
    one = int(run("events", "replay", "--booking", first).stdout.split()[0])
    every = int(run("events", "replay").stdout.split()[0])

    assert 0 < one < every


def test_check_says_nothing_where_all_is_well(story, run):
    story.booked()

    outcome = run("check")

    assert outcome.stdout == ""


@pytest.mark.planted
def test_check_prints_one_line_for_each_violation_and_fails(story, run):
    booking = story.booked()
    story.run_sql("UPDATE bookings SET zone = 'Mars/Olympus'")

    outcome = run("check", fails=True)

    assert outcome.stdout == f"B3 {booking}: its zone Mars/Olympus does not exist\n"


def test_check_beside_stripe_finds_the_two_alike(story, run):
    booking = story.booked()
    story.deliver()
    story.refund(story.payment_of(booking).id, 1000)
    story.work()
    story.deliver()
    story.wait(hours=2)

    assert run("check", "--stripe").stdout == ""


@pytest.mark.planted
def test_check_beside_stripe_finds_a_charge_nobody_here_knows(story, run):
    booking = story.booked()
    payment = story.payment_of(booking)
    story.wait(hours=2)
    story.run_sql("UPDATE payments SET charge_ref = 'ch_other'")

    found = run("check", "--stripe", fails=True).stdout

    assert f"M2 {payment.id}: Stripe has no captured charge ch_other" in found
    assert f"M2 {payment.charge_ref}: Stripe captured it, and no payment here has it" in found


def test_check_beside_stripe_finds_a_refund_made_elsewhere(story, run):
    payment = story.payment_of(story.booked())
    story.box.control("dashboard/refund", {"payment_intent": payment.intent_ref, "amount": 700})
    story.clock.advance(hours=2)

    assert "R1 re_" in run("check", "--stripe", fails=True).stdout


@pytest.mark.planted
@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("UPDATE payments SET captured_minor = 1", "M2"),
        ("UPDATE refunds SET amount_minor = 7", "M5"),
        ("UPDATE refunds SET status = 'pending'", "M5"),
        ("UPDATE payments SET amount_minor = 7", "M9"),
        ("UPDATE payments SET live = NOT live", "M10"),
        ("UPDATE payments SET charge_ref = 'ch_other', settled_currency = currency", "M7"),
    ],
)
def test_check_beside_stripe_sees_each_difference(story, run, broken, code):
    booking = story.booked()
    story.refund(story.payment_of(booking).id, 1000)
    story.work()
    story.deliver()
    story.wait(hours=2)
    story.run_sql(broken)

    found = check_beside_stripe(story.stripe.gateway, now=story.clock())

    assert code in {violation.code for violation in found}


@pytest.mark.planted
def test_check_beside_stripe_sees_a_time_given_up_while_payable(story):
    held = story.hold()
    story.open(held.id)
    story.run_sql("UPDATE bookings SET status = 'expired'")

    found = check_beside_stripe(story.stripe.gateway, now=story.clock())

    assert [violation.code for violation in found] == ["B5"]


def test_check_beside_stripe_says_so_when_nobody_answers(story, run):
    story.booked()

    with story.stripe_away():
        outcome = run("check", "--stripe", fails=True)

    assert "could not be asked" in outcome.output


def test_preflight_names_what_is_unfit_and_fails(story, run):
    said = run("preflight", fails=True).stdout

    assert "EFOY_ENV is test" in said
    assert "https" in said
    assert "worker is not running" in said


def test_reconcile_settles_what_no_message_told(story, run):
    held = story.hold()
    story.pay(held.id)

    said = run("reconcile").stdout

    assert story.booking(held.id).status == "confirmed"
    assert "open checkouts looked at: 1" in said


def test_reconcile_fails_when_stripe_is_away(story, run):
    story.hold()

    with story.stripe_away():
        assert "not done" in run("reconcile", fails=True).output


def test_every_failpoint_is_listed(run):
    assert run("failpoints").stdout.split() == list(NAMES)


def test_the_diagrams_are_those_of_the_tables():
    drawn = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}

    assert drawn == diagrams()

"""Who gives money back: one person up to a limit, two above it, a hand where Stripe cannot."""

import pytest

from efoy.domain.errors import InvalidValue, NotFound, RefundRefused, StaleAmount
from efoy.domain.refund import RefundStatus
from efoy.domain.refund_way import RefundWay, Wish
from efoy.domain.role import Actor, Door, Role
from efoy.models import Alert, AuditEntry, OutboxMessage, Payment, RefundWish, User
from efoy.models.base import lock, transaction
from efoy.services import alerts, refund_by_hand, refunds
from efoy.services.proposals import approve_refund, ask_back
from efoy.services.refund_by_hand import Hand
from efoy.services.refund_decisions import decline_refund, give_other_amount
from efoy.services.refund_wishes import answer_wish, ask_patient
from tests.support.clinic import ADMIN, DESK, PATIENT
from tests.support.story import AS_ADMIN, AS_PATIENT, FAILING_REFUND

pytestmark = pytest.mark.story
SECOND = "admin-second"
AS_SECOND = Actor(user_id=SECOND, role="admin", door=Door.WEB, request_id="req-second")
AS_DESK = Actor(user_id=DESK, role="desk", door=Door.WEB, request_id="req-desk")
GUEST = Actor(role="guest", door=Door.WEB)
CASH = Hand(way=RefundWay.CASH, by="Ruth Okello")


@pytest.fixture
def second(story):
    """Another admin of the clinic, whose limit is twenty dollars like everybody's."""
    story.run_sql("UPDATE clinic SET refund_limit_minor = 2000")
    with transaction("seed") as session:
        session.add(
            User(
                id=SECOND,
                email="second@example.org",
                name="Kidist Alemu",
                role=Role.ADMIN,
                created_at=story.clock(),
                verified_at=story.clock(),
            )
        )
    return AS_SECOND


def approve(story, refund_id, actor):
    """A person agrees to what waits."""
    return approve_refund(refund_id, actor=actor, now=story.clock())


def by_hand(story, payment_id, amount, hand=CASH, actor=AS_ADMIN, **more):
    """A person hands money over and says so."""
    left = more.pop("available", story.payment(payment_id).captured_minor)
    wish = refunds.RefundWish(amount=amount, available=left, reason="goodwill", **more)
    return refund_by_hand.pay_by_hand(payment_id, wish, hand, actor=actor, now=story.clock())


def propose(story, booking_id):
    """What the rules give back waits for the clinic."""
    with transaction("cancel_booking") as session:
        payment = lock(session, Payment, story.payment_of(booking_id).id)
        return ask_back(
            session,
            payment,
            4500,
            automatic=False,
            reason="patient_asked",
            actor=AS_PATIENT,
            now=story.clock(),
        )


def bounced(story):
    """A refund of everything that the bank sent back; its id and the booking's."""
    booking_id = story.booked(card=FAILING_REFUND)
    refund_id = story.refund(story.payment_of(booking_id).id, 4500)
    story.work()
    story.box.later(86_400 * 3)
    story.deliver()
    story.clock.advance(minutes=1)
    return booking_id, refund_id


def open_alerts(story):
    """What waits for a person, as kinds."""
    return sorted(row.kind for row in story.rows(Alert) if row.closed_at is None)


# -- a second person -------------------------------------------------------------------------


def test_up_to_the_limit_one_person_is_enough(story, second):
    booking_id = story.booked()

    story.refund(story.payment_of(booking_id).id, 2000)
    story.work()

    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.first_by, refund.decided_by) == ("succeeded", None, None)


def test_above_the_limit_a_refund_waits_and_is_not_sent(story, second):
    booking_id = story.booked()

    story.refund(story.payment_of(booking_id).id, 2001)
    story.wait(hours=3)

    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.first_by) == ("proposed", ADMIN)
    assert open_alerts(story) == ["refund_to_approve"]
    assert story.promised() == ["booked"]


def test_whoever_asked_is_never_the_second_person(story, second):
    booking_id = story.booked()
    refund_id = story.refund(story.payment_of(booking_id).id, 4500)

    with pytest.raises(RefundRefused, match="needs_another"):
        approve(story, refund_id, AS_ADMIN)

    assert approve(story, refund_id, second) is RefundStatus.REQUESTED
    story.work()
    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.first_by, refund.decided_by) == ("succeeded", ADMIN, SECOND)
    assert open_alerts(story) == []


def test_two_halves_do_not_slip_under_the_limit(story, second):
    booking_id = story.booked()
    payment_id = story.payment_of(booking_id).id
    story.refund(payment_id, 1500)
    story.work()

    story.refund(payment_id, 1500, available=3000)

    assert [refund.status for refund in story.refunds(booking_id)] == ["succeeded", "proposed"]


def test_a_persons_own_limit_goes_before_the_clinics(story, second):
    story.run_sql("UPDATE users SET refund_limit_minor = 9000 WHERE id = :id", id=ADMIN)
    payment_id = story.payment_of(story.booked()).id

    assert story.rows(User, id=ADMIN)[0].refund_limit_minor == 9000
    story.refund(payment_id, 4500)

    assert [row.status for row in story.refunds(story.payment(payment_id).booking_id)] == [
        "requested"
    ]


def test_what_the_rules_propose_above_the_limit_needs_two_as_well(story, second):
    booking_id = story.booked()
    proposed = propose(story, booking_id)

    assert approve(story, proposed.id, AS_ADMIN) is RefundStatus.PROPOSED
    with pytest.raises(RefundRefused, match="needs_another"):
        approve(story, proposed.id, AS_ADMIN)
    assert approve(story, proposed.id, second) is RefundStatus.REQUESTED

    story.work()
    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.first_by, refund.decided_by) == ("succeeded", ADMIN, SECOND)


def test_whoever_asked_may_take_it_back_alone(story, second):
    booking_id = story.booked()
    refund_id = story.refund(story.payment_of(booking_id).id, 4500)

    decline_refund(refund_id, note="a mistake", actor=AS_ADMIN, now=story.clock())

    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.decided_by) == ("withdrawn", None)
    assert open_alerts(story) == []


def test_the_desk_asks_and_an_admin_decides(story):
    booking_id = story.booked()
    payment_id = story.payment_of(booking_id).id
    wish = refunds.RefundWish(amount=1000, available=4500, reason="goodwill")

    refund_id = refunds.request_refund(payment_id, wish, actor=AS_DESK, now=story.clock())
    story.work()
    assert story.refunds(booking_id)[0].status == "proposed"
    approve(story, refund_id, AS_ADMIN)
    story.work()

    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.first_by, refund.decided_by) == ("succeeded", DESK, ADMIN)


def test_another_amount_than_proposed_is_again_one_decision(story, second):
    booking_id = story.booked()
    proposed = propose(story, booking_id)
    wish = refunds.RefundWish(amount=1000, available=4500, reason="goodwill")

    give_other_amount(proposed.id, wish, actor=AS_ADMIN, now=story.clock())
    story.work()

    assert sorted(row.status for row in story.refunds(booking_id)) == ["succeeded", "withdrawn"]
    with pytest.raises(RefundRefused, match="decided"):
        approve(story, proposed.id, second)


# -- by hand ---------------------------------------------------------------------------------


def test_a_failed_refund_is_paid_by_hand_and_stands_in_the_books(story):
    booking_id, failed = bounced(story)
    payment_id = story.payment_of(booking_id).id

    by_hand(story, payment_id, 4500, Hand(way=RefundWay.CASH, by="Ruth", instead_of=failed))
    story.work()

    last = story.refunds(booking_id)[-1]
    assert (last.status, last.way, last.handed_by) == ("succeeded", "cash", "Ruth")
    assert (last.instead_of_id, last.refund_ref) == (failed, None)
    assert story.balance("desk_cash") == -4500
    assert story.balance("refunds_paid") == 4500
    assert open_alerts(story) == []
    assert "refund_by_hand" in story.promised()
    assert "Ruth handed it over" in story.mailbox.messages[-1].get_body(["plain"]).get_content()


def test_each_way_is_taken_from_its_own_account(story):
    payment_id = story.payment_of(story.booked()).id
    left = 4500

    for way, account in (
        (RefundWay.CASH, "desk_cash"),
        (RefundWay.TERMINAL, "desk_terminal"),
        (RefundWay.TRANSFER, "clinic_bank"),
    ):
        by_hand(story, payment_id, 1000, Hand(way=way, by="Ruth"), available=left)
        left -= 1000
        assert story.balance(account) == -1000


def test_by_hand_needs_a_name_a_way_and_something_left(story):
    payment_id = story.payment_of(story.booked()).id

    for hand in (Hand(way=RefundWay.CASH, by=" "), Hand(way=RefundWay.STRIPE, by="Ruth")):
        with pytest.raises(RefundRefused, match="hand"):
            by_hand(story, payment_id, 100, hand)
    other = story.refund(payment_id, 500)
    with pytest.raises(RefundRefused, match="not_failed"):
        by_hand(
            story,
            payment_id,
            100,
            Hand(way=RefundWay.CASH, by="Ruth", instead_of=other),
            available=4000,
        )
    with pytest.raises(StaleAmount):
        by_hand(story, payment_id, 100, available=4500)
    with pytest.raises(RefundRefused, match="amount"):
        by_hand(story, payment_id, 4001, available=4000)


def test_the_same_form_pressed_twice_hands_over_once(story):
    booking_id = story.booked()
    payment_id = story.payment_of(booking_id).id

    for _ in range(2):
        by_hand(story, payment_id, 1000, form_token="once")

    assert len(story.refunds(booking_id)) == 1
    assert story.balance("desk_cash") == -1000


def test_above_the_limit_money_is_handed_over_when_the_second_person_agreed(story, second):
    booking_id = story.booked()
    payment_id = story.payment_of(booking_id).id

    assert by_hand(story, payment_id, 4500) is RefundStatus.PROPOSED
    [refund] = story.refunds(booking_id)
    assert story.balance("desk_cash") == 0
    with pytest.raises(RefundRefused, match="needs_another"):
        approve(story, refund.id, AS_ADMIN)
    assert approve(story, refund.id, second) is RefundStatus.SUCCEEDED

    assert story.balance("desk_cash") == -4500


# -- asking the patient ----------------------------------------------------------------------


def test_a_patient_is_asked_once_and_the_clinic_hears_the_answer(story):
    _, failed = bounced(story)

    for _ in range(2):
        ask_patient(failed, actor=AS_ADMIN, now=story.clock())
    story.work()
    assert story.promised().count("refund_wish") == 1
    answer_wish(failed, Wish.CALL, phone="+12405550117", words="", actor=GUEST, now=story.clock())
    answer_wish(failed, Wish.COLLECT, phone="", words="", actor=GUEST, now=story.clock())

    [wish] = story.rows(RefundWish)
    assert (wish.choice, wish.phone) == ("call", "+12405550117")
    assert open_alerts(story) == ["refund_failed", "refund_wish"]


def test_nobody_is_asked_about_a_refund_that_did_not_fail(story):
    refund_id = story.refund(story.payment_of(story.booked()).id, 1000)

    with pytest.raises(RefundRefused, match="not_failed"):
        ask_patient(refund_id, actor=AS_ADMIN, now=story.clock())
    with pytest.raises(NotFound):
        answer_wish(refund_id, Wish.CALL, phone="", words="", actor=GUEST, now=story.clock())


# -- the queue -------------------------------------------------------------------------------


def test_somebody_takes_a_thing_on_and_gives_it_to_somebody_else(story):
    bounced(story)
    [alert] = story.rows(Alert)

    alerts.give_to(alert.id, DESK, actor=AS_DESK, now=story.clock())
    assert story.rows(Alert)[0].owner_id == DESK
    alerts.note_on(alert.id, "She comes on Tuesday", actor=AS_ADMIN, now=story.clock())
    alerts.give_to(alert.id, None, actor=AS_ADMIN, now=story.clock())
    with pytest.raises(InvalidValue):
        alerts.give_to(alert.id, PATIENT, actor=AS_ADMIN, now=story.clock())

    [alert] = story.rows(Alert)
    assert (alert.owner_id, alert.note, alert.closed_at) == (None, "She comes on Tuesday", None)
    events = [row.event for row in story.rows(AuditEntry, object="alert")]
    assert events == ["give_to", "note", "give_to"]


def test_a_dead_mail_is_tried_again_or_dropped(story, mailbox):
    story.booked()
    story.booked(story.time(30), email="d@example.org", name="Daniel Kebede")
    mailbox.answers = ["554 nobody here"] * 2
    story.work()
    first, second = story.rows(Alert, kind="dead_mail")

    alerts.mail_again(first.id, actor=AS_ADMIN, now=story.clock())
    alerts.drop_mail(second.id, actor=AS_ADMIN, now=story.clock())
    alerts.drop_mail(second.id, actor=AS_ADMIN, now=story.clock())
    story.work()

    statuses = {row.id: row.status for row in story.rows(OutboxMessage, kind="booked")}
    assert statuses == {first.subject_ref: "sent", second.subject_ref: "dropped"}
    assert "dead_mail" not in open_alerts(story)

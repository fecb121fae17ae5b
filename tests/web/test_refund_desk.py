"""What do the pages about refunds do: several at once, failed ones, the desk's wish, the queue?"""

import re

import pytest

from efoy.domain.refund import RefundStatus
from efoy.domain.role import Role
from efoy.models import Alert, RefundWish, User
from efoy.models.base import lock, transaction
from efoy.models.payment import Payment
from efoy.services.proposals import ask_back
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import ADMIN, DESK
from tests.support.story import AS_PATIENT, FAILING_REFUND

SECOND = "admin-second"
REVIEWED = "amount_minor available reason message form_token proposal way handed_by".split()


@pytest.fixture
def admin(app, clock):
    """The clinic's admin, signed in."""
    return Browser(app, ADMIN, now=clock())


@pytest.fixture
def desk(app, clock):
    """The front desk, signed in."""
    return Browser(app, DESK, now=clock())


@pytest.fixture
def second(app, story, clock):
    """Another admin; more than twenty dollars need both."""
    story.run_sql("UPDATE clinic SET refund_limit_minor = 2000")
    person = User(id=SECOND, email="second@example.org", name="Kidist Alemu", role=Role.ADMIN)
    person.created_at = person.verified_at = clock()
    with transaction("seed") as session:
        session.add(person)
    return Browser(app, SECOND, now=clock())


def propose(story, booking_id, minor=4500):
    """What the rules give back waits for the clinic; returns the refund's id."""
    with transaction("cancel_booking") as session:
        payment = lock(session, Payment, story.payment_of(booking_id).id)
        refund = ask_back(
            session,
            payment,
            minor,
            automatic=False,
            reason="patient_asked",
            actor=AS_PATIENT,
            now=story.clock(),
        )
        return refund.id


def some(story, count):
    """As many paid bookings, each with a refund that waits; the refunds' ids."""
    ids = [story.booked(story.time(24 + n / 3)) for n in range(count)]
    return ids, [propose(story, booking_id) for booking_id in ids]


def path_of(story, booking_id):
    """Where staff see the booking."""
    return f"/admin/bookings/{story.booking(booking_id).ref}"


def shown(review):
    """The hidden fields of a review of several."""
    return {
        "refund": re.findall(r'name="refund" value="([^"]+)"', review.text),
        "shown": re.findall(r'name="shown" value="([^"]+)"', review.text),
    }


def ask(browser, path, **given):
    """Fill in the panel and press Review."""
    form = {"available": hidden(browser.get(path), "available"), "reason": "goodwill"}
    return browser.post(f"{path}/refund", **(form | given))


def confirm(browser, path, review, **more):
    """Press the button of the review page."""
    form = {name: hidden(review, name) for name in REVIEWED}
    return browser.post(f"{path}/refund/confirm", **(form | more))


# -- several at once -------------------------------------------------------------------------


def test_several_are_reviewed_together_and_approved_one_by_one(story, admin):
    bookings, refunds = some(story, 3)
    assert "To approve 3" in words(admin.get("/admin/refunds"))

    review = admin.post("/admin/refunds/review", refund=refunds)
    assert "Approve 3 refunds?" in words(review)
    assert "Together −$135.00" in words(review)
    answer = admin.post("/admin/refunds/approve", **shown(review))
    story.work()

    assert answer.status_code == 303
    assert "3 refunds are approved: $135.00." in words(admin.get(answer.location))
    for booking_id in bookings:
        assert [row.status for row in story.refunds(booking_id)] == ["succeeded"]


def test_the_truth_is_told_of_each_line(story, admin):
    bookings, refunds = some(story, 3)
    disputed = story.booked(story.time(30), card="4000000000000259")
    refunds.append(propose(story, disputed))
    review = admin.post("/admin/refunds/review", refund=refunds)
    path = path_of(story, bookings[0])
    confirm(admin, path, ask(admin, path, choice="nothing"), nothing="1")
    story.box.later(60)
    story.deliver()

    answer = admin.post("/admin/refunds/approve", **shown(review))
    page = words(admin.get(answer.location))

    assert "2 refunds are approved: $90.00." in page
    assert "Somebody has decided about this refund already" in page
    assert "the bank is looking at it" in page
    statuses = [row.status for one in [*bookings, disputed] for row in story.refunds(one)]
    assert statuses == ["withdrawn", "requested", "requested", "proposed"]


def test_pressed_twice_the_first_press_holds(story, admin):
    _, refunds = some(story, 2)
    review = admin.post("/admin/refunds/review", refund=refunds)

    answers = [admin.post("/admin/refunds/approve", **shown(review)) for _ in range(2)]

    assert "2 refunds are approved" in words(admin.get(answers[1].location))
    assert "already" not in words(admin.get("/admin/refunds"))


def test_a_review_of_nothing_or_of_strangers_moves_nothing(story, admin):
    _, refunds = some(story, 1)

    assert admin.post("/admin/refunds/review").status_code == 303
    assert admin.post("/admin/refunds/review", refund=["nobody"]).status_code == 404
    forged = {"refund": refunds, "shown": [f"{refunds[0]}:1"]}
    answer = admin.post("/admin/refunds/approve", **forged)
    assert "the amount changed" in words(admin.get(answer.location))


# -- one person, two people, the desk --------------------------------------------------------


def test_above_the_limit_the_second_admin_approves_on_the_panel(story, admin, second):
    booking_id = story.booked()
    path = path_of(story, booking_id)
    review = ask(admin, path, choice="full")
    assert "Needs a second person" in words(review)

    confirm(admin, path, review)
    mine = words(admin.get(path))
    assert "$45.00 waits for a second person. Nothing was sent." in mine
    assert "another admin has to approve it" in mine
    assert confirm(admin, path, review).status_code == 303
    theirs = ask(second, path, choice="policy")
    assert "Sara Haile wants to give back $45.00" in words(second.get(path))
    confirm(second, path, theirs)
    story.work()

    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.first_by, refund.decided_by) == ("succeeded", ADMIN, SECOND)


def test_whoever_asked_takes_it_back(story, admin, second):
    booking_id = story.booked()
    path = path_of(story, booking_id)
    confirm(admin, path, ask(admin, path, choice="full"))
    key = story.refunds(booking_id)[0].id

    assert second.post(f"{path}/refund/take-back", proposal=key).status_code == 404
    answers = [admin.post(f"{path}/refund/take-back", proposal=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert story.refunds(booking_id)[0].status == RefundStatus.WITHDRAWN


def test_the_desk_asks_and_the_admin_sees_it_in_the_queue(story, desk, admin):
    booking_id = story.booked()
    path = path_of(story, booking_id)
    review = ask(desk, path, choice="other", amount="10")
    assert "Ask for a refund of $10.00 to Almaz Bekele?" in words(review)

    assert confirm(desk, path, review).status_code == 303
    story.work()

    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.first_by) == ("proposed", DESK)
    assert "A refund to approve: $10.00" in words(admin.get("/admin"))
    assert desk.post("/admin/refunds/approve", refund=[refund.id]).status_code == 403
    confirm(admin, path, ask(admin, path, choice="policy"))
    assert story.refunds(booking_id)[0].status == RefundStatus.REQUESTED


def test_nothing_goes_back_and_the_history_says_why(story, admin):
    booking_id = story.booked()
    propose(story, booking_id)
    path = path_of(story, booking_id)

    review = ask(admin, path, choice="nothing", message="Came too late")
    assert "Give nothing back to Almaz Bekele?" in words(review)
    answers = [confirm(admin, path, review, nothing="1").status_code for _ in range(2)]

    assert answers == [303, 303]
    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.note) == ("withdrawn", "Came too late")


# -- failed ones -----------------------------------------------------------------------------


def bounced(story):
    """A refund of everything that the bank sent back; its id."""
    booking_id = story.booked(card=FAILING_REFUND)
    refund_id = story.refund(story.payment_of(booking_id).id, 4500)
    story.work()
    story.box.later(86_400 * 3)
    story.deliver()
    story.clock.advance(minutes=1)
    return booking_id, refund_id


def test_a_failed_refund_is_paid_by_hand_after_one_more_look(story, app, clock):
    booking_id, failed = bounced(story)
    admin = Browser(app, ADMIN, now=clock())
    path = f"/admin/refunds/{failed}"
    assert "Sort it out" in words(admin.get("/admin/refunds?tab=failed"))
    page = admin.get(path)
    typed = {"handed_by": "Ruth Okello", "way": "cash", "available": hidden(page, "available")}

    nameless = admin.post(f"{path}/hand", **(typed | {"handed_by": " "}))
    review = admin.post(f"{path}/hand", **typed)
    names = ("amount_minor", "available", "way", "handed_by", "message", "form_token")
    form = {name: hidden(review, name) for name in names}
    answers = [admin.post(f"{path}/hand/confirm", **form).status_code for _ in range(2)]

    assert nameless.status_code == 400
    assert "Give $45.00 to Almaz Bekele by hand?" in words(review)
    assert answers == [303, 303]
    assert story.balance("desk_cash") == -4500
    assert "$45.00 was handed over by Ruth Okello." in words(admin.get(path_of(story, booking_id)))
    assert "Nothing needs you" in words(admin.get("/admin"))
    assert "Made good since" in words(admin.get("/admin/refunds?tab=done"))


def test_a_patient_chooses_behind_the_link_and_the_clinic_reads_it(story, app, clock):
    _, failed = bounced(story)
    admin, patient = Browser(app, ADMIN, now=clock()), Browser(app, now=clock())
    assert admin.post(f"/admin/refunds/{failed}/ask").status_code == 303
    story.work()
    mail = story.mailbox.messages[-1].get_body(["plain"]).get_content()
    [link] = re.findall(r"http://[^\s]+(/refunds/wish/[^\s]+)", mail)

    assert "How may we pay you back $45.00?" in words(patient.get(link))
    assert patient.post(link, choice="").status_code == 400
    assert patient.post(link, choice="call", phone="").status_code == 400
    assert patient.post(link, choice="call", phone="240 555 0117").status_code == 303
    assert "We will call you on 240 555 0117." in words(patient.get(link))

    assert story.rows(RefundWish)[0].choice == "call"
    assert "Wants to be called." in words(admin.get("/admin"))
    assert "240 555 0117" in words(admin.get(f"/admin/refunds/{failed}"))
    assert patient.get("/refunds/wish/made-up").status_code == 404


def test_a_call_is_noted_with_whoever_noted_it(story, app, clock):
    _, failed = bounced(story)
    admin = Browser(app, ADMIN, now=clock())

    assert admin.post(f"/admin/refunds/{failed}/note", note=" ").status_code == 400
    admin.post(f"/admin/refunds/{failed}/note", note="Comes on Tuesday")

    page = words(admin.get("/admin"))
    assert "Comes on Tuesday" in page
    assert "You look after it." in page


# -- the queue, parked payments, disputes ----------------------------------------------------


def test_a_thing_is_given_to_somebody_who_works_here(story, app, clock):
    bounced(story)
    admin, desk = Browser(app, ADMIN, now=clock()), Browser(app, DESK, now=clock())
    [alert] = story.rows(Alert)

    assert desk.post(f"/admin/needs/{alert.id}/owner", owner=DESK).status_code == 303
    assert "Ruth Okello looks after it." in words(admin.get("/admin"))
    assert admin.post(f"/admin/needs/{alert.id}/owner", owner="patient-almaz").status_code == 422
    admin.post(f"/admin/needs/{alert.id}/owner", owner="")
    assert story.rows(Alert)[0].owner_id is None


def test_a_parked_payment_is_decided_on_its_page(story, admin):
    from tests.stories.test_parked_decided import park

    booking_id, payment_id = park(story)
    path = f"/admin/parked/{payment_id}"
    assert path in admin.get("/admin").text

    assert admin.post(path, decision="", why="x").status_code == 400
    assert admin.post(path, decision="accept", why="").status_code == 400
    answers = [admin.post(path, decision="accept", why="Fine").status_code for _ in range(2)]

    assert answers == [303, 409]
    assert story.booking(booking_id).status == "confirmed"
    assert "This was decided." in words(admin.get(path))


def test_a_dispute_shows_its_deadline_money_and_what_is_known(story, admin):
    booking_id = story.booked(card="4000000000000259")
    story.run_sql("UPDATE bookings SET reason = 'A cough that will not go'")
    story.box.later(60)
    story.deliver()

    listed = admin.get("/admin/disputes")
    [path] = re.findall(r'href="(/admin/disputes/\w+)"', listed.text)
    page = admin.get(path)

    for expected in (
        "$45.00 disputed by Almaz Bekele",
        "Answer by",
        "Stripe’s fee for it $15.00",
        "Moved on the balance −$60.00",
        "Confirmation with receipt sent",
        "Free to cancel until 24 hours before.",
        story.booking(booking_id).ref,
    ):
        assert expected in words(page)
    assert "cough" not in page.text
    assert "See the doctor" not in words(page)
    assert admin.get("/admin/disputes/none").status_code == 404

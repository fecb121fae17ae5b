"""Who works here? Invited by a link, shut out at once, and never without an admin."""

import re

import pytest

from efoy import failpoints
from efoy.domain.errors import Forbidden, LastAdmin
from efoy.domain.house import PersonFacts, edition
from efoy.domain.role import Actor, Door, Role
from efoy.models import AuditEntry, LoginSession, OneTimeLink, User
from efoy.models.base import transaction
from efoy.models.facts import person_facts
from efoy.services import staff
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import ADMIN, DESK, DOCTOR, PATIENT
from tests.support.crowd import at_once

SECOND = "admin-bekele"
PASSWORD = "three calm green doors"


@pytest.fixture
def admin(app, clock):
    """The clinic's admin, signed in."""
    return Browser(app, ADMIN, now=clock())


@pytest.fixture
def second(story, clock):
    """Another admin."""
    with transaction("seed") as session:
        session.add(
            User(
                id=SECOND,
                email="bekele@clinic.example",
                name="Bekele Worku",
                role=Role.ADMIN,
                created_at=clock(),
                verified_at=clock(),
            )
        )
    return Actor(user_id=SECOND, role="admin", door=Door.WEB)


FIRST = Actor(user_id=ADMIN, role="admin", door=Door.WEB)


def user(story, user_id):
    """The person as it stands."""
    return story.rows(User, id=user_id)[0]


def invite(admin, **given):
    """Type a new person."""
    form = {"name": "Lemlem Abebe", "email": "lemlem@clinic.example", "role": "desk"}
    return admin.post("/admin/people/new", **(form | given))


def link_of(mailbox):
    """The address in the newest invitation."""
    body = mailbox.messages[-1].get_body(("plain",)).get_content()
    return re.search(r"https?://[^/\s]+(/reset/\S+)", body)[1]


def save(admin, user_id, **given):
    """Change role or limit of somebody."""
    page = admin.get(f"/admin/people/{user_id}")
    form = {"seen": hidden(page, "seen"), "role": "desk", "limit": ""} | given
    return admin.post(f"/admin/people/{user_id}", **form)


def test_somebody_is_invited_joins_by_the_link_once_and_works(story, admin, mailbox, app, clock):
    sent = invite(admin)
    story.work()
    link = link_of(mailbox)
    fresh = Browser(app, now=clock())
    page = fresh.get(link)

    joined = fresh.post(link, password=PASSWORD)
    again = Browser(app, now=clock()).post(link, password=PASSWORD)

    assert sent.status_code == 303
    assert "Choose a password" in words(page)
    assert (joined.status_code, joined.location) == (303, "/desk")
    assert again.status_code == 410
    people = words(admin.get("/admin/people"))
    assert "Lemlem Abebe" in people
    [row] = story.rows(User, email="lemlem@clinic.example")
    assert row.verified_at is not None
    entries = story.rows(AuditEntry, object="user", object_id=row.id)
    assert "invite" in {entry.event for entry in entries}
    assert "lemlem" not in str([entry.facts for entry in entries]).lower()


def test_an_invitation_works_for_days_and_a_new_one_ends_the_old(story, admin, mailbox, app, clock):
    invite(admin)
    story.work()
    old = link_of(mailbox)
    [row] = story.rows(User, email="lemlem@clinic.example")
    fresh = Browser(app, now=clock())

    story.clock.advance(days=2)
    still = fresh.get(old).status_code
    late = Browser(app, ADMIN, now=clock())
    again = late.post(f"/admin/people/{row.id}/invite")
    ended = fresh.get(old).status_code
    story.work()
    story.clock.advance(days=3, minutes=1)
    run_out = fresh.get(link_of(mailbox)).status_code

    assert (still, again.status_code, ended, run_out) == (200, 303, 410, 410)
    later = Browser(app, ADMIN, now=clock())
    assert "has run out" in words(later.get(f"/admin/people/{row.id}"))


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"email": "almaz@example.org"}, 409, "Somebody has an account with this address"),
        ({"email": "DESK@example.org"}, 409, "Somebody has an account with this address"),
        ({"email": "nobody"}, 400, "Enter an email address"),
        ({"name": ""}, 400, "Enter the person’s name"),
        ({"role": "doctor"}, 400, "Choose one of the list"),
        ({"role": "patient"}, 400, "Choose one of the list"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused(story, admin, given, status, said):
    before = len(story.rows(User))

    answer = invite(admin, **given)

    assert (answer.status_code, said in words(answer)) == (status, True)
    assert len(story.rows(User)) == before


def test_whoever_is_shut_out_is_out_at_the_next_click_and_back_when_let_in(
    story, admin, app, clock
):
    desk = Browser(app, DESK, now=clock())
    assert desk.get("/desk").status_code == 200

    admin.post(f"/admin/people/{DESK}/disable")
    out = desk.get("/desk")
    admin.post(f"/admin/people/{DESK}/enable")
    back = Browser(app, DESK, now=clock()).get("/desk")

    assert out.status_code == 303
    assert out.location.startswith("/login")
    assert back.status_code == 200
    assert {row.ended_at is not None for row in story.rows(LoginSession, user_id=DESK)} >= {True}


def test_shutting_out_ends_open_links_too(story, admin):
    invite(admin)
    [row] = story.rows(User, email="lemlem@clinic.example")

    admin.post(f"/admin/people/{row.id}/disable")
    story.work()

    assert all(link.used_at for link in story.rows(OneTimeLink, user_id=row.id))
    assert not [m for m in story.mailbox.messages if "invited" in m["Subject"]]


def test_a_role_changes_from_the_next_request_on(story, second, app, clock):
    facts = PersonFacts(role=Role.ADMIN, refund_limit_minor=5000)
    desk = Browser(app, DESK, now=clock())
    assert desk.get("/admin/people").status_code == 403

    seen = edition(person_facts(user(story, DESK)))
    staff.set_person(DESK, facts, seen=seen, actor=FIRST, now=clock())

    assert desk.get("/admin/people").status_code == 200
    [entry] = story.rows(AuditEntry, object="user", object_id=DESK)
    assert entry.facts["changes"] == {
        "role": ["desk", "admin"],
        "refund_limit_minor": [None, 5000],
    }


def test_nobody_sets_their_own_role_or_limit_or_shuts_themselves_out(story, admin, second):
    limit = save(admin, ADMIN, role="admin", limit="100000")
    role = save(admin, ADMIN, role="desk")
    out = admin.post(f"/admin/people/{ADMIN}/disable")

    assert [limit.status_code, role.status_code, out.status_code] == [403, 403, 403]
    assert "Nobody changes their own role or limit" in words(role)
    assert user(story, ADMIN).role is Role.ADMIN
    assert user(story, ADMIN).refund_limit_minor is None


def test_a_doctors_role_belongs_to_the_doctor(story, admin):
    answer = save(admin, DOCTOR, role="admin")

    assert answer.status_code == 400
    assert user(story, DOCTOR).role is Role.DOCTOR


def test_patients_are_nobody_here(admin):
    for path in (f"/admin/people/{PATIENT}", "/admin/people/nobody"):
        assert admin.get(path).status_code == 404
    assert admin.post(f"/admin/people/{PATIENT}/disable").status_code == 404


def test_two_admins_on_one_person_are_told(story, admin):
    old = hidden(admin.get(f"/admin/people/{DESK}"), "seen")
    save(admin, DESK, limit="50")

    late = admin.post(f"/admin/people/{DESK}", seen=old, role="desk", limit="70")

    assert late.status_code == 409
    assert 'value="70"' in late.text
    assert user(story, DESK).refund_limit_minor == 5000


def test_the_last_admin_stays(story, second, clock):
    staff.disable_person(SECOND, actor=FIRST, now=clock())
    someone = Actor(user_id=SECOND, role="admin", door=Door.WEB)

    with pytest.raises(Forbidden):  # shut out meanwhile, with the page still open
        staff.disable_person(ADMIN, actor=someone, now=clock())

    assert user(story, ADMIN).disabled_at is None


def test_an_admin_who_only_was_invited_does_not_count(story, admin, clock):
    invite(admin, role="admin")
    seen = edition(person_facts(user(story, ADMIN)))
    facts = PersonFacts(role=Role.DESK, refund_limit_minor=None)
    by_another = Actor(user_id="admin-gone", role="admin", door=Door.WEB)

    with pytest.raises(Forbidden):
        staff.set_person(ADMIN, facts, seen=seen, actor=by_another, now=clock())

    assert user(story, ADMIN).role is Role.ADMIN


def test_two_admins_who_shut_each_other_out_at_once_leave_one(story, second, clock):
    failpoints.arm("save_staff.before_commit:sleep=0.3")
    try:
        results = at_once(
            story.app,
            [
                lambda: staff.disable_person(SECOND, actor=FIRST, now=clock()),
                lambda: staff.disable_person(ADMIN, actor=second, now=clock()),
            ],
        )
    finally:
        failpoints.arm("")

    left = [key for key in (ADMIN, SECOND) if user(story, key).disabled_at is None]
    assert len(left) == 1
    assert sum(isinstance(result, Forbidden | LastAdmin) for result in results) == 1


def test_two_admins_who_demote_each_other_at_once_leave_one(story, second, clock):
    facts = PersonFacts(role=Role.DESK, refund_limit_minor=None)
    marks = {key: edition(person_facts(user(story, key))) for key in (ADMIN, SECOND)}
    failpoints.arm("save_staff.before_commit:sleep=0.3")

    def demote(key, by):
        return lambda: staff.set_person(key, facts, seen=marks[key], actor=by, now=clock())

    try:
        results = at_once(story.app, [demote(SECOND, FIRST), demote(ADMIN, second)])
    finally:
        failpoints.arm("")

    left = [key for key in (ADMIN, SECOND) if user(story, key).role is Role.ADMIN]
    assert len(left) == 1
    assert sum(isinstance(result, Forbidden | LastAdmin) for result in results) == 1


def test_a_doctor_is_invited_from_the_doctors_page(story, admin, mailbox, app, clock):
    story.run_sql("UPDATE doctors SET user_id = NULL WHERE slug = 'hana-tesfaye'")
    path = "/admin/doctors/hana-tesfaye"

    sent = admin.post(f"{path}/invite", email="hana@new.example")
    twice = admin.post(f"{path}/invite", email="hana@other.example")
    story.work()
    fresh = Browser(app, now=clock())
    joined = fresh.post(link_of(mailbox), password=PASSWORD)

    assert (sent.status_code, twice.status_code) == (303, 409)
    assert joined.location == "/doctor"
    assert fresh.get("/doctor").status_code == 200


def test_a_doctor_is_not_invited_at_somebody_elses_address(story, admin):
    story.run_sql("UPDATE doctors SET user_id = NULL WHERE slug = 'hana-tesfaye'")

    answer = admin.post("/admin/doctors/hana-tesfaye/invite", email="desk@example.org")

    assert answer.status_code == 409
    assert "Somebody has an account with this address" in words(answer)
    assert user(story, DESK).role is Role.DESK


def test_a_role_is_changed_only_with_a_fresh_password_and_nothing_typed_is_lost(story, app, clock):
    stale = Browser(app, ADMIN, now=clock(), proved=False)
    page = stale.get(f"/admin/people/{DESK}")
    form = {"seen": hidden(page, "seen"), "role": "admin", "limit": "12.50"}

    asked = stale.post(f"/admin/people/{DESK}", **form)
    limit = stale.post(f"/admin/people/{DESK}", **(form | {"role": "desk"}))

    assert "Type your password again" in words(asked)
    assert (hidden(asked, "role"), hidden(asked, "limit")) == ("admin", "12.50")
    assert limit.status_code == 303
    assert user(story, DESK).role is Role.DESK

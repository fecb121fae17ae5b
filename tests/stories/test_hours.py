"""What do changed hours do to times on offer, to booked visits, and to a hold in that moment?"""

from datetime import UTC, date, datetime, timedelta

import pytest

from efoy.domain.errors import InvalidValue, NotFound, SlotNotOffered, StaleEdition
from efoy.domain.hours import HoursClash
from efoy.domain.role import Actor, Door
from efoy.domain.slot import Opening
from efoy.models import AuditEntry, Booking, Doctor, ExtraHours, OpeningHours
from efoy.models.base import transaction
from efoy.queries.choices import choice
from efoy.queries.slots import free_times
from efoy.services import booking as bookings
from efoy.services.hours import add_extra_hours, drop_extra_hours, set_hours
from tests.support.clinic import DOCTOR
from tests.support.crowd import at_once

pytestmark = pytest.mark.story
AS_DOCTOR = Actor(user_id=DOCTOR, role="doctor", door=Door.WEB, request_id="req-doctor")
MONDAY = date(2026, 11, 23)
HANA = 1


def hours(*stretches, **more) -> list[Opening]:
    """Every day from and to these minutes."""
    return [
        Opening(weekday=day, from_minute=start, to_minute=end, **more)
        for day in range(7)
        for start, end in stretches
    ]


def change(story, wanted, *, version=0, keep=frozenset()) -> None:
    """The doctor saves hours."""
    set_hours(HANA, wanted, version=version, keep=keep, actor=AS_DOCTOR, now=story.clock())


def walls(story, service="see-the-doctor", day=MONDAY + timedelta(days=1)) -> list[str]:
    """The free times of Tuesday as the clinic's clock shows them (five hours behind UTC)."""
    (found,) = free_times("hana-tesfaye", service, first=day, count=1, now=story.clock())
    return [f"{at - timedelta(hours=5):%H:%M}" for at in found.times]


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant by the clinic's winter clock."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


def test_new_hours_count_at_the_next_look(story):
    change(story, hours((540, 720), break_from=600, break_to=660))

    assert walls(story) == ["09:00", "09:20", "09:40", "11:00", "11:20", "11:40"]
    assert story.rows(Doctor, id=HANA)[0].hours_version == 1


def test_hours_hold_on_their_dates_only(story):
    change(story, hours((540, 600), valid_from=MONDAY, valid_to=MONDAY + timedelta(days=2)))

    after = MONDAY + timedelta(days=3)
    assert (len(walls(story)), walls(story, day=after)) == (3, [])


def test_hours_for_one_service_open_for_no_other(story):
    change(story, hours((540, 600), services=frozenset({2})))

    assert walls(story, "full-check") == ["09:00"]
    assert walls(story, "see-the-doctor") == []
    with pytest.raises(SlotNotOffered):
        story.hold(local(MONDAY + timedelta(days=1), 9))


def test_a_booking_keeps_the_place_it_was_offered_at(story):
    tomorrow = local(MONDAY + timedelta(days=1), 9)
    change(story, hours((540, 600), place="Lakeside branch"))
    shown = choice("hana-tesfaye", "see-the-doctor", tomorrow, now=story.clock()).place

    booking_id = story.booked(tomorrow)
    change(story, hours((540, 600), place="Hill branch"), version=1, keep=frozenset({booking_id}))

    assert shown == "Lakeside branch"
    assert story.booking(booking_id).place == "Lakeside branch"


def test_a_booking_at_the_usual_place_stays_there_when_the_doctor_moves(story):
    booking_id = story.booked()
    story.run_sql("UPDATE doctors SET place = 'Elsewhere' WHERE id = 1")

    assert story.booking(booking_id).place == "Juniper Street, floor 2"


def test_visits_that_would_lie_outside_are_listed_first_and_nothing_is_saved(story):
    inside, outside = story.booked(story.time(24)), story.booked(story.time(30), email="a@b.org")
    held = story.hold(story.time(31), email="c@d.org")

    with pytest.raises(HoursClash) as clash:
        change(story, hours((540, 720)))

    told = {(visit.id, visit.name) for visit in clash.value.visits}
    assert told == {(outside, "Almaz Bekele"), (held.id, "")}
    assert len(story.rows(OpeningHours, doctor_id=HANA)) == 14
    assert story.booking(inside).status == "confirmed"


def test_those_kept_stay_booked_outside_the_hours(story):
    booking_id = story.booked(story.time(30))

    change(story, hours((540, 720)), keep=frozenset({booking_id}))

    entry = story.rows(AuditEntry, object="doctor", event="set_hours")[0]
    assert story.booking(booking_id).status == "confirmed"
    assert story.claims(booking_id) == 4
    assert entry.facts["kept"] == [booking_id]


def test_who_was_kept_before_is_not_asked_about_again(story):
    booking_id = story.booked(story.time(30))
    change(story, hours((540, 720)), keep=frozenset({booking_id}))

    change(story, hours((540, 600)), version=1)

    assert story.rows(Doctor, id=HANA)[0].hours_version == 2


def test_a_visit_booked_since_the_list_was_shown_is_asked_about(story):
    first = story.booked(story.time(30))
    second = story.booked(story.time(31), email="late@example.org")

    with pytest.raises(HoursClash) as clash:
        change(story, hours((540, 720)), keep=frozenset({first}))

    assert {visit.id for visit in clash.value.visits} == {first, second}


def test_another_place_for_booked_hours_is_a_clash(story):
    booking_id = story.booked(story.time(24))

    with pytest.raises(HoursClash) as clash:
        change(story, hours((540, 720), (780, 1020), place="Lakeside branch"))

    assert [visit.id for visit in clash.value.visits] == [booking_id]


def test_of_two_editors_the_later_one_is_told(story):
    change(story, hours((540, 720)))

    with pytest.raises(StaleEdition):
        change(story, hours((540, 780)), version=0)

    assert {row.to_minute for row in story.rows(OpeningHours, doctor_id=HANA)} == {720}


def test_of_two_editors_at_once_one_saves_and_one_is_told(story):
    for version in range(6):
        acts = [
            lambda end=end, v=version: change(story, hours((540, end)), version=v)
            for end in (700 + version * 20, 710 + version * 20)
        ]

        results = at_once(story.app, acts)

        assert sorted(str(type(one).__name__) for one in results) == ["NoneType", "StaleEdition"]
    assert story.rows(Doctor, id=HANA)[0].hours_version == 6
    assert len(story.rows(OpeningHours, doctor_id=HANA)) == 7


def test_a_second_press_of_the_same_form_changes_nothing(story):
    for _ in range(2):
        change(story, hours((540, 720)), version=0)

    assert story.rows(Doctor, id=HANA)[0].hours_version == 1
    assert len(story.rows(AuditEntry, object="doctor")) == 1


def test_another_doctors_hours_stay_as_they_are(story):
    before = story.rows(OpeningHours, doctor_id=2)

    change(story, hours((540, 720)))

    assert story.rows(OpeningHours, doctor_id=2) == before


@pytest.mark.parametrize(
    "wrong",
    [
        hours((600, 540)),
        hours((541, 600)),
        hours((540, 720), break_from=600),
        hours((540, 720), break_from=500, break_to=600),
        hours((540, 720), valid_from=MONDAY, valid_to=MONDAY - timedelta(days=1)),
        hours((540, 720), (700, 800)),
        hours((540, 720), services=frozenset({99})),
        hours((540, 720)) * 6,
    ],
)
def test_hours_that_cannot_be_are_refused(story, wrong):
    with pytest.raises(InvalidValue):
        change(story, wrong)

    assert story.rows(Doctor, id=HANA)[0].hours_version == 0


def test_a_hold_that_looked_before_the_change_looks_at_the_new_hours(story):
    request, now = story.request(story.time(30)), story.clock()
    wish = bookings.wish_for(request, now)
    change(story, hours((540, 720)))

    with pytest.raises(SlotNotOffered), transaction("hold_slot") as session:
        bookings.hold_in(session, request, wish, AS_DOCTOR, now)

    assert story.rows(Booking) == []


def test_a_hold_that_looked_before_a_change_elsewhere_goes_on(story):
    request, now = story.request(story.time(24)), story.clock()
    wish = bookings.wish_for(request, now)
    change(story, hours((540, 720)))

    with transaction("hold_slot") as session:
        bookings.hold_in(session, request, wish, AS_DOCTOR, now)

    assert len(story.rows(Booking)) == 1


def test_of_holds_and_new_hours_at_once_none_ends_outside_unlisted(story):
    """Either the hours were saved and whoever comes after is refused, or the hold is listed."""
    for number in range(8):
        at = story.time(24 + number * 24 + 6)
        acts = [lambda at=at, n=number: story.hold(at, email=f"p{n}@example.org")]
        acts.append(lambda n=number: change(story, hours((540, 720)), version=n))
        held, saved = at_once(story.app, acts)

        if saved is None:
            assert isinstance(held, SlotNotOffered)
            change(story, hours((540, 720), (780, 1020)), version=number + 1)
            story.run_sql("UPDATE doctors SET hours_version = :n WHERE id = 1", n=number + 1)
        else:
            assert [visit.id for visit in saved.visits] == [held.id]
            story.run_sql("UPDATE doctors SET hours_version = :n WHERE id = 1", n=number + 1)


# -- extra hours -----------------------------------------------------------------------------


def extra(story, *spans, **more) -> None:
    """The doctor is there besides."""
    add_extra_hours(HANA, list(spans), actor=AS_DOCTOR, now=story.clock(), **more)


def test_extra_hours_open_times_at_their_place_for_their_service(story):
    evening = local(MONDAY + timedelta(days=1), 18)
    span = (evening, evening + timedelta(hours=1))
    extra(story, span, place="Lakeside branch", services=frozenset({1}))

    found = choice("hana-tesfaye", "see-the-doctor", evening, now=story.clock())

    assert (found.free, found.place) == (True, "Lakeside branch")
    assert walls(story)[-3:] == ["18:00", "18:20", "18:40"]
    assert "18:00" not in walls(story, "short-visit")


def test_the_same_extra_hours_twice_are_there_once(story):
    evening = local(MONDAY, 18)
    for _ in range(2):
        extra(story, (evening, evening + timedelta(hours=1)))

    assert len(story.rows(ExtraHours)) == 1
    assert story.rows(Doctor, id=HANA)[0].hours_version == 1


def test_extra_hours_that_are_over_or_run_backward_are_refused(story):
    past = local(MONDAY - timedelta(days=1), 18)
    for start, end in ((past, past + timedelta(hours=1)), (local(MONDAY, 19), local(MONDAY, 18))):
        with pytest.raises(InvalidValue):
            extra(story, (start, end))


def test_extra_hours_with_a_visit_in_them_go_only_when_it_is_kept(story):
    evening = local(MONDAY + timedelta(days=1), 18)
    extra(story, (evening, evening + timedelta(hours=1)))
    booking_id, row = story.booked(evening), story.rows(ExtraHours)[0]

    def drop(keep=frozenset(), doctor=HANA):
        drop_extra_hours(doctor, row.id, keep=keep, actor=AS_DOCTOR, now=story.clock())

    with pytest.raises(HoursClash):
        drop()
    with pytest.raises(NotFound):
        drop(doctor=2)
    drop(keep=frozenset({booking_id}))

    assert story.rows(ExtraHours) == []
    assert story.booking(booking_id).status == "confirmed"

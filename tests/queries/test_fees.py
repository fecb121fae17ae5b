"""Which fee holds when? The one reading of the database, against an oracle of a few lines."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from efoy.models import Clinic, DoctorService, Service, ServicePrice
from efoy.models.base import reading, transaction
from efoy.queries.board import board
from efoy.queries.catalogue import catalogue
from efoy.queries.clinic import rules_in_use
from efoy.services.offer import find_offer

ZONES = ["America/New_York", "Africa/Addis_Ababa", "Pacific/Auckland", "Pacific/Kiritimati", "UTC"]
DAYS = st.dates(date(2026, 10, 30), date(2026, 11, 6)) | st.dates(
    date(2027, 3, 12), date(2027, 3, 17)
)
FEES = st.integers(100, 9900)


def midnight(day, zone):
    """The instant a day begins there."""
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


def expected(base, own, changes, today):
    """The oracle: the newest change that has come, of the doctor before the service."""
    service = base
    for day, doctor, minor in sorted(changes, key=lambda change: change[0]):
        if day <= today and doctor is None:
            service = minor
        elif day <= today:
            own = minor
    return service if own is None else own


def lay(story, zone, base, own, changes):
    """Write the fees as the services would."""
    with transaction("seed") as session:
        session.execute(update(Clinic).values(zone=zone))
        session.execute(update(Service).where(Service.id == 1).values(price_minor=base))
        mine = DoctorService.service_id == 1, DoctorService.doctor_id == 1
        session.execute(update(DoctorService).where(*mine).values(price_minor=own))
        session.execute(delete(ServicePrice))
        session.add_all(
            ServicePrice(
                service_id=1,
                doctor_id=doctor,
                minor=minor,
                valid_from=day,
                starts_at=midnight(day, zone),
                created_at=story.clock(),
            )
            for day, doctor, minor in changes
        )


CHANGES = st.lists(
    st.tuples(DAYS, st.sampled_from([None, 1]), FEES),
    max_size=4,
    unique_by=lambda change: change[:2],
)


@given(
    zone=st.sampled_from(ZONES),
    base=FEES,
    own=st.none() | FEES,
    changes=CHANGES,
    ended=st.booleans(),
    moment=st.tuples(DAYS, st.integers(-2, 24 * 60 + 2)),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_fee_of_every_instant_is_the_oracles(story, zone, base, own, changes, ended, moment):
    if ended:  # the doctor's own fee ends, and the service's holds again
        changes = [(day, who, None if who else minor) for day, who, minor in changes]
    lay(story, zone, base, own, changes)
    now = midnight(moment[0], zone) + timedelta(minutes=moment[1])
    today = now.astimezone(ZoneInfo(zone)).date()

    with reading() as connection:
        hana = find_offer(connection, "hana-tesfaye", "see-the-doctor", now=now)
        samuel = find_offer(connection, "samuel-mwangi", "see-the-doctor", now=now)
    listed = {each.slug: each.service("see-the-doctor").price for each in catalogue(now=now)}

    of_all = [change for change in changes if change[1] is None]
    assert hana.price.minor == expected(base, own, changes, today)
    assert samuel.price.minor == expected(base, None, of_all, today)
    assert listed == {"hana-tesfaye": hana.price, "samuel-mwangi": samuel.price}
    dearest = max(expected(base, None, of_all, today), 8000)
    assert rules_in_use(now=now)[0].sample.minor == dearest


def test_a_board_shows_the_fee_of_today_and_tomorrow_the_next(story):
    tomorrow = date(2026, 11, 24)
    lay(story, "America/New_York", 4500, None, [(tomorrow, None, 5000)])

    shown = []
    for hours in (0, 24):
        found = board("", "", now=story.clock() + timedelta(hours=hours))
        shown.append({card.price.minor for card in found.doctors})

    assert shown == [{4500}, {5000}]

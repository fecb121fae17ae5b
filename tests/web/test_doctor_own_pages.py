"""What does a doctor find in the list of their bookings, and what may they change of their page?"""

import pytest

from efoy.models import AuditEntry, Doctor
from tests.support.browser import Browser, words
from tests.support.clinic import COLLEAGUE, DOCTOR

BOOKINGS, PROFILE = "/doctor/bookings", "/doctor/profile"


@pytest.fixture
def hana(app, clock):
    """The doctor."""
    return Browser(app, DOCTOR, now=clock())


@pytest.fixture
def visits(story):
    """One visit on each of three days, one of them cancelled; one of a colleague; one hold."""
    first = story.booked(story.time(4), email="one@example.org", name="One Person")
    story.booked(story.time(28), email="two@example.org", name="Two Person")
    third = story.booked(story.time(52), email="three@example.org", name="Three Person")
    story.cancel(third)
    story.booked(story.time(5), email="f@example.org", name="Foreign", doctor="samuel-mwangi")
    story.hold(story.time(53), email="hold@example.org", name="Hold Person")
    return first


def test_the_list_has_booked_visits_latest_first_and_counts_them(hana, visits):
    page = words(hana.get(BOOKINGS))

    assert "Visits in all 2" in page
    assert page.index("Two Person") < page.index("One Person")
    for name in ("Three Person", "Foreign", "Hold Person", "$"):
        assert name not in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?from=2026-11-24", {"Two Person"}),
        ("?to=2026-11-23", {"One Person"}),
        ("?from=2026-11-23&to=2026-11-24", {"One Person", "Two Person"}),
        ("?from=2026-11-25", set()),
    ],
)
def test_days_filter_the_list(hana, visits, query, names):
    page = words(hana.get(BOOKINGS + query))

    assert {name for name in ("One Person", "Two Person") if name in page} == names
    assert f"Visits in all {len(names)}" in page
    if not names:
        assert "No bookings in these days" in page


def test_nonsense_days_and_pages_are_refused(hana):
    for query in ("?from=soon", "?to=2026-13-01", "?after=x"):
        assert hana.get(BOOKINGS + query).status_code == 422


def test_the_sum_is_shown_where_the_clinic_allows_it_net_of_refunds(story, hana, visits):
    story.run_sql("UPDATE clinic SET doctors_see_totals = :yes", yes=True)
    payment = story.payment_of(visits)
    story.refund(payment.id, 1000)

    page = words(hana.get(BOOKINGS + "?to=2026-11-24"))

    assert "Paid, less refunds $80.00 $90.00 paid, $10.00 went back" in page
    story.work()


def test_a_colleague_sees_their_own_sum(story, visits, clock):
    story.run_sql("UPDATE clinic SET doctors_see_totals = :yes", yes=True)

    page = words(Browser(story.app, COLLEAGUE, now=clock()).get(BOOKINGS))

    assert "Visits in all 1" in page
    assert "$45.00 $45.00 paid" in page


# -- profile ---------------------------------------------------------------------------------


def test_new_words_are_what_patients_read(story, hana, client):
    answer = hana.post(PROFILE, about="I listen <first>.", languages="Amharic")

    assert (answer.status_code, answer.location) == (303, PROFILE)
    assert "I listen &lt;first&gt;." in client.get("/doctors/hana-tesfaye").text
    assert "I listen &lt;first&gt;." in hana.get(PROFILE).text
    assert [row.event for row in story.rows(AuditEntry, object="doctor")] == ["change_profile"]


def test_the_licence_and_all_else_are_not_the_doctors_to_write(story, hana):
    hana.post(PROFILE, about="A", languages="B", licence="C", name="D", active="", slug="e")

    (doctor,) = story.rows(Doctor, id=1)
    assert (doctor.about, doctor.languages, doctor.licence) == ("A", "B", "")
    assert (doctor.name, doctor.slug, doctor.active) == ("Dr Hana Tesfaye", "hana-tesfaye", True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"about": ""}, "Write a few words about yourself"),
        ({"about": "x" * 1001}, "Use 1000 characters at most"),
        ({"languages": "x" * 121}, "Use 120 characters at most"),
        ({"languages": "a\x07"}, "characters that cannot be printed"),
    ],
)
def test_what_cannot_be_comes_back_with_what_was_typed(story, hana, change, says):
    answer = hana.post(PROFILE, **({"about": "Kind words", "languages": "Amharic"} | change))

    assert answer.status_code == 422
    assert says in words(answer)
    assert ("Kind words" in answer.text) is ("about" not in change)
    assert story.rows(Doctor, id=1)[0].about == ""


def test_nothing_of_a_colleague_changes(story, clock):
    Browser(story.app, COLLEAGUE, now=clock()).post(PROFILE, about="Mine", languages="", id="1")

    assert [row.about for row in sorted(story.rows(Doctor), key=lambda r: r.id)] == ["", "Mine"]

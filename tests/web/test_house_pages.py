"""How does an admin set up the house? Doctors, services and fees, rules, the clinic."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image

from efoy.models import (
    AuditEntry,
    Booking,
    Clinic,
    Doctor,
    DoctorService,
    RefundPolicy,
    Service,
    ServicePrice,
)
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import ADMIN


@pytest.fixture
def admin(app, clock):
    """The clinic's admin, signed in."""
    return Browser(app, ADMIN, now=clock())


def typed(page, part=None):
    """What a browser would send of the form with a ``seen`` in it, or of the one with ``part``."""
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", page.text, re.DOTALL)
    mark = part or 'name="seen"'
    form = next(each for each in forms if mark in each)
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or " checked" in tag):
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, body in re.findall(
        r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'<option selected[^>]*value="([^"]*)"', body)
        first = re.search(r'<option[^>]*value="([^"]*)"', body)
        found[name] = [(chosen or first)[1]]
    for name, body in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        found[name] = [body.strip()]
    return {k: v if len(v) > 1 else v[0] for k, v in found.items() if k != "csrf_token"}


def told(story, kind):
    """What the audit trail says of a kind: event and changes, oldest first."""
    rows = sorted(story.rows(AuditEntry, object=kind), key=lambda row: row.seq)
    return [(row.event, row.facts.get("changes")) for row in rows]


# -- doctors ---------------------------------------------------------------------------------


def test_a_doctor_is_added_paused_and_can_be_booked_once_started(story, admin):
    given = typed(admin.get("/admin/doctors/new"), "Add the doctor") | {
        "name": "Dr Meron Alemu",
        "services": ["1", "2"],
    }

    added = admin.post("/admin/doctors/new", **given)

    assert (added.status_code, added.location) == (303, "/admin/doctors/dr-meron-alemu")
    [row] = story.rows(Doctor, slug="dr-meron-alemu")
    assert not row.active
    offered = story.rows(DoctorService, doctor_id=row.id)
    assert sorted(each.service_id for each in offered) == [1, 2]
    admin.get(added.location)
    assert "Dr Meron Alemu" not in words(admin.get("/doctors"))
    admin.post("/admin/doctors/dr-meron-alemu/resume")
    assert "Dr Meron Alemu" in words(admin.get("/doctors"))
    assert [event for event, _ in told(story, "doctor")] == ["add", "resume"]


def test_what_is_wrong_with_a_doctor_is_said_at_the_field_and_kept(admin):
    path = "/admin/doctors/hana-tesfaye"
    given = typed(admin.get(path)) | {"name": "", "languages": "Amharic"}

    answer = admin.post(path, **given)

    assert answer.status_code == 400
    assert "Enter the doctor’s name" in words(answer)
    assert 'value="Amharic"' in answer.text


def test_a_doctor_is_described_anew_with_before_and_after(story, admin):
    path = "/admin/doctors/hana-tesfaye"

    saved = admin.post(path, **(typed(admin.get(path)) | {"languages": "Amharic, English"}))

    assert saved.status_code == 303
    assert told(story, "doctor") == [("change", {"languages": ["", "Amharic, English"]})]


def test_two_admins_on_one_doctor_are_told_and_lose_nothing(story, admin):
    path = "/admin/doctors/hana-tesfaye"
    first, second = typed(admin.get(path)), typed(admin.get(path))
    admin.post(path, **(first | {"place": "Room 4"}))

    late = admin.post(path, **(second | {"languages": "Amharic"}))
    again = admin.post(path, **typed(late))

    assert late.status_code == 409
    assert "Somebody else changed this meanwhile" in words(late)
    assert "Room 4" in words(late)
    assert 'value="Amharic"' in late.text
    assert again.status_code == 303
    [row] = story.rows(Doctor, slug="hana-tesfaye")
    assert (row.languages, row.place) == ("Amharic", second["place"])


def test_a_pause_stops_new_bookings_lists_the_others_and_drops_none(story, admin):
    booking_id = story.booked(story.time(25))
    path = "/admin/doctors/hana-tesfaye"

    paused = admin.post(f"{path}/pause")
    refused = admin.post(f"{path}/remove")

    assert paused.status_code == 303
    assert admin.get("/doctors/hana-tesfaye").status_code == 404
    page = words(admin.get(path))
    assert "1 visit to come stays booked" in page
    assert story.booking(booking_id).ref in admin.get(path).text
    assert refused.status_code == 409
    assert "Somebody is still booked here" in words(refused)
    assert story.booking(booking_id).status == "confirmed"
    assert story.claims(booking_id) == 4


def test_a_doctor_nobody_is_booked_with_leaves_the_list_and_can_come_back(story, admin, clock):
    path = "/admin/doctors/samuel-mwangi"
    admin.post(f"{path}/pause")

    removed = admin.post(f"{path}/remove")

    assert removed.status_code == 303
    assert "Off the list" in words(admin.get("/admin/doctors"))
    admin.post(f"{path}/resume")
    [row] = story.rows(Doctor, slug="samuel-mwangi")
    assert row.active
    assert row.removed_at is None


# -- services and fees -----------------------------------------------------------------------


def fee(admin, **given):
    """Type a fee from a day on."""
    form = {"amount": "50", "valid_from": "2026-11-24", "doctor": "0"} | given
    return admin.post("/admin/services/see-the-doctor/fee", **form)


def test_a_fee_rises_from_a_day_and_booked_visits_keep_theirs(story, admin):
    before = story.hold(story.time(25))

    changed = fee(admin)
    today = story.hold(story.time(26), email="a@example.org")
    page = words(admin.get("/admin/services/see-the-doctor"))
    story.wait(hours=20)
    tomorrow = story.hold(story.time(50), email="b@example.org")

    assert changed.status_code == 303
    prices = [story.booking(held.id).price_minor for held in (before, today, tomorrow)]
    assert prices == [4500, 4500, 5000]
    assert "2 people already booked keep the old fee." in page
    [(event, changes)] = told(story, "service")
    assert (event, changes) == ("fee", {"fee from 2026-11-24": [None, "5000 USD"]})


def test_a_doctors_own_fee_goes_before_the_services_and_can_end(story, admin):
    fee(admin, amount="60", doctor="1", valid_from="2026-11-23")
    own = story.hold(story.time(25))
    other = story.hold(story.time(26), doctor="samuel-mwangi", email="a@example.org")

    fee(admin, doctor="1", same="y", amount="", valid_from="2026-11-24")
    story.wait(hours=20)
    back = story.hold(story.time(50), email="b@example.org")

    prices = [story.booking(held.id).price_minor for held in (own, other, back)]
    assert prices == [6000, 4500, 4500]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"amount": "0.49"}, "Enter an amount from $0.50"),
        ({"amount": "4,50"}, "Enter an amount from $0.50"),
        ({"amount": ""}, "Enter an amount from $0.50"),
        ({"amount": "1000000"}, "Enter an amount from $0.50"),
        ({"valid_from": "2026-11-22"}, "Choose today or a day to come"),
        ({"valid_from": "2099-01-01"}, "Choose today or a day to come"),
        ({"valid_from": "24.11.2026"}, "Choose a day"),
        ({"same": "y", "amount": ""}, "Choose the doctor who takes the usual fee again"),
        ({"doctor": "9"}, "Choose one of the list"),
    ],
)
def test_a_fee_that_cannot_be_is_refused_at_its_field(story, admin, given, said):
    answer = fee(admin, **given)

    assert answer.status_code == 400
    assert said in words(answer)
    assert story.rows(ServicePrice) == []


def test_a_fee_to_come_is_taken_back_and_one_that_holds_is_not(story, admin):
    fee(admin)
    fee(admin, valid_from="2026-11-23", amount="47")
    coming, holds = sorted(story.rows(ServicePrice), key=lambda row: row.valid_from)[::-1]
    path = "/admin/services/see-the-doctor/fee"

    taken = admin.post(f"{path}/{coming.id}/withdraw")
    kept = admin.post(f"{path}/{holds.id}/withdraw")

    assert (taken.status_code, kept.status_code) == (303, 422)
    assert [row.id for row in story.rows(ServicePrice)] == [holds.id]


def test_a_new_service_is_bookable_at_once_under_its_rules(story, admin):
    given = typed(admin.get("/admin/services/new"), "Add the service") | {
        "name": "Second opinion",
        "amount": "120",
        "minutes": "30",
        "tax": "7.5",
        "doctors": "1",
    }

    added = admin.post("/admin/services/new", **given)

    assert added.location == "/admin/services/second-opinion"
    [row] = story.rows(Service, slug="second-opinion")
    assert (row.price_minor, row.minutes, row.tax_basis_points) == (12000, 30, 750)
    held = story.hold(story.time(25), service="second-opinion")
    assert story.booking(held.id).price_minor == 12000


def test_a_service_is_changed_for_new_bookings_only(story, admin):
    booking_id = story.hold(story.time(25)).id
    path = "/admin/services/see-the-doctor"
    before = story.booking(booking_id)

    saved = admin.post(path, **(typed(admin.get(path)) | {"minutes": "40", "tax": "10"}))

    assert saved.status_code == 303
    after = story.booking(booking_id)
    assert (after.ends_at, after.tax_basis_points) == (before.ends_at, before.tax_basis_points)
    [(_, changes)] = told(story, "service")
    assert changes == {"minutes": [20, 40], "tax_basis_points": [0, 1000]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"minutes": "0"}, "Enter a whole number from 5 to 480"),
        ({"minutes": "twenty"}, "Enter a whole number from 5 to 480"),
        ({"horizon_days": "0"}, "Enter a whole number from 1 to 365"),
        ({"tax": "100"}, "Enter a percentage, like 7.5"),
        ({"mode": "by pigeon"}, "Choose one of the list"),
        ({"rules": "77"}, "Choose one of the list"),
        ({"doctors": ["1", "99"]}, "Choose from the list"),
        ({"name": "x" * 81}, "Use 80 characters at most"),
    ],
)
def test_a_service_that_cannot_be_is_refused_at_its_field(story, admin, given, said):
    path = "/admin/services/see-the-doctor"

    answer = admin.post(path, **(typed(admin.get(path)) | given))

    assert answer.status_code == 400
    assert said in words(answer)
    assert told(story, "service") == []


# -- refund rules ----------------------------------------------------------------------------


def test_a_save_is_a_new_version_for_bookings_from_now_on(story, admin):
    before = story.hold(story.time(25))
    path = "/admin/policies/1"

    saved = admin.post(path, **(typed(admin.get(path)) | {"share_1": "25"}))
    after = story.hold(story.time(26), email="a@example.org")

    assert saved.status_code == 303
    rows = sorted(story.rows(RefundPolicy), key=lambda row: row.version)
    assert [(row.version, row.first_id, row.rungs) for row in rows] == [
        (1, None, [[1440, 100], [120, 50]]),
        (2, 1, [[1440, 100], [120, 25]]),
    ]
    assert {row.policy_id for row in story.rows(Service)} == {rows[1].id}
    old, new = (story.booking(held.id).policy for held in (before, after))
    assert (old["version"], old["rungs"]) == (1, [[1440, 100], [120, 50]])
    assert (new["version"], new["rungs"]) == (2, [[1440, 100], [120, 25]])
    assert "Applies to bookings made from now on" in words(admin.get(path))


def test_the_ladder_of_a_sample_visit_is_shown_without_saving(story, admin):
    path = "/admin/policies/1"

    shown = admin.post(path, **(typed(admin.get(path)) | {"share_1": "25", "show": "1"}))

    assert shown.status_code == 200
    assert "$20.00" in words(shown)  # a quarter of the dearest service
    assert len(story.rows(RefundPolicy)) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"share_1": "150"}, "Enter a share from 0 to 100"),
        ({"until_1": "many"}, "Enter how long before the visit"),
        ({"until_1": "999999", "unit_1": "days"}, "Enter how long before the visit"),
        ({"until_1": "24", "unit_1": "hours"}, "Two rows have the same deadline"),
        ({"share_0": "10", "share_1": "50"}, "Who cancels later cannot get more back"),
        ({"name": ""}, "Enter a name, like Standard"),
        ({"approval_mode": "never"}, "Choose one of the list"),
    ],
)
def test_rules_that_are_none_are_refused(story, admin, given, said):
    path = "/admin/policies/1"

    answer = admin.post(path, **(typed(admin.get(path)) | given))

    assert answer.status_code == 400
    assert said in words(answer)
    assert len(story.rows(RefundPolicy)) == 1


def test_two_admins_on_one_set_of_rules_are_told(story, admin):
    path = "/admin/policies/1"
    first, second = typed(admin.get(path)), typed(admin.get(path))
    admin.post(path, **(first | {"share_1": "40"}))

    late = admin.post(path, **(second | {"share_1": "30"}))

    assert late.status_code == 409
    assert 'value="30"' in late.text
    assert len(story.rows(RefundPolicy)) == 2


def test_new_rules_are_chosen_at_a_service(story, admin):
    given = typed(admin.get("/admin/policies/new")) | {
        "name": "Strict",
        "until_0": "2",
        "unit_0": "days",
        "share_0": "100",
        "approval_mode": "automatic",
    }
    added = admin.post("/admin/policies/new", **given)
    [row] = story.rows(RefundPolicy, name="Strict")
    path = "/admin/services/see-the-doctor"

    admin.post(path, **(typed(admin.get(path)) | {"rules": str(row.id)}))

    assert added.status_code == 303
    assert row.rungs == [[2880, 100]]
    held = story.hold(story.time(25))
    assert story.booking(held.id).policy["name"] == "Strict"


# -- the clinic ------------------------------------------------------------------------------


def test_the_clinic_says_something_else_on_the_next_page(story, admin):
    given = typed(admin.get("/admin/clinic")) | {"name": "Juniper Clinic", "colour": "#1D4E80"}

    saved = admin.post("/admin/clinic", **given)

    assert saved.status_code == 303
    page = admin.get("/doctors")
    assert "Juniper Clinic" in words(page)
    assert '/clinic/look-1d4e80.css"' in page.text
    sheet = admin.get("/clinic/look-1d4e80.css")
    assert sheet.mimetype == "text/css"
    assert "--brand: #1d4e80" in sheet.text
    [(_, changes)] = told(story, "clinic")
    assert changes["name"] == ["Acacia Family Clinic", "Juniper Clinic"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"colour": "#8fd0a0"}, "White words on it reach 1.79 to 1"),
        ({"colour": "green"}, "Enter a colour like #0b5b43"),
        ({"statement_name": "ACA"}, "Use 5 to 22 letters and digits"),
        ({"statement_name": "ACACIA * CLINIC"}, "Use 5 to 22 letters and digits"),
        ({"statement_name": "1234567"}, "Use 5 to 22 letters and digits"),
        ({"statement_name": "አካሺያ ክሊኒክ"}, "Use 5 to 22 letters and digits"),
        ({"currency": "BHD"}, "Enter three letters of a currency"),
        ({"country": "Kenya"}, "Enter two letters, like KE"),
        ({"email": "nobody"}, "Enter an email address"),
        ({"phone": "12"}, "Enter a phone number"),
        ({"refund_limit": "a lot"}, "Enter an amount, like 100.00"),
    ],
)
def test_a_clinic_that_cannot_be_is_refused_at_its_field(story, admin, given, said):
    answer = admin.post("/admin/clinic", **(typed(admin.get("/admin/clinic")) | given))

    assert answer.status_code == 400
    assert said in words(answer)
    assert told(story, "clinic") == []


def test_the_currency_changes_until_there_is_a_payment(story, admin):
    first = admin.post("/admin/clinic", **(typed(admin.get("/admin/clinic")) | {"currency": "EUR"}))
    changed = {row.currency for row in story.rows(Service)}
    back = admin.post("/admin/clinic", **(typed(admin.get("/admin/clinic")) | {"currency": "USD"}))
    story.booked()

    late = admin.post("/admin/clinic", **(typed(admin.get("/admin/clinic")) | {"currency": "EUR"}))

    assert (first.status_code, changed, back.status_code) == (303, {"EUR"}, 303)
    assert late.status_code == 409
    assert "There are payments, so the currency stays" in words(late)
    assert {row.currency for row in story.rows(Service)} == {"USD"}


def test_another_zone_shows_what_it_changes_and_moves_fees_not_visits(story, admin):
    booking_id = story.booked(story.time(25))
    fee(admin)
    starts_at = story.booking(booking_id).starts_at
    path = "/admin/clinic/zone"
    given = {"seen": "America/New_York", "zone": "Africa/Nairobi", "zone_label": ""}

    looked = admin.post(path, **given)
    moved = admin.post(path, **given, sure="y")

    assert looked.status_code == 400
    assert "Almaz Bekele" in words(looked)
    assert "6:00 pm" in words(looked).replace("\u00a0", " ")
    assert moved.status_code == 303
    assert story.rows(Clinic)[0].zone == "Africa/Nairobi"
    assert story.booking(booking_id).starts_at == starts_at
    [row] = story.rows(ServicePrice)
    assert row.starts_at.isoformat() == "2026-11-23T21:00:00+00:00"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "America/New York"])
def test_a_zone_that_is_none_is_refused(story, admin, zone):
    answer = admin.post("/admin/clinic/zone", seen="America/New_York", zone=zone, sure="y")

    assert answer.status_code == 400
    assert story.rows(Clinic)[0].zone == "America/New_York"


def picture(kind="PNG", size=(300, 200), **more):
    """A picture file."""
    written = io.BytesIO()
    Image.new("RGB", size, (11, 91, 67)).save(written, kind, **more)
    return written.getvalue()


def send(admin, body, name="logo.png"):
    """Choose a file and press the button."""
    return admin.post("/admin/clinic/logo", logo=(io.BytesIO(body), name))


def test_a_logo_is_drawn_afresh_and_served_for_ever(story, admin):
    hidden_words = b"<script>alert(1)</script>"

    sent = send(admin, picture() + hidden_words)

    assert sent.status_code == 303
    mark = story.rows(Clinic)[0].logo_hash
    shown = admin.get(f"/clinic/logo-{mark}.png")
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert "immutable" in shown.headers["Cache-Control"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert hidden_words not in shown.data
    assert Image.open(io.BytesIO(shown.data)).size == (192, 128)
    assert f"/clinic/logo-{mark}.png" in admin.get("/doctors").text
    admin.post("/admin/clinic/logo/remove")
    assert "/clinic/logo-" not in admin.get("/doctors").text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Choose a file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Choose a PNG picture"),
        (picture("JPEG"), "Choose a PNG picture"),
        (picture("GIF"), "Choose a PNG picture"),
        (picture()[:80], "Choose a PNG picture"),
        (picture()[:40] + b"\x00" * 100, "Choose a PNG picture"),
        (picture(size=(8, 8)), "from 32 to 2048 dots"),
        (picture(size=(4000, 100)), "from 32 to 2048 dots"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * (256 * 1024), "256 KB at most"),
    ],
)
def test_what_is_no_small_png_is_refused(story, admin, body, said):
    answer = send(admin, body)

    assert answer.status_code == 400
    assert said in words(answer)
    assert story.rows(Clinic)[0].logo_hash is None


def test_a_file_far_too_large_is_not_even_read(admin):
    assert send(admin, b"x" * 400_000).status_code == 413


def test_every_booking_of_the_house_is_where_it_was(story, admin):
    booking_id = story.booked()
    before = story.rows(Booking)

    for path in ("/admin/doctors", "/admin/services", "/admin/policies", "/admin/clinic"):
        assert admin.get(path).status_code == 200
    assert hidden(admin.get("/admin/services/see-the-doctor"), "seen")

    assert story.rows(Booking) == before
    assert story.booking(booking_id).starts_at - story.clock() > timedelta(0)


def test_a_new_clinic_is_told_what_is_still_to_do_and_an_open_one_is_not(story, admin):
    new = words(admin.get("/admin"))
    story.run_sql("DELETE FROM opening_hours")
    without_hours = words(admin.get("/admin"))

    assert "Before the first booking 5 of 6 done" in new
    assert "4 of 6 done" in without_hours
    assert "To do Give each doctor hours" in without_hours


def test_once_money_came_the_list_of_what_to_do_is_gone(story, admin):
    story.booked()

    assert "Before the first booking" not in words(admin.get("/admin"))

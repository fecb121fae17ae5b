"""Does money find its way back, from the first press to the last, against a running demo?"""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.slow]
CLOSED_CARD = "4000 0000 0000 5126"


def refund_everything(admin, ref):
    """Give all of it back on the booking's page."""
    admin.go(f"/admin/bookings/{ref}")
    admin.page.locator("input[name=choice][value=full]").check(force=True)
    admin.press("^Review refund")
    admin.look()
    admin.press(r"^Refund \$")


def test_a_patient_cancels_and_an_admin_approves_several_at_once(somebody, admin):
    people = ("walk-approve-1@example.org", "walk-approve-2@example.org")
    refs = []
    for email in people:
        patient = somebody(viewport={"width": 390, "height": 844})
        refs.append(patient.book(email))
        patient.go(f"/bookings/{refs[-1]}/cancel")
        patient.look()
        patient.press("^Cancel and refund")
        patient.look()
        assert "cancelled" in patient.heading.lower()

    admin.go("/admin/refunds")
    admin.look()
    for ref in refs:
        row = admin.page.locator("tr", has_text=ref)
        row.locator("input[name=refund]").check(force=True)
    admin.press("^Review the chosen")
    admin.look()
    assert "Approve 2 refunds?" in admin.heading
    admin.press("^Approve .* now")

    assert "2 refunds are approved" in admin.text
    for email in people:
        *_, mail = patient.mails(email, at_least=3)
        assert "refund" in mail["subject"].lower()


def test_a_failed_refund_is_sorted_out_by_hand(patient, admin):
    email = "walk-sorted@example.org"
    ref = patient.book(email, card=CLOSED_CARD, name="Bounced Walker")
    refund_everything(admin, ref)
    admin.go("/admin/refunds?tab=failed")
    admin.reload_until("Bounced Walker")
    row = admin.page.locator("tr", has_text="Bounced Walker")

    with admin.page.expect_navigation():
        row.get_by_role("link", name="Sort it out").click()
    admin.look()
    admin.page.locator("textarea[name=note]").fill("Comes on Tuesday at ten")
    admin.press("^Note it")
    admin.page.locator("input[name=handed_by]").fill("Selam Abebe")
    admin.press("^Review .* by hand")
    admin.look()
    admin.press("was handed over$")

    assert "was handed over by Selam Abebe" in admin.text
    *_, mail = patient.mails(email, at_least=4)
    assert "was paid back to you" in mail["subject"]
    admin.go("/admin")
    admin.look()
    assert "Bounced Walker" not in admin.page.locator(".queue").inner_text()

"""Does a dispute take the money, block refunds, and end as it was decided?"""

import pytest
import stripe


def disputed(clinic, **more):
    intent = clinic.paid()
    clinic.later(5)
    made = clinic.box.control("disputes", {"payment_intent": intent.id, **more})
    return intent, made["id"]


def test_a_dispute_takes_amount_and_fee_at_once(clinic):
    intent, ref = disputed(clinic)

    found = clinic.v1.disputes.retrieve(ref)
    assert (found.status, found.is_charge_refundable) == ("needs_response", False)
    assert clinic.balance_of(ref) == [("dispute", -4500, 1500)]
    assert clinic.v1.charges.retrieve(intent.latest_charge.id).disputed
    assert clinic.events("charge.dispute") == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    ]


def test_a_disputed_charge_cannot_be_refunded(clinic):
    intent, _ = disputed(clinic)

    with pytest.raises(stripe.InvalidRequestError) as caught:
        clinic.refund(intent, 100)

    assert caught.value.code == "charge_disputed"


def test_a_won_dispute_brings_the_amount_back(clinic):
    _, ref = disputed(clinic)

    clinic.box.control(f"disputes/{ref}/close", {"status": "won"})

    assert clinic.v1.disputes.retrieve(ref).status == "won"
    assert clinic.balance_of(ref)[-1] == ("dispute_reversal", 4500, 0)
    assert clinic.events("charge.dispute")[-2:] == [
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


def test_a_lost_dispute_is_final(clinic):
    _, ref = disputed(clinic)

    assert clinic.v1.disputes.close(ref).status == "lost"

    with pytest.raises(stripe.InvalidRequestError):
        clinic.v1.disputes.close(ref)
    assert len(clinic.balance_of(ref)) == 1


@pytest.mark.parametrize(
    ("text", "status"),
    [("winning_evidence", "won"), ("losing_evidence", "lost"), ("dear bank", "under_review")],
)
def test_evidence_is_submitted_and_decided_by_its_words(clinic, text, status):
    _, ref = disputed(clinic)

    sent = clinic.v1.disputes.update(ref, {"evidence": {"uncategorized_text": text}})
    assert (sent.status, sent.evidence_details.has_evidence) == ("under_review", True)
    clinic.later(60)

    assert clinic.v1.disputes.retrieve(ref).status == status


def test_an_inquiry_can_become_a_dispute(clinic):
    _, ref = disputed(clinic, inquiry=True)
    assert clinic.balance_of(ref) == []

    evidence = {"uncategorized_text": "escalate_inquiry_evidence"}
    clinic.v1.disputes.update(ref, {"evidence": evidence})
    clinic.later(60)

    assert clinic.v1.disputes.retrieve(ref).status == "needs_response"
    assert clinic.balance_of(ref) == [("dispute", -4500, 1500)]


def test_a_full_refund_settles_an_inquiry(clinic):
    intent, ref = disputed(clinic, inquiry=True)

    clinic.refund(intent, 4500)

    assert clinic.v1.disputes.retrieve(ref).status == "warning_closed"


def test_a_pending_refund_fails_when_the_bank_takes_the_money(clinic):
    intent = clinic.paid("4000000000007726")
    refund = clinic.refund(intent, 1000)

    clinic.box.control("disputes", {"payment_intent": intent.id})

    found = clinic.v1.refunds.retrieve(refund.id)
    assert found.failure_reason == "charge_for_pending_refund_disputed"
    assert clinic.balance_of(refund.id) == []

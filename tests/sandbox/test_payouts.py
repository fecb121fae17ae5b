"""Do payouts carry exactly what came in, and can they be matched?"""

import pytest


def everything(clinic):
    """A week of a clinic: payments, a refund, one that failed, a lost dispute."""
    clinic.refund(clinic.paid(), 1000)
    clinic.refund(clinic.paid("4000000000005126"), 500)
    intent = clinic.paid()
    clinic.later(120)
    clinic.box.control("disputes", {"payment_intent": intent.id})
    clinic.box.later()


def test_the_parts_of_a_payout_add_up_to_it(clinic):
    everything(clinic)
    payout = clinic.box.control("payouts", {"currency": "usd"})

    rows = clinic.v1.balance_transactions.list({"payout": payout["id"], "limit": 100}).data

    parts = [r for r in rows if r.type != "payout"]
    assert sum(r.net for r in parts) == payout["amount"] == 3 * 4339 - 1000 - 4500 - 1500
    assert {r.reporting_category for r in parts} == {
        "charge",
        "refund",
        "refund_failure",
        "dispute",
    }
    assert all(r.net == r.amount - r.fee for r in rows)


def test_a_payout_travels_arrives_and_is_reconciled(clinic):
    everything(clinic)
    ref = clinic.box.control("payouts", {})["id"]
    assert clinic.v1.payouts.retrieve(ref).status == "pending"

    clinic.later(7)
    assert clinic.v1.payouts.retrieve(ref).status == "in_transit"
    clinic.later(7)

    found = clinic.v1.payouts.retrieve(ref)
    assert (found.status, found.reconciliation_status) == ("paid", "completed")
    assert clinic.events("payout") == [
        "payout.created",
        "payout.updated",
        "payout.paid",
        "payout.reconciliation_completed",
    ]


def test_a_paid_payout_may_still_come_back(clinic):
    everything(clinic)
    ref = clinic.box.control("payouts", {})["id"]
    clinic.later(20)

    clinic.box.control(f"payouts/{ref}/fail", {})

    found = clinic.v1.payouts.retrieve(ref, {"expand": ["failure_balance_transaction"]})
    assert found.status == "failed"
    assert found.failure_balance_transaction.amount == found.amount


def test_the_same_money_is_paid_out_once(clinic):
    everything(clinic)
    clinic.box.control("payouts", {})

    with pytest.raises(ValueError, match="nothing to pay out"):
        clinic.box.control("payouts", {})


def test_money_is_pending_for_two_days(clinic):
    clinic.paid()
    clinic.later(5)
    clinic.v1.balance.retrieve()

    def balance():
        found = clinic.v1.balance.retrieve()
        return found.pending[0].amount, found.available[0].amount

    assert balance() == (4339, 0)
    clinic.later(2 * 86400)
    assert balance() == (0, 4339)

"""What can the front desk and the clinic admin do here? Bookings, money, health of the house."""

from __future__ import annotations

from flask import Blueprint

import efoy.web.admin.audit as audit
import efoy.web.admin.booking as booking
import efoy.web.admin.bookings as bookings
import efoy.web.admin.disputes as disputes
import efoy.web.admin.exports as exports
import efoy.web.admin.failed as failed
import efoy.web.admin.health as health
import efoy.web.admin.house as house
import efoy.web.admin.needs as needs
import efoy.web.admin.parked as parked
import efoy.web.admin.payments as payments
import efoy.web.admin.refund as refund
import efoy.web.admin.refunds as refunds
import efoy.web.admin.today as today

bp = Blueprint("admin", __name__)
for part in (
    today,
    bookings,
    booking,
    refund,
    refunds,
    failed,
    disputes,
    parked,
    needs,
    health,
    house,
    payments,
    exports,
    audit,
):
    part.add_pages(bp)

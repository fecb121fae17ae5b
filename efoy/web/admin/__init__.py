"""What can the front desk and the clinic admin do here? Bookings, money, health of the house."""

from __future__ import annotations

from flask import Blueprint

import efoy.web.admin.booking as booking
import efoy.web.admin.bookings as bookings
import efoy.web.admin.health as health
import efoy.web.admin.house as house
import efoy.web.admin.money as money
import efoy.web.admin.refund as refund
import efoy.web.admin.today as today

bp = Blueprint("admin", __name__)
for part in (today, bookings, booking, refund, money, health, house):
    part.add_pages(bp)

"""What does the front desk do here? The day, new bookings, money by hand, pay links, schedules."""

from __future__ import annotations

from flask import Blueprint

import efoy.web.desk.booking as booking
import efoy.web.desk.link as link
import efoy.web.desk.money as money
import efoy.web.desk.schedule as schedule
import efoy.web.desk.today as today

bp = Blueprint("desk", __name__)
for part in (today, booking, money, link, schedule):
    part.add_pages(bp)

"""When is a doctor not there, and what becomes of the visits booked then?"""

from __future__ import annotations

from flask import Blueprint

import efoy.web.away.answer as answer
import efoy.web.away.clash as clash
import efoy.web.away.close_day as close_day
import efoy.web.away.time_off as time_off

bp = Blueprint("away", __name__)
for part in (time_off, close_day, clash, answer):
    part.add_pages(bp)

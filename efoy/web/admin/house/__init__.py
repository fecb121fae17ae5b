"""How does an admin set up the house? Doctors, services and fees, rules, the clinic, its people."""

from __future__ import annotations

from flask import Blueprint

import efoy.web.admin.house.clinic as clinic
import efoy.web.admin.house.doctors as doctors
import efoy.web.admin.house.fees as fees
import efoy.web.admin.house.looks as looks
import efoy.web.admin.house.people as people
import efoy.web.admin.house.rules as rules
import efoy.web.admin.house.services as services


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    for part in (doctors, services, fees, rules, clinic, looks, people):
        part.add_pages(bp)

"""What is done for patients by the clock, each minute and each five? Harmless when repeated."""

from __future__ import annotations

from efoy.services.offer_following import end_places, follow_offer, offers_to_follow
from efoy.services.opening import offer_openings
from efoy.services.papers import missing_credit_notes
from efoy.services.reminders import finish_soon, remind
from efoy.services.stripe_list import Sweep


def each_minute(sweep: Sweep) -> int:
    """What became of offers, places in line that are over, new offers, holds that end soon."""
    for offer_id in offers_to_follow():
        follow_offer(offer_id, actor=sweep.actor, now=sweep.now)
    end_places(actor=sweep.actor, now=sweep.now)
    made = offer_openings(actor=sweep.actor, now=sweep.now)
    return made + finish_soon(sweep.now)


def each_five_minutes(sweep: Sweep) -> int:
    """Reminders of tomorrow's visits, and papers that a refund still lacks."""
    return remind(sweep.now) + missing_credit_notes(sweep.now)

"""Does the house keep running, in words, with the cure beside what is wrong?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from efoy.domain.role import Action
from efoy.queries.admin.health import HealthFacts, Waiting, health_facts
from efoy.web.access import requires
from efoy.wiring import outside
from efoy.wording import duration

WORKER_BEATS = timedelta(minutes=3)
"""The worker says each minute that it is alive."""
EVENT_FOLLOWS = timedelta(minutes=10)
"""A payment's message comes within seconds; later than this, Stripe does not reach us."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line: what is so, and what to do where it is not right."""

    name: str
    ok: bool
    words: str
    cure: str = ""
    since: datetime | None = None


def add_pages(bp: Blueprint) -> None:
    """Put this page under /admin."""
    bp.add_url_rule("/admin/health", view_func=health)


@requires(Action.SEE_HEALTH)
def health() -> ResponseReturnValue:
    """Worker, messages, payments, refunds, mail and open alerts, as they are now."""
    now = outside().clock()
    facts = health_facts(now=now)
    return render_template("admin/health.html", checked_at=now, checks=checks(facts, now))


def checks(facts: HealthFacts, now: datetime) -> list[Check]:
    """The facts, judged."""
    return [
        _worker(facts, now),
        _messages(facts, now),
        _waiting(
            _("Messages to look into"),
            facts.events,
            _("None waits."),
            _("Look at the worker’s log."),
        ),
        _waiting(
            _("Payments not decided"),
            facts.payments,
            _("None is stuck."),
            _("Open the booking and press “Check again”."),
        ),
        _waiting(
            _("Refunds to send"),
            facts.refunds,
            _("None waits too long."),
            _("See Refunds; a dispute or the limit of an hour may hold them."),
        ),
        _waiting(
            _("Mail to send"),
            facts.mails,
            _("None waits too long."),
            _("Look at the mail server’s settings."),
        ),
        _waiting(
            _("Mail given up"),
            facts.dead_mails,
            _("None in 30 days."),
            _("Call these patients; their address may be wrong."),
        ),
        _waiting(
            _("Open alerts"), facts.alerts, _("None."), _("See “Needs you” on the first page.")
        ),
    ]


def _worker(facts: HealthFacts, now: datetime) -> Check:
    seen = facts.worker_seen_at
    alive = seen is not None and now - seen <= WORKER_BEATS
    return Check(
        name=_("Worker"),
        ok=alive,
        words=_("Last seen %(ago)s ago.", ago=duration(now - seen)) if seen else _("Never seen."),
        cure="" if alive else _("Start the worker: mails and refunds wait for it."),
        since=None if alive else seen,
    )


def _messages(facts: HealthFacts, now: datetime) -> Check:
    """Stripe's messages come soon after each payment; silence after one means a broken webhook."""
    last, settled = facts.event_at, facts.settled_at
    silent = (
        settled is not None
        and now - settled > EVENT_FOLLOWS
        and (last is None or last < settled - EVENT_FOLLOWS)
    )
    told = _("The last one came %(ago)s ago.", ago=duration(now - last)) if last else ""
    return Check(
        name=_("Stripe’s messages"),
        ok=not silent,
        words=told or _("None has come yet."),
        cure=_("Check the webhook’s address and secret at Stripe.") if silent else "",
        since=settled if silent else None,
    )


def _waiting(name: str, found: Waiting, fine: str, cure: str) -> Check:
    words = ngettext("%(num)s waits.", "%(num)s wait.", found.count) if found.count else fine
    return Check(
        name=name,
        ok=not found.count,
        words=words,
        cure=cure if found.count else "",
        since=found.since,
    )

"""Under which rules does money go back? Rungs in fields, and what they give for a sample visit."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from efoy.domain.errors import StaleEdition
from efoy.domain.house import RuleFacts
from efoy.domain.money import Money
from efoy.domain.policy import ApprovalMode, Policy, Rung, Step, ladder
from efoy.domain.role import Action
from efoy.queries.admin import rules as query
from efoy.services import refund_rules
from efoy.web.access import actor, requires
from efoy.web.admin.house.fields import NUMBER, Chosen, line_field, seen_field
from efoy.web.context import clinic
from efoy.web.forms import BaseForm, strip
from efoy.web.policy_words import sentence
from efoy.wiring import outside

RUNGS = 6
UNITS = {"minutes": 1, "hours": 60, "days": 1440}
UNIT_WORDS = (("hours", _l("hours")), ("days", _l("days")), ("minutes", _l("minutes")))
LONGEST_MINUTES = 90 * 1440
SAMPLE_DAYS, SAMPLE_AT = 3, time(9, 20)
SAMPLE_MINOR = 4500


class RuleForm(BaseForm):
    """Rungs in any order; empty rows count for nothing."""

    name = line_field(_l("Name"), _l("Enter a name, like Standard"), most=60)
    approval_mode = Chosen(_l("When a patient cancels"), coerce=str)
    seen = seen_field()

    def with_choices(self) -> RuleForm:
        """The same, with what there is to choose."""
        words = {
            ApprovalMode.APPROVAL: _("The clinic approves what goes back"),
            ApprovalMode.AUTOMATIC: _("It goes back by itself"),
        }
        self.approval_mode.choices = [(str(mode), words[mode]) for mode in ApprovalMode]
        return self

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The three fields of each row."""
        return [(self[f"until_{n}"], self[f"unit_{n}"], self[f"share_{n}"]) for n in range(RUNGS)]

    def shown_rows(self) -> int:
        """How many rows a page draws: those with something in them, and an empty one."""
        filled = [n for n, row in enumerate(self.rows(), 1) if row[0].data or row[2].data]
        return min(RUNGS, max(2, *filled, 0) + 1)

    def rungs(self) -> tuple[tuple[int, int], ...] | None:
        """What was typed, earliest deadline first; None, with errors, where it makes no rules."""
        found = []
        for until, unit, share in self.rows():
            if until.data or share.data:
                found.append((_minutes(until, unit), _percent(share)))
        if any(minutes is None or percent is None for minutes, percent in found):
            return None
        rungs = sorted(((m or 0, p or 0) for m, p in found), reverse=True)
        return tuple(rungs) if self._run_down(rungs) else None

    def _run_down(self, rungs: list[tuple[int, int]]) -> bool:
        minutes = [minutes for minutes, _share in rungs]
        shares = [share for _minutes, share in rungs]
        if len(set(minutes)) < len(minutes):
            self["until_0"].errors = [_("Two rows have the same deadline. Keep one of them")]
        elif shares != sorted(shares, reverse=True):
            self["share_0"].errors = [_("Who cancels later cannot get more back. Lower the share")]
        return not (self["until_0"].errors or self["share_0"].errors)

    def facts(self, rungs: tuple[tuple[int, int], ...]) -> RuleFacts:
        """What was typed."""
        mode = ApprovalMode(self.approval_mode.data)
        return RuleFacts(name=self.name.data, rungs=rungs, approval_mode=mode)


for _n in range(RUNGS):
    _units = [SelectChoice(unit, words) for unit, words in UNIT_WORDS]
    setattr(RuleForm, f"until_{_n}", StringField(_l("Until"), filters=[strip]))
    setattr(RuleForm, f"unit_{_n}", SelectField(_l("Unit"), choices=_units, default="hours"))
    setattr(RuleForm, f"share_{_n}", StringField(_l("Percent"), filters=[strip]))


def _minutes(until: Any, unit: Any) -> int | None:
    step = UNITS.get(unit.data)
    good = step is not None and NUMBER.fullmatch(until.data or "")
    minutes = int(until.data) * step if good and step else None
    if minutes is None or minutes > LONGEST_MINUTES:
        until.errors = [_("Enter how long before the visit, up to 90 days")]
        return None
    return minutes


def _percent(share: Any) -> int | None:
    if not NUMBER.fullmatch(share.data or "") or int(share.data) > 100:
        share.errors = [_("Enter a share from 0 to 100")]
        return None
    return int(share.data)


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/policies", view_func=rule_list)
    bp.add_url_rule("/admin/policies/new", view_func=new_rules)
    bp.add_url_rule("/admin/policies/new", view_func=add_rules, methods=["POST"])
    bp.add_url_rule("/admin/policies/<int:rules>", view_func=rule_page)
    bp.add_url_rule("/admin/policies/<int:rules>", view_func=save_rules, methods=["POST"])


@requires(Action.SET_UP)
def rule_list() -> ResponseReturnValue:
    """All rules, each with the sentence patients read."""
    found = query.rule_list(outside().clock())
    told = [(each, sentence(each.newest.policy)) for each in found]
    return render_template("admin/policies.html", rules=told)


@requires(Action.SET_UP)
def new_rules() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, RuleForm(formdata=None, data={"approval_mode": "approval"}), ())


@requires(Action.SET_UP)
def add_rules() -> ResponseReturnValue:
    """New rules, or what the typed ones would give."""
    form = RuleForm().with_choices()
    rungs = form.rungs() if form.validate() else None
    if rungs is None or request.form.get("show"):
        return make_response(_page(None, form, rungs), 200 if rungs is not None else 400)
    first = refund_rules.add_rules(form.facts(rungs), actor=actor(), now=outside().clock())
    flash(_("The rules are there. Choose them at the services that use them."))
    return redirect(f"/admin/policies/{first}", 303)


@requires(Action.SET_UP)
def rule_page(rules: int) -> ResponseReturnValue:
    """The rules with their versions."""
    found = query.rule_file(rules, outside().clock())
    return _page(found, _filled(found.facts), found.facts.rungs)


@requires(Action.SET_UP)
def save_rules(rules: int) -> ResponseReturnValue:
    """A new version, or what the typed rungs would give."""
    found, form = query.rule_file(rules, outside().clock()), RuleForm().with_choices()
    rungs = form.rungs() if form.validate() else None
    if rungs is None or request.form.get("show"):
        return make_response(_page(found, form, rungs), 200 if rungs is not None else 400)
    seen, facts, now = form.seen.data or "", form.facts(rungs), outside().clock()
    try:
        refund_rules.save_rules(rules, facts, seen=seen, actor=actor(), now=now)
    except StaleEdition:
        fresh = query.rule_file(rules, now)
        return make_response(_page(fresh, form, rungs, stale=True), 409)
    flash(_("Saved. It applies to bookings made from now on."))
    return redirect(f"/admin/policies/{rules}", 303)


def _filled(facts: RuleFacts) -> RuleForm:
    data: dict[str, object] = {"name": facts.name, "approval_mode": str(facts.approval_mode)}
    for number, (minutes, share) in enumerate(facts.rungs[:RUNGS]):
        unit = next(name for name in ("days", "hours", "minutes") if minutes % UNITS[name] == 0)
        unit = "hours" if unit == "days" and minutes <= 2880 else unit
        data[f"until_{number}"] = str(minutes // UNITS[unit])
        data[f"unit_{number}"], data[f"share_{number}"] = unit, str(share)
    return RuleForm(formdata=None, data=data)


def _page(
    found: query.RuleFile | None,
    form: RuleForm,
    rungs: tuple[tuple[int, int], ...] | None,
    *,
    stale: bool = False,
) -> str:
    fresh = stale or form.seen.data is None
    return render_template(
        "admin/policy.html",
        rules=found,
        form=form.with_choices(),
        seen=(found.seen if found and fresh else form.seen.data) or "",
        now_says=found.newest.policy if found and stale else None,
        sample=_sample(found, rungs, outside().clock()),
    )


def _sample(
    found: query.RuleFile | None, rungs: tuple[tuple[int, int], ...] | None, now: datetime
) -> dict[str, Any] | None:
    """What these rungs give for a visit in three days; None while they make no rules."""
    if not rungs:
        return None
    place = clinic()
    zone = ZoneInfo(place.zone)
    day = now.astimezone(zone).date() + timedelta(days=SAMPLE_DAYS)
    starts_at = datetime.combine(day, SAMPLE_AT, zone)
    price = (found.sample if found else None) or Money(SAMPLE_MINOR, place.currency)
    policy = Policy(id=0, version=0, name="", rungs=tuple(_rung(*each) for each in rungs))
    steps: list[Step] = list(ladder(policy, price, starts_at=starts_at, now=now))
    return {"starts_at": starts_at, "price": price, "steps": steps, "words": sentence(policy)}


def _rung(minutes: int, percent: int) -> Rung:
    return Rung(minutes_before=minutes, percent=percent)

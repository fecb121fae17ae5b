"""What does every template know? The clinic, the viewer, the language, and how to write values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, g
from flask_babel import Babel, get_locale, get_translations
from jinja2 import StrictUndefined, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from efoy.domain.errors import DatabaseBusy
from efoy.queries.clinic import NAMELESS, ClinicCard, clinic_card
from efoy.queries.counts import staff_counts
from efoy.web.filters import register_filters
from efoy.web.icons import register_icons
from efoy.web.login import viewer
from efoy.wiring import outside, settings

LANGUAGES = ("en",)
FRESH = timedelta(seconds=5)


def register_context(app: Flask) -> None:
    """Teach the templates our words, icons and values."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, locale_selector=_language)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of the i18n extension
        lambda text: _words().ugettext(text),
        lambda one, many, count: _words().ungettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = _say
    register_icons(app)
    register_filters(app, clinic, locale)
    app.context_processor(_shared)


@pass_eval_context
def _say(eval_ctx: EvalContext, text: str, /, **values: Any) -> str:
    """What ``gettext`` says, by a shorter way: a page says dozens of things, most of them fixed."""
    words = _words()
    key = (id(words), text, eval_ctx.autoescape)
    said = _said.get(key)
    if said is None:
        translated = words.ugettext(text)
        said = _said[key] = Markup(translated) if eval_ctx.autoescape else translated  # noqa: S704  our own words
    return said % values


_said: dict[tuple[int, str, Any], str] = {}
"""Sentences of the templates by catalogue (flask-babel keeps those for good)."""


def _words() -> Any:
    """The catalogue of this page's language, looked up once a request."""
    if "words" not in g:
        g.words = get_translations()
    return g.words


def clinic() -> ClinicCard:
    """The clinic, read once a request and at most every five seconds a process.

    Without a database the last one read stands, then a nameless one: error pages need it too.
    """
    if "clinic" not in g:
        g.clinic = _recent_clinic()
    card: ClinicCard = g.clinic
    return card


def locale() -> str:
    """The language of this page."""
    return str(get_locale() or "en")


def _recent_clinic() -> ClinicCard:
    kept: tuple[datetime, ClinicCard] | None = current_app.extensions.get("efoy_clinic")
    now = outside().clock()
    if kept and settings().env != "test" and abs(now - kept[0]) < FRESH:
        return kept[1]
    try:
        card = clinic_card()
    except DatabaseBusy:
        return kept[1] if kept else NAMELESS
    current_app.extensions["efoy_clinic"] = (now, card)
    return card


def _language() -> str:
    who = None if g.get("bare") else viewer()
    return who.locale if who and who.locale in LANGUAGES else LANGUAGES[0]


def _shared() -> dict[str, Any]:
    """The values of every page. ``g.bare`` marks a page that must stand without a database."""
    bare = g.get("bare", False)
    language = get_locale()
    return {
        "clinic": NAMELESS if bare else clinic(),
        "viewer": None if bare else viewer(),
        "sandbox_mode": settings().sandbox_mode,
        "lang": locale(),
        "text_dir": language.text_direction if language else "ltr",
        "theme": None,
        "staff_counts": staff_counts,
    }

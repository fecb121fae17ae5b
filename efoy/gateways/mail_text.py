"""What does a letter say? Subject, text and HTML from ``templates/mail/<name>``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import gettext, ngettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from efoy.domain.letter import Letter
from efoy.wording import Place, filters_for


@dataclass(frozen=True, kw_only=True)
class MailText:
    """One mail, rendered: the text version is complete without the HTML one."""

    subject: str
    text: str
    html: str


class Writer:
    """Renders letters. The clinic in a letter's context says whose clocks hold."""

    def __init__(self, folder: str) -> None:
        self._environment = lru_cache(maxsize=32)(
            lambda place, locale: _open(folder, place, locale)
        )

    def write(self, letter: Letter, links: Mapping[str, str]) -> MailText:
        """The three faces of a letter; a value that a template misses is an error."""
        place = _Place(
            zone=letter.context["clinic"].zone, zone_label=letter.context["clinic"].zone_label
        )
        environment = self._environment(place, letter.locale)
        facts = {**letter.context, "links": links, "lang": letter.locale.replace("_", "-")}
        subject = _plain(_render(environment, letter, "subject.txt", facts))
        text = _plain(_render(environment, letter, "body.txt", facts))
        html = _render(environment, letter, "body.html", facts)
        return MailText(subject=subject, text=text + "\n", html=html)


def _plain(text: str) -> str:
    """Text for programs that know only text: common spaces, never two empty lines in a row."""
    return re.sub(r"\n{3,}", "\n\n", text.replace("\u00a0", " ")).strip()


@dataclass(frozen=True, kw_only=True)
class _Place:
    zone: str
    zone_label: str


def _open(folder: str, place: Place, locale: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(filters_for(lambda: place, lambda: locale))
    return environment


def _render(environment: Environment, letter: Letter, part: str, facts: Mapping[str, Any]) -> str:
    return environment.get_template(f"mail/{letter.name}/{part}").render(facts)

"""Does every page, in every state, hold what the interface design asks of it?"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask, render_template, render_template_string

from tests.look.away_samples import AWAY_PAGES
from tests.look.doctor_samples import TOTALS_PAGE
from tests.look.gallery import ROOT, draw, gallery
from tests.look.patient_samples import PATIENT_PAGES
from tests.look.samples import BOOKING, CLINIC, STEPS, Case
from tests.look.staff_samples import STAFF_PAGES

PAGES = [*PATIENT_PAGES, *STAFF_PAGES, *AWAY_PAGES]
KILOBYTE = 1024
LABELLED = {"input", "select", "textarea"}
UNSEEN = {"hidden", "submit"}


class Page(HTMLParser):
    """What the tests ask about one page of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside_label = 0
        self.unlabelled: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.inside_label += tag == "label"
        if tag in LABELLED and found.get("type") not in UNSEEN and not self.inside_label:
            self.unlabelled.append(found)

    def handle_endtag(self, tag: str) -> None:
        self.inside_label -= tag == "label"

    def all(self, attribute: str) -> list[str]:
        return [str(found[attribute]) for _, found in self.tags if attribute in found]


@pytest.fixture(scope="module")
def app() -> Flask:
    return gallery()


@pytest.fixture(scope="module", params=PAGES, ids=[case[0] for case in PAGES])
def html(request: pytest.FixtureRequest, app: Flask) -> str:
    case: Case = request.param
    return draw(app, case[1], case[2])


def test_every_template_is_drawn_by_a_sample() -> None:
    drawn = {template for _, template, _ in PAGES}

    folders = ("account", "admin", "away", "booking", "checkout", "doctor", "errors", "pages")
    written = {
        str(path.relative_to(ROOT / "templates"))
        for folder in folders
        for path in (ROOT / "templates" / folder).glob("[!_]*.html")
    }

    assert written <= drawn


def test_a_page_has_no_style_and_no_script_of_its_own(html: str) -> None:
    tags = Page(html).tags

    assert not [tag for tag, _ in tags if tag == "style"]
    assert not [found for tag, found in tags if tag == "script" and "src" not in found]
    assert not [name for _, found in tags for name in found if name == "style" or name[:2] == "on"]
    assert "javascript:" not in html


def test_ids_are_unique_and_whatever_points_at_one_finds_it(html: str) -> None:
    page = Page(html)
    ids = Counter(page.all("id"))
    pointed = [
        target
        for attribute in ("for", "aria-describedby", "aria-labelledby", "data-count-for")
        for value in page.all(attribute)
        for target in value.split()
    ]
    pointed += [href[1:] for href in page.all("href") if href.startswith("#")]

    assert [name for name, count in ids.items() if count > 1] == []
    assert [target for target in pointed if target not in ids] == []


def test_every_field_has_a_label(html: str) -> None:
    page = Page(html)
    labelled = {str(found["for"]) for tag, found in page.tags if tag == "label" and "for" in found}

    assert [found for found in page.unlabelled if found.get("id") not in labelled] == []


def test_a_page_says_what_it_is_once(html: str) -> None:
    tags = [tag for tag, _ in Page(html).tags]

    assert tags.count("h1") == 1
    assert tags.count("main") == 1
    assert re.search(r"<title>[^<]*\w[^<]*</title>", html)


def test_every_form_that_posts_carries_the_token(html: str) -> None:
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", html, re.DOTALL)

    assert [form for form in forms if 'name="csrf_token"' not in form] == []


def test_every_icon_shown_is_drawn_on_the_page(html: str) -> None:
    used = set(re.findall(r'<use href="#([\w-]+)"', html))
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', html))

    assert used <= drawn
    assert drawn - used <= {"mk", "mk-petals"}


@pytest.mark.parametrize(
    ("cases", "budget"),
    [(PATIENT_PAGES, 6), ([*STAFF_PAGES, *AWAY_PAGES], 12)],
    ids=["patient", "staff"],
)
def test_pages_keep_their_weight(app: Flask, cases: list[Case], budget: int) -> None:
    weights = {case[0]: _packed(draw(app, case[1], case[2]).encode()) for case in cases}

    assert {name: w for name, w in weights.items() if w > budget * KILOBYTE} == {}


@pytest.mark.parametrize(
    ("files", "budget"),
    [
        (["css/efoy.css"], 9),
        (["css/efoy.css", "css/staff.css"], 13),
        (["css/doctor.css"], 1.25),
        (["js/efoy.js"], 4),
        (["img/mark.svg"], 1),
        (["img/tibeb.svg"], 1),
    ],
)
def test_files_keep_their_weight(files: list[str], budget: int) -> None:
    weight = sum(_packed((ROOT / "static" / name).read_bytes()) for name in files)

    assert weight <= budget * KILOBYTE


def test_the_doctor_sees_no_money_but_where_the_clinic_wants_it(app: Flask) -> None:
    shown = [
        draw(app, template, values)
        for name, template, values in STAFF_PAGES
        if template.startswith("doctor/") and name != TOTALS_PAGE
    ]

    assert not [html for html in shown if "$" in html]


def test_what_people_type_is_shown_as_text(app: Flask) -> None:
    html = next(draw(app, t, v) for name, t, v in PATIENT_PAGES if name == "doctors-none")

    assert "xyz &lt;b&gt;" in html
    assert "xyz <b>" not in html


@pytest.mark.parametrize("code", [500, 503])
def test_the_last_error_pages_stand_without_a_clinic(app: Flask, code: int) -> None:
    with app.test_request_context("/"):
        html = render_template(f"errors/{code}.html")

    assert Page(html).all("href")
    assert "tel:" not in html


def test_a_mail_is_one_table_that_needs_no_pictures(app: Flask) -> None:
    mail = """
    {% extends 'mail/_base.html' %}
    {% from 'mail/_macros.html' import mail_slip, mail_button, mail_money, mail_ladder, mail_text %}
    {% block heading %}You’re booked{% endblock %}
    {% block rows %}{{ mail_slip(booking) }}{{ mail_button('https://clinic.example/b', 'See it') }}
    {{ mail_money('Receipt', [('Visit', '$45.00')], ('Paid', '$45.00')) }}
    {{ mail_ladder('If you cancel', steps) }}{% call mail_text() %}Bye{% endcall %}{% endblock %}
    """
    with app.test_request_context("/"):
        html = render_template_string(
            mail, clinic=CLINIC, booking=BOOKING, steps=STEPS, lang="en", why="You booked a visit."
        )

    assert "9:20\u00a0am" in html
    assert "<img" not in html
    assert "<script" not in html
    assert _packed(html.encode()) < 20 * KILOBYTE


def test_styles_and_script_use_nothing_from_elsewhere() -> None:
    files: list[Path] = [*(ROOT / "static").rglob("*.css"), *(ROOT / "static").rglob("*.js")]
    text = "\n".join(path.read_text() for path in files)

    assert re.findall(r"https?://|@import|eval\(|data:", text) == []


def _packed(body: bytes) -> int:
    return len(gzip.compress(body, 9))

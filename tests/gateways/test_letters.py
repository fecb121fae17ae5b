"""What does each letter say? Kept word for word, so that a change is a decision."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from jinja2 import UndefinedError

from efoy.domain.money import Money
from efoy.gateways.mail_text import Writer
from efoy.services.letters import WRITERS
from tests.gateways.letters import CONTEXTS, HALF_BACK, PAID, TEMPLATES, VISIT, letter

SNAPSHOTS = Path(__file__).parent / "snapshots"
HEALTH_WORDS = "doctor dr hana tesfaye general practice health skin heart women child".split()


def written(name: str, **given):
    app = Flask("letters")
    Babel(app)
    sent = letter(name, **given)
    links = {
        key: "https://clinic.example" + link.path.replace("{token}", "TOKEN")
        for key, link in sent.links.items()
    }
    with app.app_context(), force_locale("en"):
        return Writer(TEMPLATES).write(sent, links)


class _Seen(HTMLParser):
    """What a reader sees of an HTML mail, and what it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.fetched: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in {"style", "title"}
        self.fetched += [value for name, value in attrs if name in {"src", "background"}]

    def handle_endtag(self, tag):
        self.hidden -= tag in {"style", "title"}

    def handle_data(self, data):
        if not self.hidden:
            self.words += data.split()


def seen(html: str) -> _Seen:
    reader = _Seen()
    reader.feed(html)
    return reader


def test_every_kind_of_mail_has_a_writer_and_a_sample():
    assert set(CONTEXTS) == set(WRITERS)


@pytest.mark.parametrize("name", CONTEXTS)
def test_the_letter_is_as_it_was_agreed(name):
    mail = written(name)
    kept = SNAPSHOTS / f"{name}.txt"
    now = f"Subject: {mail.subject}\n\n{mail.text}"
    if os.environ.get("EFOY_WRITE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        kept.write_text(now)
    assert now == kept.read_text()


@pytest.mark.parametrize("name", CONTEXTS)
def test_the_html_version_is_small_fetches_nothing_and_tells_every_fact_of_the_text(name):
    mail = written(name)
    reader = seen(mail.html)
    assert len(mail.html.encode()) <= 20_000
    assert reader.fetched == []
    assert "<script" not in mail.html
    shown = " ".join(reader.words)
    for amount in re.findall(r"\$\d+\.\d\d", mail.text):
        assert amount in shown
    for address in re.findall(r"https://\S+", mail.text):
        assert address.replace("&", "&amp;") in mail.html


@pytest.mark.parametrize("name", [name for name in CONTEXTS if name != "admin_alert"])
def test_no_subject_names_a_doctor_a_service_or_the_patient(name):
    words = set(re.findall(r"[a-z]+", written(name).subject.lower()))
    assert words.isdisjoint({*HEALTH_WORDS, "almaz", "bekele"})


def test_an_alert_tells_nobodys_name():
    mail = written("admin_alert")
    for secret in ("Almaz", "Tesfaye", "7KM-4PX", "almaz@example.org"):
        assert secret not in mail.subject + mail.text + mail.html


def test_an_alert_of_a_new_kind_still_has_words():
    assert "needs a person" in written("admin_alert", kind="never_seen_before").text


def test_a_confirmation_after_a_refund_never_says_only_paid():
    mail = written("booked", paid=HALF_BACK)
    for version in (mail.text, " ".join(seen(mail.html).words)):
        assert "−$22.50" in version
        assert "Paid, less refunds" in version


def test_a_free_visit_has_no_receipt_lines_and_no_ladder():
    mail = written("booked", paid=None)
    assert "Receipt" not in mail.text + mail.html
    assert "get back" not in mail.text + mail.html


def test_a_visit_that_is_over_is_not_announced_as_coming():
    mail = written("booked", visit=replace(VISIT, ahead=False))
    assert "until your visit" not in mail.text + mail.html


@pytest.mark.parametrize(
    ("outcome", "minor", "words"),
    [
        ("not_paid", 0, "You had paid nothing"),
        ("nothing", 0, "too late to get money back"),
        ("disputed", 0, "Your bank is looking at this payment"),
        ("declined", 0, "decided that nothing goes back"),
        ("waiting", 2250, "get back $22.50 of $45.00, to Visa ending 4242"),
        ("by_hand", 2250, "get back $22.50. Bring your receipt"),
        ("under_way", 4500, "$45.00 is on its way back to you, to Visa ending 4242"),
    ],
)
def test_a_cancellation_says_what_comes_back(outcome, minor, words):
    paid = None if outcome == "not_paid" else PAID
    facts = {"outcome": outcome, "owed": Money(minor, "USD"), "paid": paid}
    mail = written("cancelled_by_patient", **facts)
    assert words in mail.text
    assert words in " ".join(seen(mail.html).words)
    assert ("back" in mail.subject) is bool(minor)


def test_a_value_that_a_letter_misses_is_an_error():
    with pytest.raises(UndefinedError):
        written("payment_failed", visit=object())

"""The world of the walk: one running demo, one Chromium, and a person at it."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.walk.person import Person
from tests.walk.running import end, start

CHROMIUM = os.environ.get("EFOY_TEST_CHROMIUM") or shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


LONG = ("cancelling", "closing", "desk", "moving", "refunds")
collect_ignore = [] if os.environ.get("EFOY_ALL_WALKS") else [f"test_{name}.py" for name in LONG]
"""Each of these walks a whole working day: they are walked when somebody asks for it."""


@pytest.fixture(scope="session")
def demo():
    """`./run demo`, as people start it; ends with all that it started."""
    running = start()
    yield running
    assert "Everything has ended." in end(running)
    assert running.process.returncode == 0


@pytest.fixture(scope="session")
def chromium():
    """A browser without a window."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def somebody(demo, chromium):
    """Makes people, each with a browser of their own; none may see an error in its console."""
    people = []

    def come(**look) -> Person:
        people.append(Person(demo, chromium, **look))
        return people[-1]

    yield come
    for person in people:
        person.leave()
    assert [one for person in people for one in person.complaints] == []


@pytest.fixture
def patient(somebody):
    """Somebody with a phone, not known to the clinic."""
    return somebody(viewport={"width": 390, "height": 844})


@pytest.fixture
def admin(somebody, demo):
    """The clinic's admin at a desk, signed in."""
    person = somebody(viewport={"width": 1280, "height": 900})
    person.sign_in(*demo.login("admin"))
    return person

"""Are the pages usable by everyone, at every width, in light and dark, under the strict policy?

axe-core (WCAG A, AA and best practice) runs on every page and state in a real browser. Nothing is
served: the browser's requests are answered from memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.test_means import find_chromium
from tests.look.away_samples import AWAY_PAGES
from tests.look.gallery import ROOT, draw, gallery
from tests.look.patient_samples import PATIENT_PAGES
from tests.look.staff_samples import STAFF_PAGES

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]

ORIGIN = "http://gallery.test"
AXE = (ROOT / "tests" / "vendor" / "axe.min.js").read_text()
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self' https://checkout.stripe.com; frame-ancestors 'none'; "
    "base-uri 'none'"
)
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# Both layouts and both schemes get axe; the narrowest screen is only asked whether things fit.
LOOKS = [(390, "light", True), (1280, "dark", True), (320, "light", False)]


NARROW = 390
EVERY = bool(os.environ.get("EFOY_ALL_WALKS"))
"""Each day axe looks at every second page on a phone and at the others in the dark."""


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    app = gallery()
    return {
        name: draw(app, template, values)
        for name, template, values in (*PATIENT_PAGES, *STAFF_PAGES, *AWAY_PAGES)
    }


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


def _answer(route: Any, pages: dict[str, str]) -> None:
    path = route.request.url.removeprefix(ORIGIN).split("?")[0]
    if path.startswith("/static/"):
        file = ROOT / path[1:]
        route.fulfill(body=file.read_bytes(), content_type=KINDS[Path(path).suffix])
    elif path[1:] in pages:
        headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
        route.fulfill(body=pages[path[1:]], headers=headers)
    else:
        route.fulfill(status=404, body="{}")


def _open(browser: Any, pages: dict[str, str], complaints: list[str], **look: Any) -> Any:
    context = browser.new_context(reduced_motion="reduce", **look)
    page = context.new_page()
    page.route("**/*", lambda route: _answer(route, pages))
    page.on(
        "console", lambda line: complaints.append(line.text) if "Security" in line.text else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


@pytest.mark.parametrize(("width", "scheme", "axe"), LOOKS)
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Any, pages: dict[str, str], width: int, scheme: str, axe: bool
) -> None:
    found: list[str] = []
    size = {"width": width, "height": 900}
    page = _open(browser, pages, found, viewport=size, color_scheme=scheme)

    for place, name in enumerate(pages):
        page.goto(f"{ORIGIN}/{name}")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{name}: wider than the screen")
        if axe and (EVERY or place % 2 == (width > NARROW)):
            found += [f"{name}: {line}" for line in _violations(page)]
    page.context.close()

    assert found == []


def _violations(page: Any) -> list[str]:
    page.evaluate(AXE)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}, {one['nodes'][0]['html'][:120]}" for one in result["violations"]]


def test_the_chosen_time_is_copied_into_the_summary(browser: Any, pages: dict[str, str]) -> None:
    page = _open(browser, pages, [], viewport={"width": 1280, "height": 900})
    page.goto(f"{ORIGIN}/doctor")

    page.locator("input[name=starts_at]").nth(3).check()

    assert page.locator("[data-chosen-clock]").inner_text().replace("\u00a0", " ") == "10:20 am"
    page.context.close()


def test_a_second_press_sends_nothing(browser: Any, pages: dict[str, str]) -> None:
    page = _open(browser, pages, [], viewport={"width": 390, "height": 844})
    page.goto(f"{ORIGIN}/review")
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.url) if request.method == "POST" else None
    )
    page.route("**/pay", lambda route: route.fulfill(status=204))

    press = (
        "const b = document.querySelector('button[data-busy]'); b.click(); b.click(); b.textContent"
    )
    words = page.evaluate(press)

    page.wait_for_function("document.querySelector('button[data-busy]').ariaDisabled === 'true'")
    assert words == "Opening Stripe…"
    assert len(sent) == 1
    page.context.close()


def test_the_waiting_page_goes_on_when_the_payment_is_settled(
    browser: Any, pages: dict[str, str]
) -> None:
    page = _open(browser, pages, [], viewport={"width": 390, "height": 844})
    answer = '{"settled": true, "url": "/booked", "say": "Paid."}'
    page.route(
        "**/standing.json",
        lambda route: route.fulfill(body=answer, content_type="application/json"),
    )

    page.goto(f"{ORIGIN}/checking")

    page.wait_for_url(f"{ORIGIN}/booked")
    page.context.close()


def test_the_refund_button_names_the_amount(browser: Any, pages: dict[str, str]) -> None:
    page = _open(browser, pages, [], viewport={"width": 1280, "height": 900})
    page.goto(f"{ORIGIN}/booking")
    button = page.locator("button[data-refund-words]")

    assert button.inner_text() == "Review refund of $35.00"
    page.locator("input[value=other]").check()
    page.locator("input[name=amount]").fill("12.50")
    assert button.inner_text() == "Review refund of $12.50"
    page.context.close()


def test_what_is_wrong_takes_the_focus_and_slash_finds_the_search(
    browser: Any, pages: dict[str, str]
) -> None:
    page = _open(browser, pages, [], viewport={"width": 1280, "height": 900})

    page.goto(f"{ORIGIN}/details-error")
    assert page.evaluate("document.activeElement.className") == "esum"

    page.goto(f"{ORIGIN}/bookings")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "s"
    page.context.close()


def test_the_receipt_fits_one_printed_page(browser: Any, pages: dict[str, str]) -> None:
    page = _open(browser, pages, [])

    for name in ("receipt", "receipt-refunded", "booked"):
        page.goto(f"{ORIGIN}/{name}")
        printed = page.pdf(prefer_css_page_size=True)
        assert printed.count(b"/Type /Page\n") == 1, name
    page.context.close()

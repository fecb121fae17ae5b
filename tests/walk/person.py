"""What does a person do with the pages? Each step as they would take it, seen by axe."""

from __future__ import annotations

import re
from typing import Any

from tests.walk.running import ROOT, Demo

AXE = (ROOT / "tests" / "vendor" / "axe.min.js").read_text()
WITHIN = 60_000  # milliseconds; the machine may be busy
GOOD = "4242 4242 4242 4242"


class Person:
    """One browser context and the hand that moves it."""

    def __init__(self, demo: Demo, chromium: Any, **look: Any) -> None:
        self.demo = demo
        self.complaints: list[str] = []
        self.context = chromium.new_context(reduced_motion="reduce", **look)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, line: Any) -> None:
        if line.type == "error" and self.page.url.startswith(self.demo.web):
            self.complaints.append(f"{self.page.url}: {line.text}")

    def leave(self) -> None:
        """Close the browser."""
        self.context.close()

    # -- seeing ------------------------------------------------------------------------------

    def look(self) -> None:
        """Let axe look at the page as it is."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        where = f"{self.page.url}: "
        self.complaints += [
            where + f"{one['id']} {one['nodes'][0]['html'][:120]}" for one in found["violations"]
        ]

    @property
    def heading(self) -> str:
        """The page's first heading, in plain spaces."""
        return plain(self.page.locator("h1").first.inner_text())

    @property
    def text(self) -> str:
        """Everything that can be read, in plain spaces."""
        return plain(self.page.locator("main").inner_text())

    # -- moving ------------------------------------------------------------------------------

    def go(self, path: str) -> None:
        """Open a page of the clinic."""
        self.page.goto(self.demo.web + path)

    def press(self, name: str) -> None:
        """Press a button by a part of its words, and wait for the page that comes."""
        button = self.page.get_by_role("button", name=re.compile(name)).first
        with self.page.expect_navigation():
            button.click()

    def sign_in(self, email: str, password: str) -> None:
        """Sign in with a password."""
        self.go("/login")
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.press("^Sign in")

    # -- booking -----------------------------------------------------------------------------

    def choose(self, doctor: str = "hana-tesfaye") -> None:
        """Pick the first time a doctor offers."""
        self.go(f"/doctors/{doctor}")
        self.page.locator("input[name=starts_at]").first.check(force=True)
        with self.page.expect_navigation():
            self.page.locator("main form button:visible").last.click()

    def give_details(self, email: str, name: str = "Walta Desta") -> str:
        """Fill in who comes; the time is held. Returns the booking's reference."""
        for field, value in {"name": name, "email": email, "phone": "+1 240 555 0134"}.items():
            self.page.locator(f"input[name={field}]:visible").fill(value)
        self.press("^Hold .* and check")
        return self.page.url.split("/")[-2]

    def hold(self, email: str, **given: str) -> str:
        """From the board to the review page. Returns the booking's reference."""
        self.choose()
        return self.give_details(email, **given)

    def pay(self, card: str = GOOD) -> None:
        """Press Pay on the review page, then pay on the hosted page."""
        self.press(r"^Pay \$")
        self.type_card(card)

    def type_card(self, card: str) -> None:
        """Fill in the hosted page and press its button."""
        for field, value in {"card": card, "exp": "12 / 40", "cvc": "123", "name": "W D"}.items():
            self.page.locator(f"input[name={field}]").last.fill(value)
        self.press("^Pay ")

    def book(self, email: str, card: str = GOOD, **given: str) -> str:
        """The whole main job. Returns the booking's reference."""
        ref = self.hold(email, **given)
        self.pay(card)
        return ref

    # -- mail --------------------------------------------------------------------------------

    def mails(self, email: str, *, at_least: int = 1) -> list[dict[str, Any]]:
        """The mails to an address, oldest first; waits for the worker to send so many."""
        for _ in range(WITHIN // 200):
            box = self.context.request.get(f"{self.demo.mail}/messages.json").json()
            mine = [mail for mail in box if email in mail["to"]]
            if len(mine) >= at_least:
                return mine
            self.page.wait_for_timeout(200)
        raise AssertionError(f"{len(mine)} of {at_least} mails to {email}: {mine}")

    def reload_until(self, words: str) -> None:
        """Look again until the page says so."""
        for _ in range(WITHIN // 500):
            if words in self.text:
                return
            self.page.wait_for_timeout(500)
            self.page.reload()
        raise AssertionError(f"no “{words}” in: {self.text}")


def plain(text: str) -> str:
    """Text with ordinary spaces and apostrophes."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")

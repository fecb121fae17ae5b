"""What is one sandbox made of?"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from flask import Flask

from sandbox import control, control_page, pages
from sandbox.cards import GOOD_CARD
from sandbox.clock import Clock, Source
from sandbox.delivery import Letter, Mail, signature
from sandbox.desk import Desk
from sandbox.journal import Journal
from sandbox.paying import Outcome, press
from sandbox.postman import Postman
from sandbox.state import State
from sandbox.typed import Press
from sandbox.wire import Api

DEFAULT_SECRET = "whsec_sandbox"  # noqa: S105  opens nothing


class Sandbox:
    """One account with its clock, API, pages and webhooks. Everything happens under one lock."""

    def __init__(self, *, clock: Clock, api: Api, mail: Mail, postman: Postman | None) -> None:
        self.clock, self.api, self.mail, self.postman = clock, api, mail, postman
        self.state = api.state
        self.wsgi = Flask(__name__)
        self.wsgi.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
        # NoAnswer has to reach whoever called the application
        self.wsgi.config["PROPAGATE_EXCEPTIONS"] = True
        self.wsgi.register_blueprint(api.blueprint())
        self.wsgi.register_blueprint(pages.blueprint(self.state))
        self.desk = Desk(api=api, mail=mail, postman=postman)
        self.wsgi.register_blueprint(control.blueprint(self.desk))
        self.wsgi.register_blueprint(control_page.blueprint(self.desk))

    def pay(self, session_id: str, card: str = GOOD_CARD, **typed: Any) -> Outcome:
        """Press a button of the hosted page: see Press for what may be typed. Raises Refusal."""
        with self.state.lock:
            self.state.run_due()
            session = self.state.find("checkout.session", session_id)
            return press(self.state, session, Press(card=card, **typed))

    def take_deliveries(self) -> list[Letter]:
        """The webhooks due since the last call, signed now; they count as delivered."""
        with self.state.lock:
            self.state.run_due()
            taken = self.mail.take_due()
            letters = [self.mail.letter(delivery.event) for delivery in taken]
            for delivery in taken:
                self.mail.answered(delivery, 200, "taken")
            return letters

    def sign(self, body: bytes, *, secret: str | None = None, age: float = 0) -> dict[str, str]:
        """Headers for a body that is delivered now, or `age` seconds ago."""
        stamp = self.clock.outside() - age
        return {"Stripe-Signature": signature(secret or self.mail.secret, body, stamp)}

    def later(self, seconds: float = 60) -> None:
        """Do what is planned for the next seconds at once: fees, refund outcomes, disputes."""
        with self.state.lock:
            self.state.run_due(ahead=seconds)

    def control(self, path: str, payload: Any = None) -> Any:
        """`/_control/<path>`: GET without a payload, else POST. Raises ValueError when refused."""
        with self.wsgi.test_client() as client:
            url = f"/_control/{path}"
            answer = client.get(url) if payload is None else client.post(url, json=payload)
        if answer.status_code >= 400:
            raise ValueError(answer.get_data(as_text=True))
        return answer.get_json()

    def close(self) -> None:
        """Stop the threads, if there are any."""
        self.api.woken.set()
        if self.postman:
            self.postman.stop()


def create_sandbox(
    *,
    key: str | None = None,
    webhook_secret: str = DEFAULT_SECRET,
    webhook_url: str | None = None,
    clock: Source = time.time,
    clock_file: Path | None = None,
    public_url: str | None = None,
    threads: bool = False,
) -> Sandbox:
    """A new sandbox. `clock` gives seconds since 1970, or an aware datetime.

    Without threads nothing happens by itself: deliveries wait for `take_deliveries`.
    """
    its_clock = Clock(clock, clock_file)
    state = State(its_clock)
    mail = Mail(state, webhook_secret)
    api = Api(state, Journal(), key=key, public_url=public_url, patient=threads)
    postman = Postman(mail, webhook_url) if webhook_url else None
    box = Sandbox(clock=its_clock, api=api, mail=mail, postman=postman)
    if threads and postman:
        postman.start()
    return box

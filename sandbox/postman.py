"""Who carries the webhooks to their address?"""

from __future__ import annotations

import http.client
import threading
from urllib.parse import urlsplit

from sandbox.delivery import Delivery, Letter, Mail

CARRIERS = 4
TICK, PATIENCE, PARTING = 0.2, 20.0, 2.0  # seconds


class Postman:
    """A few threads that send what is due and note the answers."""

    def __init__(self, mail: Mail, url: str) -> None:
        self.mail, self.url = mail, urlsplit(url)
        self.stopped = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to carry."""
        for n in range(CARRIERS):
            name = f"postman-{n}"
            thread = threading.Thread(target=self._carry, name=name, daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self) -> None:
        """Finish what is in hand and end."""
        self.stopped.set()
        for thread in self.threads:
            thread.join(timeout=PARTING)

    def _carry(self) -> None:
        lock = self.mail.world.lock
        while not self.stopped.is_set():
            with lock:
                self.mail.world.run_due()
                taken = self.mail.take_due(most=1)
                letters = [self.mail.letter(d.event) for d in taken]
            for delivery, letter in zip(taken, letters, strict=True):
                self.note(delivery, *self.send(letter))
            if not taken:
                self.stopped.wait(TICK)

    def note(self, delivery: Delivery, status: int | None, why: str) -> None:
        """Write down how an attempt ended."""
        with self.mail.world.lock:
            self.mail.answered(delivery, status, why)

    def send(self, letter: Letter) -> tuple[int | None, str]:
        """Post a letter: the status, or None and why there is none."""
        secure = self.url.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = make(self.url.hostname or "", self.url.port, timeout=PATIENCE)
        target = (self.url.path or "/") + (f"?{self.url.query}" if self.url.query else "")
        try:
            connection.request("POST", target, letter.body, letter.headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, ""
        except (OSError, http.client.HTTPException) as error:
            return None, type(error).__name__
        finally:
            connection.close()

"""What came by mail? A real SMTP server on loopback keeps what it is sent."""

from __future__ import annotations

import email
import socket
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Mailbox:
    """Every message accepted so far, oldest first; answers may be scripted."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: list[str] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=_free_port())

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.pop(0) if self.answers else "250 kept"
        if answer.startswith("250"):
            self.messages.append(email.message_from_bytes(envelope.content, policy=default))
        return answer

    def start(self) -> int:
        """Listen; returns the port."""
        self.controller.start()
        return self.controller.port

    def stop(self) -> None:
        """Stop listening."""
        self.controller.stop(no_assert=True)

    def clear(self) -> None:
        """Forget everything."""
        self.messages.clear()
        self.answers.clear()

    @property
    def subjects(self) -> list[str]:
        """The subject lines, oldest first."""
        return [message["Subject"] for message in self.messages]

    def to(self, address: str) -> list[EmailMessage]:
        """What one person got."""
        return [message for message in self.messages if address in message["To"]]

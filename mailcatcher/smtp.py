"""How does a mail come in?"""

from typing import Any

from aiosmtpd.controller import Controller

from mailcatcher.messages import Mailbox

LARGEST = 20 * 1024 * 1024


class Receiver:
    """What aiosmtpd calls for each mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        """Mails go into this box."""
        self.mailbox = mailbox

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail and say so; the name is the one that aiosmtpd looks for."""
        self.mailbox.put(envelope.original_content, envelope.rcpt_tos)
        return "250 Caught"


def smtp_server(mailbox: Mailbox, port: int) -> Controller:
    """An SMTP server on the loopback address, in a thread of its own once started."""
    return Controller(Receiver(mailbox), hostname="127.0.0.1", port=port, data_size_limit=LARGEST)

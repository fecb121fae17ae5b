"""What is a caught mail?"""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count

LIMIT = 1000  # the oldest go first; this is a demo, not an archive


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """One file of a mail."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Message:
    """One mail as it came in, read into its parts."""

    number: int
    caught_at: datetime
    recipients: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    sender: str
    subject: str
    message_id: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]


class Mailbox:
    """The caught mails, newest last; used by the SMTP thread and the web threads."""

    def __init__(self) -> None:
        """An empty box; numbers start at 1 and are never given twice."""
        self._messages: deque[Message] = deque(maxlen=LIMIT)
        self._numbers = count(1)
        self._lock = threading.Lock()

    def put(self, content: bytes, recipients: list[str]) -> None:
        """Read a mail and keep it."""
        parsed = message_from_bytes(content, policy=policy.default)
        with self._lock:
            self._messages.append(read(parsed, next(self._numbers), tuple(recipients)))

    def all(self) -> list[Message]:
        """Every kept mail, oldest first."""
        with self._lock:
            return list(self._messages)

    def get(self, number: int) -> Message | None:
        """One mail by its number."""
        return next((message for message in self.all() if message.number == number), None)

    def clear(self) -> None:
        """Throw all of them away."""
        with self._lock:
            self._messages.clear()


def read(mail: EmailMessage, number: int, recipients: tuple[str, ...]) -> Message:
    """Take a mail apart: who, what, both bodies, the files."""
    return Message(
        number=number,
        caught_at=datetime.now(UTC),
        recipients=recipients,
        headers=tuple((name, str(value)) for name, value in mail.items()),
        sender=str(mail.get("From", "")),
        subject=str(mail.get("Subject", "")),
        message_id=str(mail.get("Message-ID", "")).strip(),
        text=body(mail, "plain"),
        html=body(mail, "html"),
        attachments=tuple(attachment(part, n) for n, part in enumerate(files(mail), start=1)),
    )


def body(mail: EmailMessage, kind: str) -> str:
    """The body of this kind, or nothing."""
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


def files(mail: EmailMessage) -> list[EmailMessage]:
    """The parts that are files."""
    parts = mail.walk() if mail.is_multipart() else ()
    return [part for part in parts if part.get_filename() or part.is_attachment()]


def attachment(part: EmailMessage, number: int) -> Attachment:
    """One file as bytes, whatever its type."""
    content = part.get_payload(decode=True)
    return Attachment(
        name=part.get_filename() or f"attachment-{number}",
        type=part.get_content_type(),
        content=content if isinstance(content, bytes) else part.as_bytes(),
    )

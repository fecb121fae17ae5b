"""How does a letter leave the house? Rendered, addressed, sealed, handed to the mail server."""

from __future__ import annotations

import re
import smtplib
import ssl
from datetime import datetime
from email import charset
from types import TracebackType
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import force_locale, gettext
from flask_mail import Connection, Mail, Message

from efoy.domain.errors import InvalidValue, MailRefused, ProviderDown
from efoy.domain.letter import Letter, Link
from efoy.failpoints import failpoint
from efoy.gateways.calendar import method_of
from efoy.gateways.mail_text import MailText, Writer
from efoy.gateways.paper import Paper
from efoy.gateways.seal import Seal

charset.add_charset("utf-8", charset.SHORTEST, charset.QP, "utf-8")
"""A line of a mail may not be longer than 998 octets; Flask-Mail would send ours as they are."""
TIMEOUT = 20.0
"""Seconds to wait for each answer of the mail server: Flask-Mail itself would wait for ever."""
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Signs that could end a header line somewhere on the way (reliability 59)."""
ADDRESS = re.compile(r"[!-~]+@[^\s@]+")
NOT_IN_ADDRESS = re.compile(r"[\s,;:<>()\[\]\\\"]")


class Mailer:
    """Sends letters through the mail server of the settings; only the worker calls it."""

    def __init__(
        self,
        app: Flask,
        base_url: str,
        secret_key: str,
        paper: Paper,
        timeout: float = TIMEOUT,
    ) -> None:
        self._timeout = timeout
        self._app, self._base_url, self._paper = app, base_url, paper
        self._host = urlsplit(base_url).hostname or "localhost"
        self._seal = Seal(secret_key)
        self._writer = Writer(str(app.template_folder))
        self._mail = Mail(app)

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Hand one letter to the mail server; a second try of it has the same Message-ID.

        Raises MailRefused (no server will ever take it), ProviderDown (perhaps later; it may even
        have been taken), InvalidValue (an address or header that is none).
        """
        with self._app.app_context(), force_locale(letter.locale):
            message = self._message(letter, now)
            failpoint("mail.send.before_call")
            self._hand_over(message)
            failpoint("mail.send.after_call")

    def words_of(self, letter: Letter) -> MailText:
        """What a letter says, for showing it before anything is sent."""
        links = {name: self._address(link) for name, link in letter.links.items()}
        return self._writer.write(letter, links)

    def _message(self, letter: Letter, now: datetime) -> Message:
        text = self.words_of(letter)
        message = Message(
            subject=_header("subject", text.subject),
            recipients=[_one_address(letter.to)],
            reply_to=_one_address(letter.context["clinic"].email),
            body=text.text,
            html=text.html,
            date=now.timestamp(),
            extra_headers={"Auto-Submitted": "auto-generated"},
        )
        message.msgId = _header("message id", f"<{letter.message_key}@{self._host}>")
        _header("sender", str(message.sender))
        self._attach(message, letter)
        return message

    def _address(self, link: Link) -> str:
        token = self._seal.sign(link.kind, link.key) if link.kind else ""
        return self._base_url + link.path.replace("{token}", token)

    def _attach(self, message: Message, letter: Letter) -> None:
        if letter.calendar is not None:
            kind = f"text/calendar; charset=utf-8; method={method_of(letter.calendar)}"
            message.attach("appointment.ics", kind, self._paper.calendar(letter.calendar))
        if letter.receipt is not None:
            pdf = self._paper.receipt_pdf(letter.receipt, letter.locale, gettext)
            message.attach("receipt.pdf", "application/pdf", pdf)

    def _connection(self) -> _PatientConnection:
        return _PatientConnection(self._app.extensions["mail"], self._host, self._timeout)

    def _hand_over(self, message: Message) -> None:
        try:
            with self._connection() as connection:
                connection.send(message)
        except smtplib.SMTPRecipientsRefused as error:
            (code, words), *_ = error.recipients.values()
            raise _told(code, words) from error
        except smtplib.SMTPDataError as error:
            raise _told(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise ProviderDown(f"mail server: {type(error).__name__}") from error


def _told(code: int, words: bytes | str) -> MailRefused | ProviderDown:
    """A no for ever (5xx, about this address or letter), or one for now. Words are not kept:
    servers like to repeat the address in them."""
    answer = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", answer.strip())
    told = f"{code} {status.group() if status else ''}".strip()
    return MailRefused(told) if 500 <= code < 600 else ProviderDown(f"mail server: {told}")


def _header(field: str, value: str) -> str:
    if UNSAFE.search(value):
        raise InvalidValue(field, "a sign that may not stand in a header")
    return value


def _one_address(address: str) -> str:
    _header("address", address)
    if not ADDRESS.fullmatch(address) or NOT_IN_ADDRESS.search(address):
        raise InvalidValue("address", "not one e-mail address")
    return address


class _PatientConnection(Connection):
    """A connection that does not wait for ever, checks certificates, and forgets a rude goodbye."""

    def __init__(self, mail: Mail, name: str, timeout: float) -> None:
        super().__init__(mail)
        self._name, self._timeout = name, timeout

    def configure_host(self) -> smtplib.SMTP:
        """The open, authenticated connection."""
        mail = self.mail
        if mail.use_ssl:
            trust = ssl.create_default_context()
            host: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.server, mail.port, self._name, timeout=self._timeout, context=trust
            )
        else:
            host = smtplib.SMTP(mail.server, mail.port, self._name, timeout=self._timeout)
        if mail.use_tls:
            host.starttls(context=ssl.create_default_context())
        if mail.username and mail.password:
            host.login(mail.username, mail.password)
        return host

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Part without caring how: a letter that was taken stays taken, a refusal a refusal."""
        try:
            super().__exit__(kind, error, trace)  # type: ignore[arg-type]
        except (OSError, smtplib.SMTPException):
            pass
        finally:
            if self.host is not None:
                self.host.close()

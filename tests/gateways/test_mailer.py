"""Does a letter leave the house whole, once, and to one person? A real SMTP server listens."""

from __future__ import annotations

import socket
from dataclasses import replace
from email.utils import parsedate_to_datetime

import pytest
from flask import Flask
from flask_babel import Babel

from efoy import failpoints
from efoy.domain.errors import InvalidValue, MailRefused, ProviderDown
from efoy.gateways.mailer import Mailer
from efoy.gateways.paper import Paper
from efoy.gateways.seal import BOOKING, Seal
from tests.gateways.letters import CLINIC, CONTEXTS, NOW, TEMPLATES, VISIT, letter
from tests.support.mailbox import Mailbox

BASE = "https://clinic.example"
SECRET = "a secret for letters that is long enough"


class Moody(Mailbox):
    """A mailbox whose doorkeeper may say no, and whose line may break."""

    greeting: str | None = None
    break_line = False

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.greeting:
            return self.greeting
        envelope.rcpt_tos.append(address)
        return "250 welcome"

    async def handle_DATA(self, server, session, envelope):
        answer = await super().handle_DATA(server, session, envelope)
        if self.break_line:
            server.transport.abort()
        return answer


@pytest.fixture
def box():
    mailbox = Moody()
    mailbox.start()
    yield mailbox
    mailbox.stop()


def mailer_to(port: int, **more) -> Mailer:
    app = Flask("letters", template_folder=TEMPLATES)
    sender = more.pop("sender", "Efoy <no-reply@clinic.example>")
    app.config.update(MAIL_PORT=port, MAIL_DEFAULT_SENDER=sender)
    Babel(app)
    return Mailer(app, BASE, SECRET, Paper(BASE), **more)


@pytest.fixture
def mailer(box):
    return mailer_to(box.controller.port)


def parts(message) -> dict[str, object]:
    return {part.get_content_type(): part for part in message.walk()}


def test_a_confirmation_arrives_with_text_html_receipt_and_calendar_file(mailer, box):
    # When the letter of a booking is sent
    mailer.send(letter("booked"), now=NOW)
    # Then one mail has all four, and each can be read
    [message] = box.messages
    found = parts(message)
    assert "You’re booked, Almaz." in found["text/plain"].get_content()
    assert "You’re booked, Almaz" in found["text/html"].get_content()
    assert found["application/pdf"].get_content().startswith(b"%PDF-")
    calendar = found["text/calendar"]
    assert calendar.get_param("method") == "REQUEST"
    assert b"METHOD:REQUEST" in calendar.get_payload(decode=True)


def test_the_headers_say_who_when_and_that_a_machine_wrote(mailer, box):
    mailer.send(letter("booked"), now=NOW)
    [message] = box.messages
    assert message["Subject"] == "Booked: Tue 24 Nov, 9:20 am"
    assert message["From"] == "Efoy <no-reply@clinic.example>"
    assert message["To"] == "almaz@example.org"
    assert message["Reply-To"] == CLINIC.email
    assert message["Message-ID"] == "<01koutboxmessage@clinic.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"]) == NOW


def test_a_second_try_has_the_same_message_id(mailer, box):
    # Given a server that is busy at first
    box.answers = ["451 4.3.0 later"]
    with pytest.raises(ProviderDown):
        mailer.send(letter("booked"), now=NOW)
    # When it is tried again, twice
    mailer.send(letter("booked"), now=NOW)
    mailer.send(letter("booked"), now=NOW)
    # Then a mail program can tell that it is one letter
    assert len({message["Message-ID"] for message in box.messages}) == 1


def test_the_link_to_the_booking_is_sealed_for_that_booking_alone(mailer, box):
    mailer.send(letter("booked"), now=NOW)
    text = parts(box.messages[0])["text/plain"].get_content()
    address = f"{BASE}/bookings/7KM-4PX?key="
    token = text.split(address)[1].split()[0]
    assert Seal(SECRET).read(BOOKING, token) == "7KM-4PX"


@pytest.mark.parametrize("answer", ["451 4.3.0 busy", "421 4.3.2 closing", "452 4.2.2 full"])
def test_a_server_that_says_later_is_tried_later(mailer, box, answer):
    box.answers = [answer]
    with pytest.raises(ProviderDown):
        mailer.send(letter("booked"), now=NOW)


def test_a_server_that_refuses_the_letter_for_ever_is_believed(mailer, box):
    box.answers = ["554 5.7.1 no thanks, almaz@example.org"]
    with pytest.raises(MailRefused) as refused:
        mailer.send(letter("booked"), now=NOW)
    # And its words are not kept: they may repeat the address
    assert str(refused.value) == "554 5.7.1"


@pytest.mark.parametrize(
    ("answer", "means"),
    [("550 5.1.1 nobody here", MailRefused), ("450 4.2.1 mailbox busy", ProviderDown)],
)
def test_the_answer_about_the_address_decides(mailer, box, answer, means):
    box.greeting = answer
    with pytest.raises(means):
        mailer.send(letter("booked"), now=NOW)


def test_a_line_that_breaks_after_the_letter_leaves_a_doubt(mailer, box):
    # Given a server that takes the letter and falls silent before it says so
    box.break_line = True
    # Then nobody knows, and it is tried again: the same Message-ID tells the copies apart
    with pytest.raises(ProviderDown):
        mailer.send(letter("booked"), now=NOW)
    assert len(box.messages) == 1


def test_nobody_listening_is_a_server_that_is_away():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(ProviderDown):
            mailer_to(closed.getsockname()[1]).send(letter("booked"), now=NOW)


def test_a_silent_server_does_not_hold_the_worker_for_ever():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(ProviderDown):
            mailer_to(silent.getsockname()[1], timeout=0.2).send(letter("booked"), now=NOW)


@pytest.mark.parametrize(
    "address",
    [
        "almaz@example.org\r\nBcc: everyone@example.org",
        "almaz@example.org\nX: y",
        "almaz@example.org\x00",
        "almaz@example.org\u2028Bcc: x@example.org",
        "almaz@example.org, daniel@example.org",
        "almaz@example.org;daniel@example.org",
        "Almaz <almaz@example.org>",
        "almaz example.org",
        "አልማዝ@example.org",
        "",
    ],
)
def test_an_address_that_is_not_one_plain_address_is_refused_before_the_library(
    mailer, box, address
):
    with pytest.raises(InvalidValue):
        mailer.send(letter("booked", to=address), now=NOW)
    assert box.messages == []


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\x00", "\u2028", "\u2029", "\x85"])
def test_no_header_value_can_start_another_header(mailer, box, sign):
    # Given a message key, a sender and a clinic's address that somebody tampered with
    with pytest.raises(InvalidValue):
        mailer.send(replace(letter("booked"), message_key=f"x{sign}Bcc: y"), now=NOW)
    clinic = replace(CLINIC, email=f"clinic@example.org{sign}Bcc: x@example.org")
    with pytest.raises(InvalidValue):
        mailer.send(letter("booked", clinic=clinic), now=NOW)
    crooked = mailer_to(box.controller.port, sender=f"Efoy{sign} <no-reply@clinic.example>")
    with pytest.raises(InvalidValue):
        crooked.send(letter("booked"), now=NOW)
    assert box.messages == []


def test_a_name_cannot_become_markup_in_the_html_version(mailer, box):
    visit = replace(VISIT, first_name="<script>alert(1)</script>")
    mailer.send(letter("booked", visit=visit), now=NOW)
    html = parts(box.messages[0])["text/html"].get_content()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_failpoint_after_the_call_leaves_the_letter_sent(mailer, box):
    failpoints.arm("mail.send.after_call:raise")
    try:
        with pytest.raises(failpoints.FailpointReached):
            mailer.send(letter("booked"), now=NOW)
    finally:
        failpoints.arm("")
    assert len(box.messages) == 1


def test_every_kind_of_letter_can_be_sent(mailer, box):
    for name in CONTEXTS:
        mailer.send(letter(name), now=NOW)
    assert len(box.messages) == len(CONTEXTS)

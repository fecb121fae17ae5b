"""Does a mail that is sent by SMTP show on the page, and stay harmless there?"""

import smtplib
import socket
from email.message import EmailMessage

import pytest

from mailcatcher.messages import Mailbox
from mailcatcher.pages import create_app
from mailcatcher.smtp import smtp_server


@pytest.fixture
def mailbox():
    """An empty box."""
    return Mailbox()


@pytest.fixture
def page(mailbox):
    """A browser on its pages."""
    return create_app(mailbox).test_client()


@pytest.fixture
def send(mailbox):
    """Sends a mail to the box by SMTP."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = smtp_server(mailbox, port)
    server.start()

    def deliver(mail: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.send_message(mail, to_addrs=["almaz@example.org"])

    yield deliver
    server.stop()


@pytest.fixture
def receipt():
    """A mail with two bodies and a file, in two scripts, that tries to run something."""
    mail = EmailMessage()
    mail["From"] = "Entoto Clinic <clinic@example.org>"
    mail["To"] = "almaz@example.org"
    mail["Subject"] = "ደረሰኝ <script>alert(1)</script>"
    mail["Message-ID"] = "<receipt-1@efoy>"
    mail.set_content("Look: http://127.0.0.1:8000/bookings/1\n")
    mail.add_alternative("<h1>ደረሰኝ</h1><script>alert(1)</script>", subtype="html")
    mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="receipt.pdf")
    return mail


def test_a_mail_is_read_by_programs(send, receipt, page):
    send(receipt)

    [caught] = page.get("/messages.json").json
    assert caught["to"] == ["almaz@example.org"]
    assert caught["subject"] == receipt["Subject"]
    assert caught["message_id"] == "<receipt-1@efoy>"
    assert caught["text"].strip() == "Look: http://127.0.0.1:8000/bookings/1"
    assert "ደረሰኝ" in caught["html"]
    [file] = caught["attachments"]
    assert (file["name"], file["type"], file["size"]) == ("receipt.pdf", "application/pdf", 5)
    assert page.get(file["href"]).data == b"%PDF-"


def test_a_mail_is_read_by_people(send, receipt, page):
    send(receipt)

    listed = page.get("/").text
    shown = page.get("/messages/1").text
    assert "ደረሰኝ &lt;script&gt;" in listed
    assert 'href="http://127.0.0.1:8000/bookings/1"' in shown
    assert "<script" not in listed + shown


def test_what_a_mail_brings_cannot_run(send, receipt, page):
    send(receipt)

    frame = page.get("/messages/1/html")
    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in page.get("/").headers["Content-Security-Policy"]


def test_the_box_is_emptied_by_program_and_by_button(send, receipt, page):
    send(receipt)
    assert page.delete("/messages.json").status_code == 204
    assert page.get("/messages.json").json == []

    send(receipt)
    assert page.post("/clear").status_code == 303
    assert "No mail yet" in page.get("/").text


@pytest.mark.parametrize("path", ["/messages/9", "/messages/9/html", "/messages/9/files/1"])
def test_what_is_not_there_is_not_found(page, path):
    assert page.get(path).status_code == 404


def test_a_foreign_name_for_this_machine_is_refused(page):
    assert page.get("/", headers={"Host": "attacker.example"}).status_code == 400

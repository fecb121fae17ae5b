"""How are caught mails read, by people and by programs?"""

from io import BytesIO
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from mailcatcher.messages import Mailbox, Message

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
# A mail's own page: no script, no network, its own inline styles, shown only in our frame.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"
    " style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'self'"
)


pages = Blueprint("pages", __name__)


def create_app(mailbox: Mailbox) -> Flask:
    """The pages over one box. Only loopback names are answered: mails hold sign-in links."""
    app = Flask(__name__)
    app.config.update(TRUSTED_HOSTS=["127.0.0.1", "localhost"], MAILBOX=mailbox)
    app.register_blueprint(pages)
    return app


def mailbox() -> Mailbox:
    """The box of this application."""
    box: Mailbox = current_app.config["MAILBOX"]
    return box


@pages.get("/")
def index() -> str:
    """Every mail, newest first."""
    return render_template("list.html", messages=reversed(mailbox().all()))


@pages.post("/clear")
def clear() -> AnyResponse:
    """Empty the inbox by a button."""
    mailbox().clear()
    return redirect(url_for("pages.index"), 303)


@pages.get("/messages/<int:number>")
def message(number: int) -> str:
    """One mail: files, both bodies, headers."""
    return render_template("message.html", message=found(number))


@pages.get("/messages/<int:number>/html")
def html(number: int) -> Response:
    """A mail's own page for the frame; its links leave the frame, so that one can follow them."""
    page = '<base target="_blank">' + found(number).html
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": MAIL_POLICY})


@pages.get("/messages/<int:number>/files/<int:position>")
def file(number: int, position: int) -> AnyResponse:
    """One file of a mail, always as a download."""
    attachments = found(number).attachments
    if not 1 <= position <= len(attachments):
        abort(404)
    chosen = attachments[position - 1]
    content = BytesIO(chosen.content)
    return send_file(content, mimetype=chosen.type, as_attachment=True, download_name=chosen.name)


@pages.get("/messages.json")
def messages() -> Response:
    """Every mail for programs, oldest first."""
    return jsonify([as_json(message) for message in mailbox().all()])


@pages.delete("/messages.json")
def delete() -> tuple[str, int]:
    """Empty the inbox by a program."""
    mailbox().clear()
    return "", 204


@pages.after_app_request
def guard(response: Response) -> Response:
    """No script, no foreign address, nothing kept by the browser."""
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def found(number: int) -> Message:
    """The mail of this number, or 404."""
    return mailbox().get(number) or abort(404)


def as_json(message: Message) -> dict[str, Any]:
    """One mail for programs; the files by name, type, size and address."""
    return {
        "number": message.number,
        "caught_at": message.caught_at.isoformat(),
        "from": message.sender,
        "to": list(message.recipients),
        "subject": message.subject,
        "message_id": message.message_id,
        "headers": [list(header) for header in message.headers],
        "text": message.text,
        "html": message.html,
        "attachments": [
            {
                "name": attachment.name,
                "type": attachment.type,
                "size": len(attachment.content),
                "href": url_for("pages.file", number=message.number, position=position),
            }
            for position, attachment in enumerate(message.attachments, start=1)
        ],
    }

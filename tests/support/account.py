"""The steps of stories about accounts: ask for one, read the mail, open its link, sign in."""

from __future__ import annotations

import re
from contextvars import Context
from typing import Any

from sqlalchemy import select, update

from efoy.models import User
from efoy.models.base import reading, transaction
from efoy.services import worker
from efoy.services.passwords import hash_password
from efoy.tasks import tools
from tests.support.browser import FORM_SECRET, Browser

PASSWORD = "three green birds"
NEW_PASSWORD = "four yellow daisies"
REGISTRATION = {
    "name": "Guest Visitor",
    "email": "guest@example.org",
    "phone": "240 555 0117",
    "password": PASSWORD,
}


class Visitor(Browser):
    """A browser that reads each form before it sends it: signing in makes all earlier ones old."""

    def post(self, path: str, /, csrf: bool = True, **fields: Any) -> Any:
        """Send a form that was just opened."""
        Context().run(self._open_form)
        return super().post(path, csrf, **fields)

    def _open_form(self) -> None:
        with self.client.session_transaction() as session:
            session["csrf_token"] = FORM_SECRET


def give_password(app: Any, user_id: str, password: str = PASSWORD) -> None:
    """Somebody of the clinic has chosen a password."""
    with app.app_context(), transaction("seed") as session:
        session.execute(
            update(User).where(User.id == user_id).values(password_hash=hash_password(password))
        )


def person(app: Any, email: str) -> Any:
    """The row of an address, or None."""
    with app.app_context(), reading() as connection:
        return connection.execute(select(User.__table__).where(User.email == email)).one_or_none()


def mail_goes_out(app: Any) -> None:
    """The worker does what is due."""
    with app.app_context():
        worker.drain(tools())


def link_in(app: Any, mailbox: Any, address: str, start: str) -> str:
    """The newest link in a mail to ``address`` whose path begins with ``start``."""
    mail_goes_out(app)
    for message in reversed(mailbox.to(address)):
        text = message.get_body(("plain",)).get_content()
        found = re.search(rf"http://127\.0\.0\.1:8000({start}[^\s>\"]*)", text)
        if found:
            return found[1]
    raise AssertionError(f"no link to {start} in {mailbox.subjects}")


def sign_in(browser: Any, email: str, password: str = PASSWORD, **more: Any) -> Any:
    """Fill in the sign-in form."""
    return browser.post("/login", email=email, password=password, **more)

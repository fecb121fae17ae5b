"""What the desk does in stories: takes money, books for people."""

from datetime import timedelta

from efoy.domain.payment import PaymentMethod
from efoy.domain.role import Actor, Door
from efoy.services.booking import HoldRequest
from efoy.services.desk_booking import Beside, DeskWish, Way, book_at_desk
from efoy.services.desk_money import Taking, take_at_desk
from tests.support.clinic import ADMIN, DESK, OTHER

AS_DESK = Actor(user_id=DESK, role="desk", door=Door.WEB, request_id="req-desk")
AS_ADMIN = Actor(user_id=ADMIN, role="admin", door=Door.WEB, request_id="req-admin")


def take(story, booking_id, method=PaymentMethod.CASH, *, actor=AS_DESK, note="", form_token=None):
    """Somebody hands money over; returns the payment's id."""
    taking = Taking(method=method, note=note, form_token=form_token)
    return take_at_desk(
        booking_id, taking, stripe=story.stripe.gateway, actor=actor, now=story.clock()
    )


def book(story, way=Way.CASH, *, at=None, actor=AS_DESK, beside=None, why="urgent", **given):
    """The desk books for Daniel, unless the story says otherwise."""
    wish = {
        "doctor": "hana-tesfaye",
        "service": "see-the-doctor",
        "starts_at": at or story.time(),
        "name": "Daniel Kebede",
        "email": "daniel@example.org",
        "phone": "+12405550118",
        "viewer_id": OTHER,
    }
    more = {name: given.pop(name) for name in ("note", "reason", "pay_by") if name in given}
    if way is Way.LINK:
        more.setdefault("pay_by", story.clock() + timedelta(hours=3))
    request = HoldRequest(**(wish | given))
    stand = None if beside is None else Beside(refs=frozenset(beside), reason=why)
    wanted = DeskWish(request=request, way=way, beside=stand, **more)
    return book_at_desk(wanted, actor=actor, now=story.clock())

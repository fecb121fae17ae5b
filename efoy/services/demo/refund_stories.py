"""How do refunds and disputes of the demo go that need a person? Each ends where one would act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from efoy.domain.notice import BalanceLine, RefundNotice
from efoy.domain.refund_way import RefundWay, Wish
from efoy.domain.role import Actor, Door, Role, system
from efoy.services.demo import stories
from efoy.services.demo.pretend import DISPUTE_FEE
from efoy.services.demo.teller import Teller
from efoy.services.refund_by_hand import Hand, pay_by_hand
from efoy.services.refund_following import apply_refund
from efoy.services.refund_wishes import answer_wish, ask_patient
from efoy.services.refunds import RefundWish, request_refund

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GUEST = Actor(role="guest", door=Door.WEB)


def desk_asks(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Came, was unhappy; the desk asks for a part, and an admin has not decided yet."""
    yield from stories.attended(teller, start)
    if not teller.payment_id:
        return
    asked = teller.visit.starts_at + 3 * HOUR
    yield asked
    price = teller.visit.price
    wish = RefundWish(amount=price * 2 // 5, available=price, reason="goodwill")
    desk = Actor(user_id=teller.cast.desk, role=Role.DESK, door=Door.WEB)
    request_refund(teller.payment_id, wish, actor=desk, now=asked)


def paid_by_hand(teller: Teller, start: datetime) -> Iterator[datetime]:
    """The card was closed; the patient came for the money."""
    yield from stories.bounced(teller, start)
    if not teller.refund_id:
        return
    came = start + 4 * DAY
    yield came
    price = teller.visit.price
    wish = RefundWish(amount=price, available=price, reason="clinic_cancelled")
    hand = Hand(way=RefundWay.CASH, by="Selam Abebe", instead_of=teller.refund_id)
    admin = Actor(user_id=teller.cast.admin, role=Role.ADMIN, door=Door.WEB)
    pay_by_hand(teller.payment_id, wish, hand, actor=admin, now=came)


def wants_a_call(teller: Teller, start: datetime) -> Iterator[datetime]:
    """The card was closed; the patient was asked by mail, and would like to be called."""
    yield from stories.bounced(teller, start)
    if not teller.refund_id:
        return
    asked = start + 4 * DAY
    yield asked
    admin = Actor(user_id=teller.cast.admin, role=Role.ADMIN, door=Door.WEB)
    ask_patient(teller.refund_id, actor=admin, now=asked)
    yield asked + 5 * HOUR
    answer_wish(
        teller.refund_id,
        Wish.CALL,
        phone=teller.visit.phone,
        words="After five in the afternoon, please.",
        actor=GUEST,
        now=asked + 5 * HOUR,
    )


def at_stripe(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Somebody gave a part back in Stripe's own dashboard."""
    yield from stories.attended(teller, start)
    if not teller.payment_id:
        return
    seen = teller.visit.starts_at + DAY
    yield seen
    notice = RefundNotice(
        ref=f"re_seeded_out_{teller.payment_id}",
        status="succeeded",
        amount=1000,
        currency="USD",
        intent_ref=f"pi_seeded_{teller.payment_id}",
        reference=None,
        created_at=seen.astimezone(UTC),
    )
    apply_refund(notice, actor=system(Door.WEBHOOK), now=seen)


def asked_about(teller: Teller, start: datetime) -> Iterator[datetime]:
    """A bank only asks: no money was taken, and everything may still go back."""
    yield from _disputed(teller, start, ("warning_needs_response",))


def with_the_bank(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Answered in Stripe's dashboard; the bank takes its time."""
    yield from _disputed(teller, start, ("needs_response", "under_review"))


def won(teller: Teller, start: datetime) -> Iterator[datetime]:
    """The bank believed the clinic."""
    yield from _disputed(teller, start, ("needs_response", "under_review", "won"))


def lost(teller: Teller, start: datetime) -> Iterator[datetime]:
    """The bank believed the cardholder."""
    yield from _disputed(teller, start, ("needs_response", "under_review", "lost"))


def asked_no_more(teller: Teller, start: datetime) -> Iterator[datetime]:
    """A bank asked, and left it at that."""
    yield from _disputed(teller, start, ("warning_needs_response", "warning_closed"))


def _disputed(teller: Teller, start: datetime, words: tuple[str, ...]) -> Iterator[datetime]:
    yield from stories.attended(teller, start)
    if not teller.payment_id:
        return
    asked = teller.visit.starts_at + DAY
    for step, word in enumerate(words):
        at = asked + step * 12 * HOUR
        yield at
        teller.dispute(at, status=word, lines=_lines(teller, word), refundable="warning" in word)


def _lines(teller: Teller, word: str) -> tuple[BalanceLine, ...]:
    """What the bank moved on the balance so far."""
    if word.startswith("warning"):
        return ()
    amount, key = teller.visit.price, teller.payment_id
    taken = _line(key, "out", -amount, DISPUTE_FEE)
    return (taken, _line(key, "back", amount, 0)) if word == "won" else (taken,)


def _line(key: str, which: str, amount: int, fee: int) -> BalanceLine:
    return BalanceLine(
        ref=f"txn_seeded_{which}_{key}",
        category="dispute" if amount < 0 else "dispute_reversal",
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency="USD",
        source=f"dp_seeded_{key}",
    )


EACH_ONCE = (
    desk_asks,
    wants_a_call,
    paid_by_hand,
    at_stripe,
    asked_about,
    with_the_bank,
    won,
    lost,
    asked_no_more,
)
"""Told at least once of a past visit, whatever chance says."""

"""Does every wake-up reach the queue: a few at once, many in bundles, none twice?"""

from __future__ import annotations

import threading

from efoy.waking import Waking


def test_a_single_wake_up_goes_out_with_its_own_request():
    sent = []

    Waking(sent.append)([("mail", "1")])

    assert sent == [[("mail", "1")]]


def test_of_many_at_once_each_arrives_once_in_fewer_bundles():
    sent, complete = [], threading.Event()

    def send(posted):
        sent.append(list(posted))
        if sum(map(len, sent)) == 500:
            complete.set()

    wake = Waking(send)
    for number in range(500):
        wake([("event", str(number))])

    assert complete.wait(timeout=10)
    assert len(sent) < 250
    assert sorted(int(key) for posted in sent for _, key in posted) == list(range(500))

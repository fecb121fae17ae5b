"""Do those who ask the same at once share one answer, and nobody an old one?"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from efoy.queries.together import Together


def shared() -> bool:
    """Two ask at once; whether the second one came in time to get the first one's answer."""
    together, begun, go_on = Together(), threading.Event(), threading.Event()

    def slowly():
        begun.set()
        assert go_on.wait(timeout=10)
        return "first"

    with ThreadPoolExecutor(max_workers=2) as pool:
        first = pool.submit(together.read, "key", slowly)
        assert begun.wait(timeout=10)
        second = pool.submit(together.read, "key", lambda: "second")
        assert together.read("another key", lambda: "another") == "another"
        go_on.set()

        assert first.result() == "first"
        return second.result() == "first"


def test_who_asks_while_it_is_read_gets_the_same_answer():
    assert any(shared() for _ in range(100))


def test_who_asks_afterwards_reads_afresh():
    together, answers = Together(), iter([1, 2])

    assert [together.read("key", lambda: next(answers)) for _ in range(2)] == [1, 2]


def test_a_failure_is_told_to_all_and_kept_from_the_next():
    together = Together()

    with pytest.raises(ZeroDivisionError):
        together.read("key", lambda: 1 // 0)

    assert together.read("key", lambda: "well") == "well"

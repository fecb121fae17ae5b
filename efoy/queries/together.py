"""How is one answer read for all who ask the same at the same moment?

When two hundred people want one time, all but one need to know what else is free: the same few
rows, again and again. Whoever asks while somebody is reading it waits for that answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
PATIENCE = 15
"""Seconds; longer than any read may take."""


class Together(Generic[Answer]):
    """Reads of one kind. Nothing is kept: an answer is as old as its reading took."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._reading: dict[Hashable, Future[Answer]] = {}

    def read(self, key: Hashable, read: Callable[[], Answer]) -> Answer:
        """What ``read()`` returns or raises, here or for the one who asked the same before us."""
        with self._lock:
            answer = self._reading.get(key)
            if answer is None:
                mine = self._reading[key] = Future()
        if answer is not None:
            return answer.result(timeout=PATIENCE)
        try:
            mine.set_result(read())
        except BaseException as error:
            mine.set_exception(error)
        finally:
            with self._lock:
                del self._reading[key]
        return mine.result()

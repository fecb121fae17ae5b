"""How do many clients act at the same moment? Threads in a process of their own, each on a line."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Act = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What each client returned, the seconds from the first start to the last end."""

    results: list[Any]
    seconds: float
    waits: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The wait, in milliseconds, that this share of the answers did not exceed."""
        ordered = sorted(self.waits)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def crowd(act: Act, jobs: list[tuple[Any, ...]]) -> Outcome:
    """Call ``act(wait, waits, *job)`` once a job, each in a thread, in another process.

    ``wait()`` blocks until everybody is there; ``waits`` takes seconds an answer took. ``act`` is
    a function of a module (it is found there by name).
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_in_process, args=(act, jobs, there), daemon=True)
    process.start()
    there.close()
    try:
        outcome = here.recv()
    finally:
        process.join(timeout=10)
        process.kill()
    if isinstance(outcome, Outcome):
        return outcome
    raise RuntimeError(outcome)


def _in_process(act: Act, jobs: list[tuple[Any, ...]], there: Any) -> None:
    gate = threading.Barrier(len(jobs) + 1)
    results: list[Any] = [None] * len(jobs)
    waits: list[float] = []

    def one(number: int) -> None:
        try:
            results[number] = act(gate.wait, waits, *jobs[number])
        except Exception as error:
            results[number] = f"{type(error).__name__}: {error}"
            gate.abort()

    threads = [threading.Thread(target=one, args=(n,), daemon=True) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    try:
        gate.wait(60)
    except threading.BrokenBarrierError:
        there.send("a client failed before the start: " + str([r for r in results if r][:1]))
        return
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    there.send(Outcome(results=results, seconds=seconds, waits=waits))

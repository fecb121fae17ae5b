"""Is each exchange with the sandbox, and each delivered event, as Stripe's API describes it?

Only where EFOY_TEST_STRIPE_CHECKER names the checker: it is then shown everything that passes, as
it would see it as a proxy, and what it says goes to EFOY_TEST_STRIPE_LOG, one file a process.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHECKER = os.environ.get("EFOY_TEST_STRIPE_CHECKER", "")
LOG = os.environ.get("EFOY_TEST_STRIPE_LOG", "")


class Witness:
    """Sees the exchanges of one sandbox. Without a checker it looks away."""

    def __init__(self) -> None:
        self.checker = _tool().Checker(_description()) if CHECKER else None

    def exchange(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        answer: tuple[int, Mapping[str, str], bytes],
    ) -> None:
        """One request and its answer."""
        if self.checker is None or not target.startswith("/v1/"):
            return
        status, heads, data = answer
        mine = {name.title(): value for name, value in headers.items()}
        theirs = {name.title(): value for name, value in heads.items()}
        template, op, params, asked = self.checker.request(method, target, mine, body)
        told = self.checker.response(method, template, op, params, status, theirs, data)
        told += self.checker.idempotency(method, target, mine, params, status, data)
        wrong = [issue for issue in asked if issue.kind not in _tool().ADVICE]
        if wrong and status < 300:
            told.append(_tool().Issue("lenient", wrong[0].path, "accepted what Stripe refuses"))
        if mine.get("X-Conformance") == "expect-refusal":
            asked = []
        _log().add(method=method, route=template, status=status, request=asked, response=told)

    def event(self, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> None:
        """One delivery, judged at the story's time."""
        if self.checker is not None:
            said = self.checker.event(dict(headers), body, secret, now=now)
            _log().add(route=f"event {json.loads(body)['type']}", event=said)


@functools.cache
def _tool() -> Any:
    folder = str(Path(CHECKER).parent)
    if folder not in sys.path:
        sys.path.append(folder)
    spec = importlib.util.spec_from_file_location("stripe_conformance", CHECKER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@functools.cache
def _description() -> Any:
    return _tool().Spec(_tool().SPEC)


@functools.cache
def _log() -> Any:
    log = _tool().Log(str(Path(LOG) / f"exchanges-{os.getpid()}.jsonl"))
    atexit.register(log.file.close)
    return log

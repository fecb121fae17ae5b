"""How does a request to /v1 become an answer?  Key, version, parameters, repeat, then the deed."""

from __future__ import annotations

import json
import threading
import traceback
from dataclasses import dataclass, field

from flask import Blueprint, Request, Response, request

from sandbox.asking import check_key, check_version, decoded
from sandbox.calls import Call, Endpoint
from sandbox.endpoints import find
from sandbox.errors import Json, NoAnswer, Refusal, server_error
from sandbox.expand import shown, tree_of
from sandbox.faults import Faults
from sandbox.idempotency import Keys
from sandbox.ids import new_id
from sandbox.journal import Journal
from sandbox.state import API_VERSION, Record, State

METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]  # the last two only to be refused
TOLD_OFF = {
    "429": Refusal(
        "Too many requests hit the API too quickly. We recommend an exponential backoff.",
        status=429,
        code="rate_limit",
    ),
    "409": Refusal(
        "This object cannot be accessed right now because another API request or Stripe process "
        "is currently accessing it.",
        status=409,
        code="lock_timeout",
    ),
}


@dataclass
class Api:
    """The API of one account."""

    state: State
    journal: Journal
    key: str | None = None
    public_url: str | None = None
    patient: bool = False  # whether a fault may sleep: not when there are no threads
    keys: Keys = field(default_factory=Keys)
    faults: Faults = field(default_factory=Faults)
    woken: threading.Event = field(default_factory=threading.Event)

    def blueprint(self) -> Blueprint:
        """The routes under /v1."""
        routes = Blueprint("api", __name__)

        @routes.route("/v1/", defaults={"rest": ""}, methods=METHODS)
        @routes.route("/v1/<path:rest>", methods=METHODS)
        def api(rest: str) -> Response:
            del rest
            return Exchange(self, request).answer()

        return routes


class Exchange:
    """One request and its answer."""

    def __init__(self, api: Api, asked: Request) -> None:
        self.api, self.request = api, asked
        self.id = new_id("req_")
        self.method, self.path = asked.method, asked.path
        self.key = asked.headers.get("Idempotency-Key") if asked.method == "POST" else None
        self.headers = {"Request-Id": self.id, "Stripe-Version": API_VERSION}
        self.params: Json = {}
        self.original: str | None = None
        self.fault: str | None = None

    def answer(self) -> Response:
        """The answer, which the journal has noted. Raises NoAnswer when a fault says so."""
        with self.api.state.lock:
            self.fault = self.api.faults.take(self.method, self.path)
        try:
            status, body = self._answer()
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
            if status == 401:
                self.headers["WWW-Authenticate"] = 'Bearer realm="Stripe"'
        except NoAnswer:
            self._note(0)
            raise
        if self.fault in ("apply_then_timeout", "reset_half_body"):
            self._note(0)
            raise NoAnswer(self.fault)
        self._note(status)
        return self._sent(status, body)

    def _note(self, status: int) -> None:
        with self.api.state.lock:
            self.api.journal.note(
                at=self.api.state.now,
                request_id=self.id,
                method=self.method,
                path=self.path,
                params=self.params,
                idempotency_key=self.key,
                status=status,
                replayed=self.original is not None,
                fault=self.fault,
            )

    def _sent(self, status: int, body: Json) -> Response:
        text = json.dumps(body, indent=2)
        if self.fault == "garbage_200":
            text, status = "<html><body>Please come back later</body></html>", 200
        if self.key:
            self.headers["Idempotency-Key"] = self.key
        if self.original:
            self.headers |= {"Idempotent-Replayed": "true", "Original-Request": self.original}
        return Response(text, status, self.headers, mimetype="application/json")

    # ---- the steps ------------------------------------------------------------------------------

    def _answer(self) -> tuple[int, Json]:
        check_key(self.request, self.api.key)
        check_version(self.request)
        endpoint, ids = find(self.method, self.path)
        self.params = decoded(self.request, self.key)
        given = endpoint.takes.read(self.params)
        tree = tree_of(given.get("expand", []), endpoint.kinds)
        self._stop_before()
        with self.api.state.lock:
            self.api.state.run_due()
            repeated = self._begin()
        if repeated:
            return repeated
        self._dawdle()
        call = Call(
            state=self.api.state,
            ids=ids,
            given=given,
            tree=tree,
            path=self.path,
            base=self.api.public_url or self.request.host_url.rstrip("/"),
        )
        with self.api.state.lock:
            return self._execute(endpoint, call)

    def _begin(self) -> tuple[int, Json] | None:
        """None to go on; else what the key's first request was answered."""
        if self.key is None:
            return None
        asked = json.dumps(self.params, sort_keys=True)
        now = self.api.state.now
        first = self.api.keys.begin(self.key, self.path, asked, now, self.id)
        if first is None:
            return None
        self.original = first.request_id
        assert first.body is not None
        return first.status, first.body

    def _execute(self, endpoint: Endpoint, call: Call) -> tuple[int, Json]:
        self.api.state.request = (self.id, self.key)
        try:
            status, body = self._done(endpoint, call)
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
            if not refusal.stored and self.key is not None:
                self.api.keys.forget(self.key)
                return status, body
        except Exception:
            traceback.print_exc()
            status, body = 500, server_error().body
        finally:
            self.api.state.request = (None, None)
        if self.key is not None:
            self.api.keys.keep(self.key, status, body)
        return status, body

    def _done(self, endpoint: Endpoint, call: Call) -> tuple[int, Json]:
        if self.fault == "500_unapplied_stored":
            raise server_error()
        result: Record | Json = endpoint.answer(call)
        if self.fault == "500_applied_stored":
            raise server_error()
        body = result.body if isinstance(result, Record) else result
        return 200, shown(call.state, body, call.tree) if isinstance(result, Record) else body

    # ---- faults ---------------------------------------------------------------------------------

    def _stop_before(self) -> None:
        if self.fault == "timeout_before":
            raise NoAnswer(self.fault)
        if self.fault in TOLD_OFF:
            raise TOLD_OFF[self.fault]

    def _dawdle(self) -> None:
        """Take as long as ordered, with the idempotency key held and nothing locked."""
        if self.fault and self.fault.startswith("slow=") and self.api.patient:
            self.api.woken.wait(float(self.fault.removeprefix("slow=")))

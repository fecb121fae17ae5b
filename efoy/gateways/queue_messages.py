"""How does a task travel through the queue? As signed JSON: what was not signed here is not run."""

from __future__ import annotations

import json
from typing import Any

from huey.registry import Message
from huey.serializer import SignedSerializer

SALT = "efoy-queue"


class SignedMessages(SignedSerializer):  # type: ignore[misc]  # huey has no types
    """huey's own signature around plain JSON instead of its pickle: no message becomes code."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret, salt=SALT)

    def _serialize(self, message: Any) -> bytes:
        return bytes(self._sign(json.dumps(message).encode()))

    def _deserialize(self, data: Any) -> Message:
        return Message(*json.loads(self._unsign(bytes(data))))

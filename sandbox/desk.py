"""What do the levers take hold of?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.delivery import Mail
from sandbox.postman import Postman
from sandbox.wire import Api

Typed = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Everything that can be steered. Without a postman, letters are handed out."""

    api: Api
    mail: Mail
    postman: Postman | None

"""Who asks for a time, and for whom?"""

from __future__ import annotations

from dataclasses import dataclass

from efoy.domain.visitor import MYSELF, VisitorWish


@dataclass(frozen=True, kw_only=True)
class Booker:
    """Whoever fills in a form: for themselves, unless there is a ``visitor``.

    ``viewer_id`` is the signed-in patient, None for a guest; ``browser_hash`` knows the browser
    again; ``form_token`` makes a second press of the same form find the first result.
    """

    name: str
    email: str
    phone: str
    locale: str = "en"
    viewer_id: str | None = None
    browser_hash: str | None = None
    form_token: str | None = None
    visitor: VisitorWish | None = None

    @property
    def holder(self) -> str | None:
        """Whose limits this counts towards: a person we know, or a guest's browser."""
        return self.viewer_id or self.browser_hash

    @property
    def visitor_key(self) -> str:
        """Which of the booker's people comes."""
        return self.visitor.key if self.visitor else MYSELF

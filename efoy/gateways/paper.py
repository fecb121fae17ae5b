"""Which papers can be made? The receipt as a PDF, the visit as a calendar file."""

from __future__ import annotations

from efoy.domain.letter import CalendarEntry, ReceiptPaper


class Paper:
    """Makes papers from frozen values; nothing is fetched, nothing in them is active."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def receipt_pdf(self, paper: ReceiptPaper, locale: str = "en") -> bytes:
        """One page with everything a receipt must say."""
        raise NotImplementedError

    def calendar(self, entry: CalendarEntry) -> bytes:
        """One visit as an iCalendar file (RFC 5545)."""
        raise NotImplementedError

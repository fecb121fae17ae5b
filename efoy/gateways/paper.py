"""Which papers can be made? The receipt as a PDF, the visit as a calendar file."""

from __future__ import annotations

from collections.abc import Sequence

from efoy.domain.letter import CalendarEntry, CreditPaper, FeedEntry, ReceiptPaper
from efoy.gateways import calendar, credit_pdf, pdf, square_code


class Paper:
    """Makes papers from frozen values; nothing is fetched, nothing in them is active."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def receipt_pdf(self, paper: ReceiptPaper, locale: str = "en", gettext: pdf.Say = str) -> bytes:
        """One page with everything a receipt must say; the same paper gives the same bytes."""
        return pdf.render(paper, locale, gettext)

    def credit_pdf(self, paper: CreditPaper, locale: str = "en", gettext: pdf.Say = str) -> bytes:
        """One page for what went back of a receipt; the same paper gives the same bytes."""
        return credit_pdf.render(paper, locale, gettext)

    def calendar(self, entry: CalendarEntry) -> bytes:
        """One visit as an iCalendar file; ``entry.url`` is a path under the base URL."""
        return calendar.render(entry, self._base_url)

    def square_code(self, address: str) -> str:
        """The address as a code that a telephone reads: an SVG drawing to stand in a page."""
        return square_code.draw(address)

    def feed(self, entries: Sequence[FeedEntry], zone: str) -> bytes:
        """A doctor's own calendar as an iCalendar file."""
        return calendar.render_feed(entries, zone, self._base_url)

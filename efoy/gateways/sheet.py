"""What is a blank page of the house? Its size, its fonts, its ways to write a line."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from efoy.domain.receipt import ReceiptContent
from efoy.wording import plain_line

FONTS = Path(__file__).parent / "fonts"
LETTER_CURRENCIES = frozenset({"USD", "CAD", "MXN", "PHP", "COP", "CLP"})
"""Where paper is Letter and not A4."""
MARGIN = 18.0
UNKNOWN = "?"
logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells every table it prunes
logging.getLogger("fpdf").setLevel(logging.ERROR)  # it would write parts of names into the log
GREEN, INK, MUTED, LINE, YELLOW = "#0B5B43", "#13231B", "#42534A", "#D9E2DB", "#F6C21C"


class Sheet(FPDF):
    """A blank page in the house's fonts: Latin and Ethiopic in one line, regular and bold.

    ``unprinted`` turns true when a letter had to be shown as a question mark.
    """

    def __init__(self, content: ReceiptContent) -> None:
        self.unprinted = False
        super().__init__(format="letter" if content.currency in LETTER_CURRENCIES else "A4")
        for style, name in (("", "Regular"), ("B", "Bold")):
            self.add_font("sans", style, FONTS / f"NotoSans-{name}.ttf")
            self.add_font("ethiopic", style, FONTS / f"NotoSansEthiopic-{name}.ttf")
        self.set_fallback_fonts(["ethiopic"])
        self.set_creation_date(datetime.fromisoformat(content.paid_at))
        self.set_creator("Efoy")
        self.set_author(plain_line(content.clinic_name))
        self.set_margin(MARGIN)
        self.set_auto_page_break(False)
        self.add_page()

    def _line(self, text: str) -> str:
        """The text as these fonts can print it: one line, ``?`` for a letter that none has."""
        known = [cast(TTFFont, self.fonts[name]).cmap for name in ("sans", "ethiopic")]
        plain = plain_line(text)
        shown = "".join(
            sign if any(ord(sign) in each for each in known) else UNKNOWN for sign in plain
        )
        self.unprinted = self.unprinted or shown != plain
        return shown

    def write_line(
        self, text: str, size: float = 10, *, bold: bool = False, ink: str = INK
    ) -> None:
        """One paragraph across the page; long words break, nothing is read as markup."""
        self._pen(size, bold, ink)
        self.multi_cell(
            0, size * 0.5, self._line(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def write_row(self, left: str, right: str, *, bold: bool = False) -> None:
        """Words on the left, an amount at the right edge of the first line."""
        top = self.get_y()
        self._pen(10, bold, INK)
        self.multi_cell(
            self.epw - 42, 5.4, self._line(left), align="L", new_x=XPos.RIGHT, new_y=YPos.TOP
        )
        bottom = top + 5.4 * max(1, self._rows(left))
        self.set_xy(self.w - MARGIN - 42, top)
        self.cell(42, 5.4, self._line(right), align="R")
        self.set_xy(MARGIN, bottom)

    def _rows(self, text: str) -> int:
        wanted = self.multi_cell(
            self.epw - 42, 5.4, self._line(text), align="L", dry_run=True, output="LINES"
        )
        return len(cast(list[str], wanted))

    def rule(self, ink: str = LINE, width: float = 0.3) -> None:
        """A line across the page, with air above and below."""
        self.set_draw_color(ink)
        self.set_line_width(width)
        self.ln(2.5)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.ln(2.5)

    def columns(self, columns: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Headed lists side by side; the page goes on below the longest."""
        top, width, lowest = self.get_y(), self.epw / len(columns), self.get_y()
        for position, (heading, lines) in enumerate(columns):
            self.set_xy(MARGIN + position * width, top)
            for number, line in enumerate([heading, *filter(None, lines)]):
                self._pen(9 if number == 0 else 10, number == 0, MUTED if number == 0 else INK)
                self.set_x(MARGIN + position * width)
                self.multi_cell(
                    width - 4, 5, self._line(line), align="L", new_x=XPos.LEFT, new_y=YPos.NEXT
                )
            lowest = max(lowest, self.get_y())
        self.set_xy(MARGIN, lowest)

    def _pen(self, size: float, bold: bool, ink: str) -> None:
        self.set_font("sans", "B" if bold else "", size)
        self.set_text_color(ink)

"""What does a printed receipt look like? One page: who, what, when, how much, what came back."""

from __future__ import annotations

from collections.abc import Callable

from efoy.domain.letter import ReceiptPaper, RefundLine
from efoy.domain.money import Money
from efoy.domain.receipt import ReceiptContent
from efoy.domain.refund import OVER, RefundStatus
from efoy.gateways.sheet import GREEN, INK, MUTED, YELLOW, Sheet
from efoy.wording import clock, datetime_year, day_full, day_year, duration, money, plain_line

Say = Callable[[str], str]


def render(paper: ReceiptPaper, locale: str, gettext: Say) -> bytes:
    """The receipt as the bytes of a PDF; the same paper gives the same bytes."""
    sheet = Sheet(paper.content)
    _Receipt(sheet, paper, locale, gettext).draw()
    return bytes(sheet.output())


def made_out_to(on: ReceiptContent, gettext: Say) -> list[str]:
    """Whoever booked, and for whom, when it was for somebody else."""
    if not on.booker_name:
        return [on.patient_name]
    return [on.booker_name, gettext("For %(name)s") % {"name": on.patient_name}]


def tell_unprinted(sheet: Sheet, gettext: Say) -> None:
    """Say so where a letter could not be printed: nobody should take it for a mistake of theirs."""
    if sheet.unprinted:
        words = gettext("A question mark stands for a letter we cannot print here.")
        sheet.write_line(f"{words} {gettext('Our page shows it as it was typed.')}", 9, ink=MUTED)


class _Receipt:
    """One receipt on its way onto a sheet."""

    def __init__(self, sheet: Sheet, paper: ReceiptPaper, locale: str, gettext: Say) -> None:
        self.sheet, self.paper, self.on = sheet, paper, paper.content
        self.locale, self.gettext = locale, gettext
        self.counting = [line for line in paper.refunds if RefundStatus(line.status) not in OVER]

    def draw(self) -> None:
        """From the band at the top to the small print."""
        sheet = self.sheet
        sheet.set_title(f"{self.gettext('Receipt')} {plain_line(self.paper.number)}")
        sheet.set_lang(self.locale.replace("_", "-"))
        sheet.set_fill_color(YELLOW)
        sheet.rect(0, 0, sheet.w, 3, style="F")
        self._heading()
        self._parties()
        self._lines()
        self._small_print()

    def _heading(self) -> None:
        sheet = self.sheet
        sheet.write_line(self.on.clinic_name, 11, bold=True, ink=GREEN)
        sheet.ln(4)
        sheet.write_line(self.gettext("Receipt"), 22, bold=True)
        sheet.write_line(f"{self.paper.number}, {self._state()}", 11, ink=MUTED)
        sheet.rule()

    def _state(self) -> str:
        back = self._back()
        if not back:
            return self.gettext("Paid")
        return (
            self.gettext("Refunded") if back >= self.on.amount else self.gettext("Partly refunded")
        )

    def _back(self) -> int:
        return sum(line.amount for line in self.counting)

    def _parties(self) -> None:
        on, gettext = self.on, self.gettext
        shows = gettext("Shows as %(name)s") % {"name": on.statement_name}
        clinic = [
            on.clinic_name,
            on.clinic_address,
            on.clinic_tax_text,
            on.clinic_phone,
            on.clinic_email,
        ]
        hand = {
            "cash": gettext("In cash at the clinic"),
            "terminal": gettext("By card at the clinic"),
        }.get(on.method, "")
        when = datetime_year(on.paid_at, on.zone, self.locale)
        paid = [when, on.card or hand, shows if on.card else ""]
        self.sheet.columns(
            [
                (gettext("From"), clinic),
                (gettext("To"), made_out_to(on, gettext)),
                (gettext("Paid on"), paid),
            ]
        )
        self.sheet.rule()

    def _lines(self) -> None:
        on, sheet, gettext = self.on, self.sheet, self.gettext
        day = day_full(on.visit_at, on.zone, self.locale)
        hour = clock(on.visit_at, on.zone, self.locale)
        sheet.write_row(
            f"{on.service_name}, {duration(on.minutes)}", self._money(on.amount), bold=True
        )
        booking = gettext("Booking %(ref)s") % {"ref": on.booking_ref}
        sheet.write_line(f"{on.doctor_name}, {day}, {hour}. {booking}", 9.5, ink=MUTED)
        sheet.rule()
        sheet.write_row(on.tax_label or gettext("Tax"), self._money(on.tax))
        sheet.write_row(gettext("Total paid"), self._money(on.amount), bold=not self.counting)
        for line in self.paper.refunds:
            self._refund(line)
        if self.counting:
            net = self._money(on.amount - self._back())
            sheet.write_row(gettext("Paid, less refunds"), net, bold=True)
        sheet.rule(INK, 0.5)

    def _refund(self, line: RefundLine) -> None:
        gettext, status = self.gettext, RefundStatus(line.status)
        words = gettext("Refund on its way since %(day)s")
        if status is RefundStatus.SUCCEEDED:
            words = gettext("Refunded on %(day)s")
        elif status in OVER:
            words = gettext("Refund that did not arrive, %(day)s")
        day = day_year(line.at, self.on.zone, self.locale)
        amount = self._money(0 if status in OVER else -line.amount)
        self.sheet.write_row(words % {"day": day}, amount)

    def _small_print(self) -> None:
        on, gettext = self.on, self.gettext
        words = gettext(
            "Questions about this receipt: call %(phone)s and give booking %(ref)s."
            " Times are clinic time, %(zone)s."
        )
        facts = {"phone": on.clinic_phone, "ref": on.booking_ref, "zone": on.zone}
        self.sheet.write_line(words % facts, 9, ink=MUTED)
        tell_unprinted(self.sheet, gettext)

    def _money(self, minor: int) -> str:
        return money(Money(minor, self.on.currency), self.locale)

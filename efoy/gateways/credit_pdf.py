"""What does a printed credit note look like? One page: which receipt, how much went back, when."""

from __future__ import annotations

from efoy.domain.letter import CreditPaper
from efoy.domain.money import Money
from efoy.gateways.pdf import Say, made_out_to, tell_unprinted
from efoy.gateways.sheet import GREEN, INK, MUTED, YELLOW, Sheet
from efoy.wording import clock, day_full, day_year, duration, money, plain_line


def render(paper: CreditPaper, locale: str, gettext: Say) -> bytes:
    """The credit note as the bytes of a PDF; the same paper gives the same bytes."""
    on = paper.content.receipt
    sheet = Sheet(on)
    sheet.set_title(f"{gettext('Credit note')} {plain_line(paper.number)}")
    sheet.set_lang(locale.replace("_", "-"))
    sheet.set_fill_color(YELLOW)
    sheet.rect(0, 0, sheet.w, 3, style="F")
    sheet.write_line(on.clinic_name, 11, bold=True, ink=GREEN)
    sheet.ln(4)
    sheet.write_line(gettext("Credit note"), 22, bold=True)
    state = gettext("Money returned") if paper.arrived else gettext("This refund did not arrive")
    sheet.write_line(f"{paper.number}, {state}", 11, ink=MUTED)
    sheet.rule()
    _parties(sheet, paper, locale, gettext)
    _lines(sheet, paper, locale, gettext)
    return bytes(sheet.output())


def _parties(sheet: Sheet, paper: CreditPaper, locale: str, gettext: Say) -> None:
    on = paper.content.receipt
    back = [day_year(paper.content.returned_at, on.zone, locale), on.card]
    clinic = [on.clinic_name, on.clinic_address, on.clinic_tax_text, on.clinic_phone]
    sheet.columns(
        [
            (gettext("From"), clinic),
            (gettext("To"), made_out_to(on, gettext)),
            (gettext("Returned on"), back),
        ]
    )
    sheet.rule()


def _lines(sheet: Sheet, paper: CreditPaper, locale: str, gettext: Say) -> None:
    content, on = paper.content, paper.content.receipt

    def written(minor: int) -> str:
        return money(Money(minor, on.currency), locale)

    words = gettext("For receipt %(number)s") % {"number": content.receipt_number}
    sheet.write_row(words, written(-content.amount), bold=True)
    day, hour = day_full(on.visit_at, on.zone, locale), clock(on.visit_at, on.zone, locale)
    visit = f"{on.service_name}, {duration(on.minutes)}, {on.doctor_name}, {day}, {hour}."
    booking = gettext("Booking %(ref)s") % {"ref": on.booking_ref}
    sheet.write_line(f"{visit} {booking}", 9.5, ink=MUTED)
    sheet.rule()
    sheet.write_row(on.tax_label or gettext("Tax"), written(-content.tax))
    sheet.write_row(gettext("Total returned"), written(-content.amount), bold=True)
    sheet.rule(INK, 0.5)
    facts = {"phone": on.clinic_phone, "ref": on.booking_ref, "zone": on.zone}
    questions = gettext(
        "Questions about this paper: call %(phone)s and give booking %(ref)s."
        " Times are clinic time, %(zone)s."
    )
    sheet.write_line(questions % facts, 9, ink=MUTED)
    tell_unprinted(sheet, gettext)

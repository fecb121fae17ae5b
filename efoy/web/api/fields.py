"""How are values written as JSON? Whole numbers, instants with their offset, camelCase names."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import Length, Regexp

from efoy.web.context import clinic
from efoy.web.forms import has_controls
from efoy.web.parameters import instant


def camel(name: str) -> str:
    """``starts_at`` as ``startsAt``; a last underscore only keeps off Python's own words."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


class Shape(Schema):
    """An object of the API: names in camelCase, and nothing that is not written here."""

    class Meta:
        """See above."""

        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field) -> None:
        """Name the field as programs know it."""
        field_obj.data_key = camel(field_obj.data_key or field_name)


class Instant(fields.Field[datetime]):
    """An instant in ISO 8601 with its offset: read in any zone, written in the clinic's."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **_: Any) -> Any:
        return None if value is None else at_clinic(value).isoformat()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        found = instant(value) if isinstance(value, str) else None
        if found is None:
            raise ValidationError("Not an instant like 2026-11-24T14:20:00-05:00.")
        return found


class Text(fields.String):
    """A text of bounded length without characters nobody types; blanks around it are dropped."""

    def __init__(self, *, most: int, least: int = 0, **more: Any) -> None:
        super().__init__(validate=[_printable, Length(min=least, max=most)], **more)

    def _deserialize(self, value: Any, *given: Any, **more: Any) -> Any:
        return super()._deserialize(value, *given, **more).strip()


class Count(fields.Integer):
    """A whole number, written as one: no text, no fraction, no truth value."""

    def __init__(self, **more: Any) -> None:
        super().__init__(strict=True, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)


def slug_field(**more: Any) -> fields.String:
    """The name of a doctor or a service in addresses."""
    return fields.String(validate=Regexp(r"[a-z0-9][a-z0-9-]{0,59}\Z"), **more)


def at_clinic(value: datetime) -> datetime:
    """The instant by the clinic's clock."""
    return value.astimezone(ZoneInfo(clinic().zone))


def _printable(text: str) -> None:
    if has_controls(text):
        raise ValidationError("Take out the characters that cannot be printed.")

"""What may a log line hold? JSON, a fixed list of fields, nothing of a person, one line each.

Exceptions are written as their kind and the places they came through: their words may quote data.
"""

from __future__ import annotations

import logging
import sys
import traceback
from copy import copy
from typing import Any, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

ALLOWED = frozenset(
    """
    timestamp level logger event request_id route method status ms actor role action reason fault
    where error_id kind left outcome object object_id payment_id booking_id refund_id event_id
    message_id count name attempt seconds db story worker
    """.split()
)
"""No names, addresses, bodies, query strings, headers: what is not listed is left out."""
OURS = "efoy"
LONGEST = 300


def start_log(level: str) -> None:
    """Send everything that is logged in this process to the error stream, by these rules."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_exception,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _ErrorStream()
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                only_allowed,
                structlog.processors.JSONRenderer(ensure_ascii=True),
            ],
        )
    )
    _take_root(handler, level)


def _take_root(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _ErrorStream)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in ("stripe", "werkzeug"):  # they would say what they send, and see at debug
        logging.getLogger(name).setLevel(logging.WARNING)


class _ErrorStream(logging.StreamHandler[TextIO]):
    """The error stream as it is at the moment of writing.

    Libraries are heard from a warning on, and without the values they would put into their words.
    """

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        if record.name.split(".")[0] != OURS:
            if record.levelno < logging.WARNING:
                return
            record = copy(record)
            record.args = ()
        super().emit(record)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # a property in place of a fixed stream
        return sys.stderr


def name_exception(_: Any, __: str, event: EventDict) -> EventDict:
    """The kind of an exception and the places it came through, without its words or values."""
    given = event.pop("exc_info", None)
    if not given:
        return event
    error = given if isinstance(given, BaseException) else sys.exc_info()[1]
    if isinstance(given, tuple):
        error = given[1]
    if error is not None:
        event.setdefault("fault", type(error).__name__)
        event["where"] = [
            f"{frame.filename.rpartition('/efoy/')[2]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-8:]
        ]
    return event


def only_allowed(_: Any, __: str, event: EventDict) -> EventDict:
    """Drop every field that is not on the list, and what makes a line endless."""
    return {
        name: value[:LONGEST] if isinstance(value, str) else value
        for name, value in event.items()
        if name in ALLOWED and value is not None
    }

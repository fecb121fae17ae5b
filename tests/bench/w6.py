"""W6, start: how long to the first good page, and how much memory after fifty requests?"""

from __future__ import annotations

from tests.bench.ground import Ground, ground, slug
from tests.bench.places import PORT, Size
from tests.bench.report import Figure, tell
from tests.bench.serving import serving
from tests.bench.wire import Line

NAME = "W6 start"


def run(kind: str, size: Size) -> bool:
    """Seconds from the command to the first page, and each worker's memory."""
    with ground(kind, bookings=size.bookings[0]) as made:
        efoy, floor = _one(made, "wsgi:app"), _one(made, "tests.bench.floor:app")
    return tell(NAME, kind, efoy, floor, less=True)


def _one(made: Ground, app: str) -> Figure:
    page = f"/doctors/{slug(1)}"
    with serving(app, PORT, made.environment, page=page, log=made.log) as served:
        lines = [Line(PORT) for _ in range(5)]
        wrong = [
            str(answer.status)
            for line in lines
            for answer in (line.get(page) for _ in range(10))
            if answer.status != 200
        ]
        memory = served.memory()
        return Figure(
            value=served.seconds_to_first_page,
            unit="s to the first page",
            held=f"{'/'.join(map(str, memory))} MB a worker after 50 requests",
            faults=wrong,
        )

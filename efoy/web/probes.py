"""Is this process alive, fit to serve, and how is it doing? Only the first is told in public."""

from __future__ import annotations

import shutil
from datetime import timedelta
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.engine import make_url

from efoy.domain.errors import DatabaseBusy, NotFound
from efoy.queries.pulse import pulse, schema_version, worker_seen_at
from efoy.services.probe import probe_write
from efoy.web.access import public
from efoy.wiring import outside, settings

bp = Blueprint("probes", __name__)
INSIDE = tuple(
    ip_network(each)
    for each in "127.0.0.0/8 ::1/128 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7".split()
)
LEAST_FREE = 0.10
SILENT = timedelta(seconds=60)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process is alive; nothing else is asked."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Fit to serve: schema, a write, room on the disk. A silent worker is told, not punished.

    Stripe is not asked: when it is away the clinic's pages should stay.
    """
    _from_inside()
    findings = {"schema": _schema(), "database": _database(), "disk": _disk()}
    ready = all(finding == "ok" for finding in findings.values())
    body = {"ready": ready, **findings, "worker": _worker()}
    return jsonify(body), 200 if ready else 503


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Counters of this installation and the pulse of its queues, for Prometheus."""
    _from_inside()
    return Response(generate_latest(_counters()) + _gauges(), content_type=CONTENT_TYPE_LATEST)


def _from_inside() -> None:
    """Only the machine itself and private networks; elsewhere there is no such page.

    An address claimed by a proxy nobody told us to believe counts as outside.
    """
    hops = settings().trusted_proxies
    forwarded = request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded")
    try:
        from_here = any(ip_address(request.remote_addr or "") in network for network in INSIDE)
    except ValueError:
        from_here = False
    if not from_here or (forwarded and not hops):
        raise NotFound("probes")


def _schema() -> str:
    return "ok" if schema_version() == _newest() else "not the one of this program"


@lru_cache(maxsize=1)
def _newest() -> str | None:
    config = current_app.extensions["migrate"].migrate.get_config()
    return ScriptDirectory.from_config(config).get_current_head()


def _database() -> str:
    try:
        probe_write(now=outside().clock())
    except DatabaseBusy:
        return "cannot be written"
    return "ok"


def _disk() -> str:
    url = make_url(settings().database_url)
    local = url.get_backend_name() == "sqlite" and url.database
    folder = (Path(current_app.instance_path) / (url.database or "")).parent if local else Path("/")
    usage = shutil.disk_usage(folder if folder.is_dir() else Path("/"))
    return "ok" if usage.free > usage.total * LEAST_FREE else "nearly full"


def _worker() -> str:
    try:
        seen = worker_seen_at()
    except DatabaseBusy:
        return "unknown"
    return "ok" if seen and outside().clock() - seen < SILENT else "silent"


def _counters() -> CollectorRegistry:
    """All processes together where gunicorn was told a common folder, else this one."""
    together = CollectorRegistry()
    try:
        MultiProcessCollector(together)
    except ValueError:  # PROMETHEUS_MULTIPROC_DIR is not set
        return REGISTRY
    return together


def _gauges() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Pulse())
    return generate_latest(registry)


class _Pulse:
    """The numbers of the queues as Prometheus wants them; without a database, that alone."""

    def collect(self) -> list[GaugeMetricFamily]:
        try:
            numbers = {"database_up": 1.0, **pulse(outside().clock())}
        except DatabaseBusy:
            numbers = {"database_up": 0.0}
        return [
            GaugeMetricFamily(f"efoy_{name}", name.replace("_", " "), value=value)
            for name, value in numbers.items()
        ]

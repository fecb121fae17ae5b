"""Which settings does the demo run with?"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runner.ports import HOST


@dataclass(frozen=True, kw_only=True)
class DemoPorts:
    """Where each server of the demo listens."""

    web: int
    sandbox: int
    mail: int
    smtp: int


def demo_secrets(folder: Path) -> dict[str, str]:
    """The secrets of this demo: made once, kept in the folder, readable by its owner alone."""
    kept = folder / "demo-secrets.json"
    if not kept.exists():
        made = {
            "SECRET_KEY": secrets.token_hex(32),
            "STRIPE_SECRET_KEY": f"sk_test_sandbox{secrets.token_hex(12)}",
            "STRIPE_PUBLISHABLE_KEY": f"pk_test_sandbox{secrets.token_hex(12)}",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(24)}",
        }
        write_private(kept, json.dumps(made, indent=2))
    held: dict[str, str] = json.loads(kept.read_text())
    return held


def demo_settings(folder: Path, ports: DemoPorts) -> dict[str, str]:
    """Every setting of the application, so that nothing of a `.env` beside it leaks in."""
    sandbox = stripe_face(ports)
    return {
        "EFOY_ENV": "demo",
        **demo_secrets(folder),
        "SECRET_KEY_FALLBACKS": "",
        "DATABASE_URL": f"sqlite:///{(folder / 'demo.sqlite3').as_posix()}",
        "QUEUE_URL": f"sqlite:///{(folder / 'demo-queue.sqlite3').as_posix()}",
        "RATELIMIT_STORAGE_URI": "memory://",
        "BASE_URL": f"http://{HOST}:{ports.web}",
        "TRUSTED_PROXIES": "0",
        "STRIPE_API_BASE": sandbox,
        "STRIPE_CHECKOUT_HOST": sandbox,
        "STRIPE_CURRENCY": "usd",
        "MAIL_SERVER": HOST,
        "MAIL_PORT": str(ports.smtp),
        "MAIL_USE_TLS": "false",
        "MAIL_USE_SSL": "false",
        "MAIL_USERNAME": "",
        "MAIL_PASSWORD": "",
        "MAIL_DEFAULT_SENDER": "Acacia Family Clinic <clinic@example.org>",
        "STAFF_MFA": "optional",
    }


def stripe_face(ports: DemoPorts) -> str:
    """Where the application finds Stripe: the sandbox, or (in tests) a checking proxy before it."""
    return os.environ.get("EFOY_DEMO_PROXY") or f"http://{HOST}:{ports.sandbox}"


def webhook_url(ports: DemoPorts) -> str:
    """Where the sandbox delivers its events: the application, or the checking proxy before it."""
    proxy = os.environ.get("EFOY_DEMO_PROXY")
    web = f"http://{HOST}:{ports.web}/api/v1/payment/webhook"
    return f"{proxy}/__events__" if proxy else web


def demo_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of the demo's processes: ours, the settings over it, loopback unproxied.

    What tests steer passes through as it is: EFOY_CLOCK_FILE, EFOY_FAILPOINTS, LOG_LEVEL,
    RATELIMIT_ENABLED, AUTO_REFUNDS_PER_HOUR.
    """
    direct = ",".join(filter(None, [os.environ.get("NO_PROXY"), HOST, "localhost"]))
    return {
        **os.environ,
        **settings,
        "NO_PROXY": direct,
        "no_proxy": direct,
        "PYTHONUNBUFFERED": "1",
    }


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def write_settings(folder: Path, settings: Mapping[str, str]) -> None:
    """Keep the settings where `./run flask --demo …` finds them."""
    write_private(folder / "demo-settings.json", json.dumps(dict(settings), indent=2))


def read_settings(folder: Path) -> dict[str, str]:
    """The settings of the demo that ran last; empty when there was none."""
    kept = folder / "demo-settings.json"
    held: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    return held

"""What does this installation run with? Read once, frozen; every fault is named at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from efoy.domain.money import UnusableCurrency, decimals
from efoy.failpoints import UnknownFailpoint, check

STRIPE_API = "https://api.stripe.com"
STRIPE_CHECKOUT = "https://checkout.stripe.com"
STRIPE_VERSION = "2026-10-28.endive"
ENVIRONMENTS = ("demo", "development", "test", "production")


class WrongSettings(Exception):
    """This installation must not start; ``faults`` says why, one line each, no secret in any."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def _secret(default: Any = None) -> Any:
    return field(default=default, repr=False)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting of ``.env.example``, typed. Secrets do not appear in its repr."""

    env: str = "development"
    secret_key: str = _secret("")
    secret_key_fallbacks: tuple[str, ...] = _secret(())
    database_url: str = _secret("sqlite:///efoy.sqlite3")
    base_url: str = "http://127.0.0.1:8000"
    trusted_proxies: int = 0
    stripe_secret_key: str = _secret("")
    stripe_publishable_key: str = ""
    stripe_webhook_secrets: tuple[str, ...] = _secret(())
    stripe_api_base: str = STRIPE_API
    stripe_checkout_host: str = STRIPE_CHECKOUT
    stripe_api_version: str = STRIPE_VERSION
    stripe_currency: str = "USD"
    mail_server: str = "127.0.0.1"
    mail_port: int = 25
    mail_use_tls: bool = False
    mail_use_ssl: bool = False
    mail_username: str = ""
    mail_password: str = _secret("")
    mail_default_sender: str = "Efoy <no-reply@localhost>"
    queue_url: str = _secret("sqlite:///queue.sqlite3")
    ratelimit_storage_uri: str = _secret("memory://")
    ratelimit_enabled: bool = True
    log_level: str = "INFO"
    staff_mfa: str = "optional"
    auto_refunds_per_hour: int = 20
    clock_file: str = ""
    failpoints: str = ""

    @property
    def production(self) -> bool:
        """Whether real people and real money are on the other side."""
        return self.env == "production"

    @property
    def sandbox_mode(self) -> bool:
        """Whether payments go to a stand-in instead of Stripe."""
        return self.stripe_api_base != STRIPE_API

    @property
    def live_key(self) -> bool:
        """Whether the Stripe key moves real money."""
        return "_live_" in self.stripe_secret_key

    @staticmethod
    def from_env(dotenv: str = ".env") -> Settings:
        """Read the environment, and ``dotenv`` for what is not set there.

        Raises :class:`WrongSettings` naming every fault at once.
        """
        settings, unreadable = _read(dotenv)
        faults = unreadable + settings.faults()
        if faults:
            raise WrongSettings(faults)
        return settings

    def faults(self) -> list[str]:
        """Everything that makes these settings unfit to start with, one sentence each."""
        return [
            *_key_faults(self),
            *_stripe_faults(self),
            *_pinned_faults(self),
            *_address_faults(self),
            *_number_faults(self),
            *_test_tool_faults(self),
        ]


def _read(dotenv: str) -> tuple[Settings, list[str]]:
    """The settings as read, and everything that could not be read (defaults stand in for it)."""
    env = Env(eager=False)
    if Path(dotenv).is_file():
        env.read_env(dotenv)
    read = {
        "env": env.str("EFOY_ENV", "development"),
        "secret_key": env.str("SECRET_KEY", ""),
        "secret_key_fallbacks": _several(env, "SECRET_KEY_FALLBACKS"),
        "database_url": env.str("DATABASE_URL", "") or Settings.database_url,
        "base_url": env.str("BASE_URL", Settings.base_url).rstrip("/"),
        "trusted_proxies": env.int("TRUSTED_PROXIES", 0),
        **_stripe(env),
        **_mail(env),
        "queue_url": env.str("QUEUE_URL", "") or Settings.queue_url,
        "ratelimit_storage_uri": env.str("RATELIMIT_STORAGE_URI", "") or "memory://",
        "ratelimit_enabled": env.bool("RATELIMIT_ENABLED", True),
        "log_level": env.str("LOG_LEVEL", "INFO").upper(),
        "staff_mfa": env.str("STAFF_MFA", "optional"),
        "auto_refunds_per_hour": env.int("AUTO_REFUNDS_PER_HOUR", 20),
        "clock_file": env.str("EFOY_CLOCK_FILE", ""),
        "failpoints": env.str("EFOY_FAILPOINTS", ""),
    }
    readable = {name: value for name, value in read.items() if value is not None}
    try:
        env.seal()
    except EnvValidationError as error:
        return Settings(**readable), [f"{name}: {why}" for name, why in _each(error)]
    return Settings(**readable), []


def _each(error: EnvValidationError) -> list[tuple[str, str]]:
    told = error.error_messages
    pairs = told.items() if isinstance(told, Mapping) else [("settings", told)]
    return [(name, " ".join(map(str, why))) for name, why in pairs]


def _several(env: Env, name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in env.str(name, "").split(",") if part.strip())


def _stripe(env: Env) -> dict[str, Any]:
    return {
        "stripe_secret_key": env.str("STRIPE_SECRET_KEY", "").strip(),
        "stripe_publishable_key": env.str("STRIPE_PUBLISHABLE_KEY", "").strip(),
        "stripe_webhook_secrets": _several(env, "STRIPE_WEBHOOK_SECRET"),
        "stripe_api_base": env.str("STRIPE_API_BASE", "").rstrip("/") or STRIPE_API,
        "stripe_checkout_host": env.str("STRIPE_CHECKOUT_HOST", "").rstrip("/") or STRIPE_CHECKOUT,
        "stripe_api_version": env.str("STRIPE_API_VERSION", "") or STRIPE_VERSION,
        "stripe_currency": env.str("STRIPE_CURRENCY", "USD").upper(),
    }


def _mail(env: Env) -> dict[str, Any]:
    return {
        "mail_server": env.str("MAIL_SERVER", Settings.mail_server),
        "mail_port": env.int("MAIL_PORT", Settings.mail_port),
        "mail_use_tls": env.bool("MAIL_USE_TLS", False),
        "mail_use_ssl": env.bool("MAIL_USE_SSL", False),
        "mail_username": env.str("MAIL_USERNAME", ""),
        "mail_password": env.str("MAIL_PASSWORD", ""),
        "mail_default_sender": env.str("MAIL_DEFAULT_SENDER", "") or Settings.mail_default_sender,
    }


def _key_faults(it: Settings) -> list[str]:
    faults = []
    if it.env not in ENVIRONMENTS:
        faults.append(f"EFOY_ENV must be one of {', '.join(ENVIRONMENTS)}.")
    if not it.secret_key.strip():
        faults.append("SECRET_KEY is missing: set it to 32 random characters or more.")
    elif it.production and len(it.secret_key) < 32:
        faults.append("SECRET_KEY is too short for production: 32 characters or more.")
    if it.staff_mfa not in {"required", "optional"}:
        faults.append("STAFF_MFA must be required or optional.")
    if it.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        faults.append("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
    return faults


def _stripe_faults(it: Settings) -> list[str]:
    faults = []
    if not it.stripe_secret_key.startswith(("sk_test_", "rk_test_", "sk_live_", "rk_live_")):
        faults.append("STRIPE_SECRET_KEY is missing or not a secret key (sk_… or rk_…).")
    if not it.stripe_webhook_secrets:
        faults.append("STRIPE_WEBHOOK_SECRET is missing: without it anyone could forge payments.")
    elif any(not _webhook_secret(secret) for secret in it.stripe_webhook_secrets):
        faults.append("STRIPE_WEBHOOK_SECRET must be one or more secrets that start with whsec_.")
    if it.live_key and not it.production:
        faults.append("STRIPE_SECRET_KEY is a live key, but EFOY_ENV is not production.")
    if it.production and it.stripe_secret_key and not it.live_key:
        faults.append("STRIPE_SECRET_KEY is a test key, but EFOY_ENV is production.")
    if it.stripe_publishable_key and ("_live_" in it.stripe_publishable_key) != it.live_key:
        faults.append("STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY are of different modes.")
    return faults


def _pinned_faults(it: Settings) -> list[str]:
    faults = []
    if it.stripe_api_version != STRIPE_VERSION:
        faults.append(f"STRIPE_API_VERSION must be {STRIPE_VERSION}: the code is written for it.")
    try:
        decimals(it.stripe_currency)
    except UnusableCurrency:
        faults.append("STRIPE_CURRENCY is not a currency Efoy can charge in.")
    return faults


def _webhook_secret(secret: str) -> bool:
    return secret.startswith("whsec_") and len(secret) > len("whsec_") + 7


def _address_faults(it: Settings) -> list[str]:
    faults = []
    for name, value in (
        ("BASE_URL", it.base_url),
        ("STRIPE_CHECKOUT_HOST", it.stripe_checkout_host),
    ):
        if not _is_site(value):
            faults.append(f"{name} must be an address like https://clinic.example.")
    if it.sandbox_mode and it.live_key:
        faults.append("STRIPE_API_BASE is not Stripe's, but STRIPE_SECRET_KEY is a live key.")
    if it.sandbox_mode and it.production:
        faults.append("STRIPE_API_BASE: production talks to Stripe itself, not to a sandbox.")
    if it.sandbox_mode and not _near(it.stripe_api_base):
        faults.append("STRIPE_API_BASE may only be changed to an address on this machine.")
    for name, value in (("DATABASE_URL", it.database_url), ("QUEUE_URL", it.queue_url)):
        faults += _url_faults(name, value)
    if it.production and not it.base_url.startswith("https://"):
        faults.append("BASE_URL must start with https:// in production.")
    return faults


def _is_site(address: str) -> bool:
    """A scheme and a host, perhaps a port, and nothing behind them."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    bare = not (parts.path or parts.query or parts.fragment or parts.username)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and bare and port != 0


def _near(address: str) -> bool:
    near = {"127.0.0.1", "localhost", "::1", "sandbox"}
    return _is_site(address) and urlsplit(address).hostname in near


def _url_faults(name: str, value: str) -> list[str]:
    kinds = (
        ("sqlite", "postgresql") if name == "DATABASE_URL" else ("sqlite", "postgresql", "redis")
    )
    try:
        kind = make_url(value).get_backend_name()
    except (ArgumentError, ValueError):
        return [f"{name} cannot be read: use sqlite:///file or postgresql://user@host/name."]
    return [] if kind in kinds else [f"{name} must be one of {', '.join(kinds)}."]


def _number_faults(it: Settings) -> list[str]:
    faults = []
    if not 0 <= it.trusted_proxies <= 5:
        faults.append("TRUSTED_PROXIES must be a number from 0 to 5.")
    if not 1 <= it.mail_port <= 65535:
        faults.append("MAIL_PORT must be a port: a number from 1 to 65535.")
    if it.mail_use_tls and it.mail_use_ssl:
        faults.append("MAIL_USE_TLS and MAIL_USE_SSL cannot both be true.")
    if it.auto_refunds_per_hour < 0:
        faults.append("AUTO_REFUNDS_PER_HOUR must be 0 or more.")
    return faults


def _test_tool_faults(it: Settings) -> list[str]:
    faults = []
    if it.production and it.clock_file:
        faults.append("EFOY_CLOCK_FILE is for tests; production uses the real time.")
    if it.production and it.failpoints:
        faults.append("EFOY_FAILPOINTS is for tests; production runs without them.")
    if it.production and not it.ratelimit_enabled:
        faults.append("RATELIMIT_ENABLED=false is for tests; production limits rates.")
    try:
        check(it.failpoints)
    except UnknownFailpoint as error:
        faults.append(f"EFOY_FAILPOINTS has no such failpoint or action: {error}.")
    return faults

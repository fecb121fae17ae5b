"""An installation starts with the right settings, or says everything that is wrong with them."""

import ast
import json
import os
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from efoy.settings import STRIPE_API, STRIPE_CHECKOUT, Settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"
SECRETS = {"SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"}
FIT = Settings(
    secret_key="s" * 40,
    stripe_secret_key="sk_test_abc",
    stripe_webhook_secrets=("whsec_abcdefgh",),
)
LIVE = replace(
    FIT,
    env="production",
    base_url="https://clinic.example",
    stripe_secret_key="rk_live_abc",
)


def test_fit_settings_have_no_fault():
    assert FIT.faults() == []
    assert LIVE.faults() == []


WRONG = {
    "an unknown kind of installation": (FIT, {"env": "prod"}, "EFOY_ENV"),
    "no secret key": (FIT, {"secret_key": " "}, "SECRET_KEY is missing"),
    "a short secret key in production": (LIVE, {"secret_key": "short"}, "SECRET_KEY is too short"),
    "an unknown second factor": (FIT, {"staff_mfa": "maybe"}, "STAFF_MFA"),
    "an unknown level": (FIT, {"log_level": "LOUD"}, "LOG_LEVEL"),
    "no Stripe key": (FIT, {"stripe_secret_key": ""}, "STRIPE_SECRET_KEY is missing"),
    "a publishable key as secret": (FIT, {"stripe_secret_key": "pk_test_x"}, "not a secret key"),
    "no webhook secret": (FIT, {"stripe_webhook_secrets": ()}, "STRIPE_WEBHOOK_SECRET is missing"),
    "a blank webhook secret": (FIT, {"stripe_webhook_secrets": ("whsec_",)}, "start with whsec_"),
    "one wrong webhook secret of two": (
        FIT,
        {"stripe_webhook_secrets": ("whsec_abcdefgh", "secret")},
        "start with whsec_",
    ),
    "a live key in development": (FIT, {"stripe_secret_key": "sk_live_x"}, "is a live key"),
    "a live key in the demo": (
        FIT,
        {"env": "demo", "stripe_secret_key": "sk_live_x"},
        "is a live key",
    ),
    "a test key in production": (LIVE, {"stripe_secret_key": "sk_test_x"}, "is a test key"),
    "keys of two modes": (FIT, {"stripe_publishable_key": "pk_live_x"}, "different modes"),
    "another version of the API": (FIT, {"stripe_api_version": "2020-01-01"}, "STRIPE_API_VERSION"),
    "a currency with three decimals": (FIT, {"stripe_currency": "KWD"}, "STRIPE_CURRENCY"),
    "a live key at another address": (
        LIVE,
        {"stripe_api_base": "http://127.0.0.1:12111"},
        "STRIPE_API_BASE is not Stripe's",
    ),
    "a sandbox in production": (
        LIVE,
        {"stripe_api_base": "http://127.0.0.1:12111", "stripe_secret_key": "sk_test_x"},
        "not to a sandbox",
    ),
    "a sandbox elsewhere": (FIT, {"stripe_api_base": "http://evil.example"}, "on this machine"),
    "a sandbox by trickery": (
        FIT,
        {"stripe_api_base": "http://127.0.0.1@evil.example"},
        "on this machine",
    ),
    "no address": (FIT, {"base_url": "clinic.example"}, "BASE_URL"),
    "an unreadable address": (FIT, {"base_url": "http://[clinic"}, "BASE_URL"),
    "an address with a path": (FIT, {"base_url": "https://clinic.example/efoy"}, "BASE_URL"),
    "an open address in production": (LIVE, {"base_url": "http://clinic.example"}, "https://"),
    "no checkout address": (FIT, {"stripe_checkout_host": "checkout"}, "STRIPE_CHECKOUT_HOST"),
    "an unreadable database": (FIT, {"database_url": "nonsense"}, "DATABASE_URL cannot be read"),
    "an unknown database": (FIT, {"database_url": "mysql://host/efoy"}, "DATABASE_URL must be"),
    "an unknown queue": (FIT, {"queue_url": "amqp://host"}, "QUEUE_URL"),
    "a clock file in production": (LIVE, {"clock_file": "/tmp/clock"}, "EFOY_CLOCK_FILE"),
    "failpoints in production": (
        LIVE,
        {"failpoints": "hold_slot.before_commit:exit"},
        "EFOY_FAILPOINTS",
    ),
    "no limits in production": (LIVE, {"ratelimit_enabled": False}, "RATELIMIT_ENABLED"),
    "an unknown failpoint": (FIT, {"failpoints": "nowhere:exit"}, "EFOY_FAILPOINTS"),
    "too many proxies": (FIT, {"trusted_proxies": -1}, "TRUSTED_PROXIES"),
    "no port": (FIT, {"mail_port": 0}, "MAIL_PORT"),
    "two kinds of TLS": (FIT, {"mail_use_tls": True, "mail_use_ssl": True}, "MAIL_USE_TLS"),
    "fewer refunds than none": (FIT, {"auto_refunds_per_hour": -1}, "AUTO_REFUNDS_PER_HOUR"),
}


@pytest.mark.parametrize(("base", "wrong", "said"), WRONG.values(), ids=WRONG.keys())
def test_each_fault_is_named(base, wrong, said):
    faults = replace(base, **wrong).faults()

    assert any(said in fault for fault in faults), faults


def test_a_fault_never_shows_a_secret():
    secret = "sk_live_very-secret"

    broken = replace(FIT, stripe_secret_key=secret, database_url="mysql://user:hidden@host/name")

    assert secret not in "".join(broken.faults())
    assert "hidden" not in "".join(broken.faults())
    assert secret not in repr(broken)
    assert "hidden" not in repr(broken)


def started_with(environment, tmp_path):
    """What the program says when it is started with this environment and nothing else."""
    script = (
        "from efoy.settings import Settings, WrongSettings\n"
        "from dataclasses import asdict\n"
        "import json, sys\n"
        "try:\n"
        "    print(json.dumps(asdict(Settings.from_env(sys.argv[1]))))\n"
        "except WrongSettings as wrong:\n"
        "    sys.exit(json.dumps(wrong.faults))\n"
    )
    dotenv = tmp_path / ".env"
    dotenv.write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
    clean = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-c", script, str(dotenv)],
        env=clean,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_fault_is_named_at_once(tmp_path):
    wrong = {
        "EFOY_ENV": "production",
        "SECRET_KEY": "",
        "STRIPE_SECRET_KEY": "sk_test_x",
        "STRIPE_WEBHOOK_SECRET": " ",
        "DATABASE_URL": "nonsense",
        "TRUSTED_PROXIES": "many",
        "MAIL_PORT": "",
        "RATELIMIT_ENABLED": "perhaps",
        "EFOY_CLOCK_FILE": "/tmp/clock",
    }

    told = started_with(wrong, tmp_path)

    assert told.returncode == 1
    faults = "\n".join(json.loads(told.stderr))
    for name in [*(set(wrong) - {"EFOY_ENV"}), "BASE_URL"]:
        assert name in faults, faults


def test_production_does_not_start_in_debug_mode():
    live = {
        "EFOY_ENV": "production",
        "SECRET_KEY": LIVE.secret_key,
        "STRIPE_SECRET_KEY": LIVE.stripe_secret_key,
        "STRIPE_WEBHOOK_SECRET": LIVE.stripe_webhook_secrets[0],
        "BASE_URL": LIVE.base_url,
        "FLASK_DEBUG": "1",
    }
    start = [sys.executable, "-c", "import wsgi"]
    clean = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}

    told = subprocess.run(start, env=clean | live, capture_output=True, text=True, timeout=60)

    assert told.returncode == 1
    assert "FLASK_DEBUG" in told.stderr


def test_the_example_with_its_secrets_filled_in_is_the_default(tmp_path):
    secrets = {
        "SECRET_KEY": FIT.secret_key,
        "STRIPE_SECRET_KEY": FIT.stripe_secret_key,
        "STRIPE_WEBHOOK_SECRET": FIT.stripe_webhook_secrets[0],
    }

    told = started_with(example() | secrets, tmp_path)

    assert told.stderr == ""
    assert json.loads(told.stdout) == json.loads(json.dumps({**FIT.__dict__}))


def test_the_example_names_exactly_the_settings():
    tree = ast.parse((ROOT / "efoy" / "settings.py").read_text())
    read = {
        node.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for node in call.args
        if isinstance(node, ast.Constant) and re.fullmatch(r"[A-Z]+(_[A-Z]+)+", str(node.value))
    }

    assert read == set(example())
    assert len(read) == len(fields(Settings))


def test_every_setting_of_the_example_has_its_comment():
    lines = EXAMPLE.read_text().splitlines()

    bare = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if "=" in line and not line.startswith("#") and not before.startswith("# ")
    ]

    assert bare == []


def test_the_example_holds_no_secret():
    assert {example()[name] for name in SECRETS} == {""}


def test_another_address_means_a_sandbox():
    assert not FIT.sandbox_mode
    assert replace(FIT, stripe_api_base="http://127.0.0.1:12111").sandbox_mode
    assert (FIT.stripe_api_base, FIT.stripe_checkout_host) == (STRIPE_API, STRIPE_CHECKOUT)


def example():
    """The settings of the example file, as written."""
    lines = EXAMPLE.read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    return dict(pairs)

"""Which walks are taken before the eyes of the conformance checker?"""

import os
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from runner import ports
from runner.demo_settings import DemoPorts, demo_secrets
from runner.places import PYTHON, ROOT
from runner.processes import Crew
from runner.test_means import find_chromium


def exercise(checker: str, folder: Path) -> bool:
    """Every endpoint, card and ending of the sandbox, by the real SDK, mistakes included."""
    sandbox, proxy, sink = any_of(12311), any_of(4020), any_of(12351)
    crew = Crew(os.environ)
    try:
        start_proxy(crew, checker, folder, proxy, sandbox, f"http://{ports.HOST}:{sink}/")
        crew.start("The sandbox", sandbox_command(sandbox, proxy))
        crew.wait_for("The sandbox", partial(ports.answers, address(sandbox)))
        command = [str(PYTHON), "tests/sandbox/exercise.py", "--sink-port", str(sink)]
        where = ["--api", address(proxy), "--control", address(sandbox)]
        return run([*command, *where], {"PYTHONPATH": str(ROOT)})
    finally:
        crew.end()


def stories(checker: str, folder: Path) -> bool:
    """The story tests on SQLite; their transport shows each exchange to the checker."""
    settings = {
        "EFOY_TEST_STRIPE_CHECKER": checker,
        "EFOY_TEST_STRIPE_LOG": str(folder),
        "EFOY_TEST_DATABASES": "sqlite",
    }
    marked = "story and not browser and not slow"
    return run([*PYTEST, "-n", "2", "-m", marked], settings)


def demo(checker: str, folder: Path) -> bool:
    """The browser's walk: the demo it starts finds Stripe at the proxy (EFOY_DEMO_PROXY)."""
    taken = DemoPorts(web=any_of(8100), sandbox=any_of(12200), mail=any_of(8125), smtp=0)
    proxy = any_of(4040)
    webhook = f"http://{ports.HOST}:{taken.web}/api/v1/payment/webhook"
    settings = {
        "EFOY_TEST_CHROMIUM": find_chromium() or "",
        "EFOY_TEST_DATABASES": "sqlite",
        "EFOY_TEST_DEMO_PORTS": f"{taken.web},{taken.sandbox},{taken.mail}",
        "EFOY_DEMO_DIR": str(folder),
        "EFOY_DEMO_PROXY": address(proxy),
    }
    secret = demo_secrets(folder)["STRIPE_WEBHOOK_SECRET"]
    crew = Crew(os.environ)
    try:
        start_proxy(crew, checker, folder, proxy, taken.sandbox, webhook, secret=secret)
        return run([*PYTEST, "-m", "story and browser"], settings)
    finally:
        crew.end()


PYTEST = [str(PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
EXERCISE_SECRET = "whsec_exercise_of_the_sandbox"  # noqa: S105 - opens nothing
WALKS: dict[str, Callable[[str, Path], bool]] = {
    "exercise": exercise,
    "stories": stories,
    "demo": demo,
}


def sandbox_command(port: int, proxy: int) -> list[str]:
    """A sandbox that delivers its events through the proxy."""
    hook = ["--webhook-url", f"{address(proxy)}/__events__", "--webhook-secret", EXERCISE_SECRET]
    return [str(PYTHON), "-m", "sandbox", "--port", str(port), *hook]


def start_proxy(
    crew: Crew,
    checker: str,
    folder: Path,
    port: int,
    sandbox: int,
    relay: str,
    *,
    secret: str = EXERCISE_SECRET,
) -> None:
    """The checker between caller and sandbox, in both directions; its own summary goes to a log."""
    command = [
        *(str(PYTHON), checker, "proxy", "--port", str(port), "--upstream", address(sandbox)),
        *("--relay", relay, "--secret", secret, "--log", str(folder / "exchanges.jsonl")),
    ]
    crew.start("The checking proxy", command, log=folder / "proxy.log")


def run(command: list[str], settings: Mapping[str, str]) -> bool:
    """Run one command with settings over our environment; true when it ends well."""
    environment = {**os.environ, **settings}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def any_of(wished: int) -> int:
    """The wished port or one of the next that is free."""
    return ports.any_free(*range(wished, wished + 20))


def address(port: int) -> str:
    """The address of a server on this machine."""
    return f"http://{ports.HOST}:{port}"

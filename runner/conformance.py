"""Does the sandbox speak as Stripe's API does? Takes the browser's walk through a checking proxy.

`python -m runner.conformance PATH/stripe_conformance.py [pytest arguments]`. The demo that the
browser tests start finds Stripe at the proxy (EFOY_DEMO_PROXY), the proxy passes on to the demo's
sandbox and judges each exchange; the sandbox delivers its events through it to the demo's webhook.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from runner import ports
from runner.demo_settings import DemoPorts, demo_secrets
from runner.environment import Lock, prepare
from runner.places import PYTHON, ROOT
from runner.processes import ended_by_signals
from runner.test_means import find_chromium


def main(arguments: list[str]) -> int:
    """Status 0 when the checker finds no violation and the walk itself holds."""
    checker, *for_pytest = arguments
    prepare(Lock.DEVELOPMENT)
    print("\n━━ Conformance of the sandbox with Stripe's API", flush=True)
    if subprocess.run([PYTHON, checker, "selftest"], cwd=ROOT, check=False).returncode != 0:
        print("The checker's own self-test fails: nothing can be said.")
        return 1
    with tempfile.TemporaryDirectory(prefix="efoy-conformance-") as folder, ended_by_signals():
        return walk(checker, Path(folder), for_pytest or ["-m", "browser"])


def walk(checker: str, folder: Path, for_pytest: list[str]) -> int:
    """Run the tests through the proxy; both they and the proxy must be content."""
    proxy_port = ports.any_free(4020)
    demo = DemoPorts(web=any_of(8100), sandbox=any_of(12200), mail=any_of(8125), smtp=any_of(9125))
    proxy = start_proxy(checker, folder, demo, proxy_port)
    try:
        walked = subprocess.run(
            [PYTHON, "-m", "pytest", "-p", "no:cacheprovider", *for_pytest],
            cwd=ROOT,
            env=environment(folder, demo, proxy_port),
            stdin=subprocess.DEVNULL,
            check=False,
        )
    finally:
        proxy.send_signal(signal.SIGTERM)
        judged = proxy.wait(30)
    exchanges = (folder / "exchanges.jsonl").read_text().count("\n")
    print(f"Conformance: {exchanges} exchanges, {'violations' if judged else 'no violation'}")
    return 0 if walked.returncode == 0 and judged == 0 and exchanges else 1


def any_of(wished: int) -> int:
    """The wished port or one of the next that is free."""
    return ports.any_free(*range(wished, wished + 10))


def start_proxy(
    checker: str, folder: Path, demo: DemoPorts, port: int
) -> "subprocess.Popen[bytes]":
    """The checker between application and sandbox, in both directions."""
    sandbox = f"http://{ports.HOST}:{demo.sandbox}"
    webhook = f"http://{ports.HOST}:{demo.web}/api/v1/payment/webhook"
    secret = demo_secrets(folder)["STRIPE_WEBHOOK_SECRET"]
    return subprocess.Popen(
        [
            *(PYTHON, Path(checker).resolve(), "proxy", "--port", str(port)),
            *("--upstream", sandbox, "--relay", webhook, "--secret", secret),
            *("--log", folder / "exchanges.jsonl"),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
    )


def environment(folder: Path, demo: DemoPorts, proxy_port: int) -> dict[str, str]:
    """What the browser tests are told: which ports and folder their demo takes, and the proxy."""
    return {
        **os.environ,
        "EFOY_TEST_CHROMIUM": find_chromium() or "",
        "EFOY_TEST_DATABASES": "sqlite",
        "EFOY_TEST_DEMO_PORTS": f"{demo.web},{demo.sandbox},{demo.mail}",
        "EFOY_DEMO_DIR": str(folder),
        "EFOY_DEMO_PROXY": f"http://{ports.HOST}:{proxy_port}",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

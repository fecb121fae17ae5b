"""How is the sandbox started?  python -m sandbox --port 12111 --webhook-url URL …"""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from sandbox.app import DEFAULT_SECRET, create_sandbox
from sandbox.memory import Memory
from sandbox.server import say, serve


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A stand-in for Stripe. It knows test cards only and moves no money.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=12111, help="port to listen on")
    parser.add_argument("--webhook-url", help="where signed events are sent")
    parser.add_argument(
        "--webhook-secret", default=DEFAULT_SECRET, help="whsec_… that signs the events"
    )
    parser.add_argument("--key", help="the one API key that is taken; any test key when left out")
    parser.add_argument("--clock-file", type=Path, help="file with seconds to add to the real time")
    parser.add_argument("--memory", type=Path, help="file to remember by, run after run")
    parser.add_argument("--public-url", help="start of the pay page's address, if not the Host's")
    return parser.parse_args()


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    given = _arguments()
    if not given.webhook_secret.startswith("whsec_"):
        raise SystemExit("--webhook-secret must start with whsec_")
    if given.key and not given.key.startswith(("sk_test_", "rk_test_")):
        raise SystemExit("--key must be a test key: sk_test_… or rk_test_…")
    box = create_sandbox(
        key=given.key,
        webhook_secret=given.webhook_secret,
        webhook_url=given.webhook_url,
        clock_file=given.clock_file,
        public_url=given.public_url and given.public_url.rstrip("/"),
        threads=True,
    )
    server = serve(box, given.host, given.port)
    memory = Memory(box, given.memory) if given.memory else None
    if memory:
        memory.recall()

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    say(f"Sandbox, no real money: http://{given.host}:{server.port}/")
    server.serve_forever()
    if memory:
        memory.close()
    box.close()
    server.server_close()


if __name__ == "__main__":
    main()

"""Does the sandbox, and what Efoy asks of it, agree with Stripe's own description of its API?

`python -m runner.conformance PATH/stripe_conformance.py [walk …]`. The checker stands as a proxy
between caller and sandbox and judges each exchange and each delivered event. Walks: `exercise`
(every endpoint and card), `stories` (the story tests), `demo` (the browser against a real demo).
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from runner.checked_walks import WALKS
from runner.environment import Lock, prepare
from runner.places import PYTHON, ROOT
from runner.processes import ended_by_signals

UNCHECKED = re.compile(r"^ +\d+ \w+ /(c/pay|_control).*\n", re.MULTILINE)  # pages, not Stripe's API


def main(arguments: list[str]) -> int:
    """Status 0 when every walk holds and the checker finds no violation in any."""
    checker = str(Path(arguments[0]).resolve())
    prepare(Lock.DEVELOPMENT)
    print("\n━━ Conformance with Stripe's API", flush=True)
    if subprocess.run([PYTHON, checker, "selftest"], cwd=ROOT, check=False).returncode != 0:
        print("The checker's own self-test fails: nothing can be said.")
        return 1
    failed = [name for name in arguments[1:] or WALKS if not holds(name, checker)]
    print(f"\nConformance: {'FAILED in ' + ', '.join(failed) if failed else 'no violation'}")
    return 1 if failed else 0


def holds(name: str, checker: str) -> bool:
    """Take one walk with a log of its own; an empty log proves nothing and does not hold."""
    print(f"\n━━ Conformance: {name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="efoy-conformance-") as folder:
        walked = WALKS[name](checker, Path(folder))
        logs = sorted(Path(folder).glob("*.jsonl"))
        whole = Path(folder) / "whole.log"
        whole.write_text("".join(log.read_text() for log in logs))
        report = [str(PYTHON), checker, "report", str(whole)]
        judge = subprocess.run(report, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
        print(UNCHECKED.sub("", judge.stdout), end="")
        judged = judge.returncode == 0
        seen = whole.stat().st_size > 0
    said = "passed" if walked and judged and seen else "FAILED"
    print(f"── Conformance: {name}: {said}{'' if seen else ' (no exchange was seen)'}", flush=True)
    return walked and judged and seen


if __name__ == "__main__":
    with ended_by_signals():
        sys.exit(main(sys.argv[1:]))

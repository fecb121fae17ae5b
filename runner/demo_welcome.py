"""What does the demo say when it is up?"""

import json
from pathlib import Path

from runner.demo_settings import DemoPorts
from runner.ports import HOST


def welcome(folder: Path, ports: DemoPorts) -> str:
    """The addresses, the logins and how to end it."""
    clinic = f"http://{HOST}:{ports.web}"
    return "\n".join(
        [
            "",
            "Efoy is up.",
            "",
            f"  The clinic   {clinic}",
            f"  The sandbox  http://{HOST}:{ports.sandbox}   stands in for Stripe;"
            " pay with 4242 4242 4242 4242",
            f"  The mail     http://{HOST}:{ports.mail}   every mail that the clinic sends",
            "",
            f"  Sign in at {clinic}/login as",
            *(f"    {role:<9}{email:<28}{password}" for role, email, password in logins(folder)),
            "",
            f"Ctrl-C ends all of it. Logs are in {folder / 'log'}.",
        ]
    )


def logins(folder: Path) -> list[tuple[str, str, str]]:
    """Role, address and password of one user of each role, as the demo data was made with."""
    kept = folder / "demo-logins.json"
    if not kept.exists():
        return []
    return [(row["role"], row["email"], row["password"]) for row in json.loads(kept.read_text())]

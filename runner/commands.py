"""Which command was asked for, and what does help say?"""

import sys
from collections.abc import Callable
from importlib import import_module

from runner.trouble import Trouble

HELP = """\
Efoy: appointments and payments for one clinic.

  ./run demo     everything on this machine, with demo data and a sandbox instead of Stripe
                 --port 8000 --sandbox-port 12111 --mail-port 8025 --reset --no-browser
  ./run test     all that must hold: style, types, layers, tests on both databases, a browser
                 --strict (a missing server or browser fails)   [pytest arguments]
  ./run serve    production: web server and worker with the settings of .env
                 --web | --worker   --bind 127.0.0.1:8000 --workers N --threads N
  ./run bench    the benchmarks of tests/bench   [name]
  ./run flask    the commands of the application, for instance: ./run flask check

Start with ./run demo. On Windows: python run demo."""

COMMANDS = {
    "demo": "runner.demo",
    "test": "runner.testing",
    "serve": "runner.serve",
    "bench": "runner.bench",
    "flask": "runner.flask_command",
}


def main(arguments: list[str]) -> int:
    """Run one command and give its exit status: 0 done, 1 failed, 2 not understood."""
    if not arguments or arguments[0] in {"help", "-h", "--help"}:
        print(HELP)
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        print(f"There is no command “{name}”.\n\n{HELP}", file=sys.stderr)
        return 2
    return run_command(COMMANDS[name], rest)


def run_command(module: str, arguments: list[str]) -> int:
    """Run a command's `main`; trouble becomes its sentence and status 1, Ctrl-C status 130."""
    command: Callable[[list[str]], int] = import_module(module).main
    try:
        return command(arguments)
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130

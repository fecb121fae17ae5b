"""How are the application's own commands reached? `./run flask …`, `./run flask --demo …`."""

import os
import subprocess

from runner.demo_settings import demo_environment, read_settings
from runner.environment import Lock, prepare
from runner.places import ROOT, WINDOWS, instance
from runner.trouble import Trouble
from runner.web_server import flask_command


def main(arguments: list[str]) -> int:
    """Become the command; with `--demo` first, under the settings of the demo that ran last."""
    prepare(Lock.RUNTIME)
    environment = dict(os.environ)
    if arguments[:1] == ["--demo"]:
        arguments = arguments[1:]
        environment = demo_environment(demanded_settings())
    command = flask_command(*arguments)
    if not WINDOWS:  # signals go straight to the command
        os.chdir(ROOT)
        os.execve(command[0], command, environment)  # noqa: S606
    return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode


def demanded_settings() -> dict[str, str]:
    """The settings of the last demo; Trouble when there was none."""
    settings = read_settings(instance())
    if not settings:
        raise Trouble("There is no demo here yet; start one with ./run demo first.")
    return settings

"""How fast is it? `./run bench [name]` runs the benchmarks of `tests/bench`."""

import subprocess

from runner.environment import Lock, prepare
from runner.places import PYTHON, ROOT


def main(arguments: list[str]) -> int:
    """Hand the names on to `tests.bench`, which knows them."""
    prepare(Lock.DEVELOPMENT)
    command = [str(PYTHON), "-m", "tests.bench", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode

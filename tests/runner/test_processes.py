"""Do processes that were started together end together?"""

import os
import sys
from functools import partial

import pytest

from runner import ports
from runner.processes import Crew
from runner.trouble import Trouble

STAY = "import time; print('up', flush=True); time.sleep(60)"
DIE = "print('the reason'); raise SystemExit(3)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {STAY}"
LISTEN = "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1])))"
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"


@pytest.fixture
def crew():
    """No process yet; whatever a test leaves is ended."""
    together = Crew(os.environ, grace=1)
    yield together
    together.end()


def python(code: str) -> list[str]:
    """The command that runs this code."""
    return [sys.executable, "-c", code]


def is_up(log) -> bool:
    """True once a process has said so."""
    return "up" in log.read_text()


def test_a_process_that_dies_early_is_named_with_its_last_words(crew, tmp_path):
    log = tmp_path / "web.log"
    crew.start("The web server", python(DIE), log=log)

    with pytest.raises(Trouble, match=r"(?s)The web server ended by itself.*status 3.*the reason"):
        crew.watch()


def test_ending_ends_also_what_a_process_started(crew, tmp_path):
    log, port = tmp_path / "parent.log", ports.any_free()
    crew.start("A parent", [*python(PARENT), f"{LISTEN}; {STAY}", str(port)], log=log)
    crew.wait_for("The child", partial(is_up, log))
    assert not ports.is_free(port)

    crew.end()

    assert ports.is_free(port)


def test_a_process_that_will_not_end_is_killed(crew, tmp_path):
    log = tmp_path / "stubborn.log"
    crew.start("A stubborn one", python(STUBBORN), log=log)
    crew.wait_for("It", partial(is_up, log))

    crew.end()

    assert crew.children[0].process.returncode == -9


def test_waiting_ends_with_the_process_that_was_waited_for(crew, tmp_path):
    crew.start("The sandbox", python(DIE), log=tmp_path / "sandbox.log")

    with pytest.raises(Trouble, match="The sandbox ended by itself"):
        crew.wait_for("The sandbox", lambda: False)

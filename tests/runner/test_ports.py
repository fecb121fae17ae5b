"""Does the demo say which port is in the way, and what to do?"""

import socket

import pytest

from runner import ports
from runner.trouble import Trouble


@pytest.fixture
def taken():
    """A port that somebody listens on."""
    with socket.socket() as somebody:
        somebody.bind((ports.HOST, 0))
        somebody.listen()
        yield somebody.getsockname()[1]


def test_a_taken_port_names_the_option_that_changes_it(taken):
    with pytest.raises(Trouble, match=f"Port {taken} is taken.*--mail-port {taken + 1}"):
        ports.demand({"--mail-port": taken})


def test_two_servers_cannot_share_a_port():
    with pytest.raises(Trouble, match="Two servers cannot share port 8000; give --port"):
        ports.demand({"--port": 8000, "--sandbox-port": 8000})


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_number_that_is_no_port_is_refused(port):
    with pytest.raises(Trouble, match="is no port"):
        ports.demand({"--port": port})


def test_a_free_port_is_found_where_the_wished_one_is_taken(taken):
    found = ports.any_free(taken)

    assert found != taken
    assert ports.is_free(found)


def test_nobody_answers_at_a_free_port():
    assert not ports.answers(f"http://{ports.HOST}:{ports.any_free()}/")

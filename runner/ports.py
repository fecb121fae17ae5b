"""Is a port free, and does somebody answer there?"""

import contextlib
import socket
import urllib.error
import urllib.request

from runner.places import WINDOWS
from runner.trouble import Trouble

HOST = "127.0.0.1"


def is_free(port: int, host: str = HOST) -> bool:
    """True when a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if not WINDOWS:  # a port in TIME_WAIT is free; on Windows the option means something else
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def demand(ports: dict[str, int]) -> None:
    """Each port by the option that sets it: all different, all free, else Trouble with the cure."""
    for option, port in ports.items():
        if not 1 <= port <= 65535:
            raise Trouble(f"{port} is no port; {option} takes a number from 1 to 65535.")
        if list(ports.values()).count(port) > 1:
            raise Trouble(f"Two servers cannot share port {port}; give {option} another one.")
        if not is_free(port):
            raise Trouble(
                f"Port {port} is taken by another program;"
                f" end that one, or choose another port with {option} {port + 1}."
            )


def any_free(*wished: int) -> int:
    """The first wished port that is free, else one that the system picks."""
    for port in wished:
        if port <= 65535 and is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """True when a GET of this address gives a status below 500 within two seconds."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with contextlib.closing(opener.open(url, timeout=2)):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return error.code < 500
    except OSError:
        return False

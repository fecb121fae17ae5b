"""How does the sandbox stand on a port, and how does a connection break when a fault says so?"""

from __future__ import annotations

import socket
import struct
import sys
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.app import Sandbox
from sandbox.errors import NoAnswer

HELD_FOR = 100.0  # seconds; longer than any caller should wait
HALF = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{"id": "'


class QuietHandler(WSGIRequestHandler):
    """Keeps connections open, writes no log line for each request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, *args: Any) -> None:
        """Say nothing."""

    def connection_dropped(
        self, error: BaseException, environ: dict[str, Any] | None = None
    ) -> None:
        """Nothing more can be read from a connection that a fault has broken."""
        del error, environ
        self.close_connection = True

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002  the name is given
        """A caller that hangs up is no news."""


def serve(box: Sandbox, host: str, port: int) -> BaseWSGIServer:
    """A threaded server for this sandbox. Raises SystemExit when the port is taken."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        try:
            return box.wsgi(environ, start_response)
        except NoAnswer as fault:
            _break(box, fault, environ["werkzeug.socket"])
            raise

    return make_server(host, port, application, threaded=True, request_handler=QuietHandler)


def _break(box: Sandbox, fault: NoAnswer, connection: socket.socket) -> None:
    if fault.action == "reset_half_body":
        connection.sendall(HALF)
    else:
        box.api.woken.wait(HELD_FOR)
    # No lingering: the caller sees a reset, not an orderly end
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    # The handler still holds files of this socket, which would keep a plain close() from closing it
    socket.close(connection.detach())


def say(text: str) -> None:
    """One line to whoever started it."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

"""How does a load generator speak HTTP without costing more than what it measures?

One kept-alive connection a line, one request at a time, cookies kept; nothing else of HTTP.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"
PATIENCE = 60


@dataclass(frozen=True)
class Answer:
    """Status, headers by small names, body."""

    status: int
    headers: dict[str, str]
    body: bytes


class Line:
    """One connection to one server."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.cookie = port, cookie
        self._socket: socket.socket | None = None
        self._rest = b""

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self.ask("GET", path)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form as browsers do."""
        return self.ask("POST", path, urlencode(form).encode(), {"Content-Type": FORM})

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """One request and its answer; a connection the server has closed is opened again."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        sent = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        kept = self._socket is not None
        try:
            return self._exchange(sent)
        except (ConnectionError, EOFError):
            self.close()
            if not kept:
                raise
            return self._exchange(sent)

    def _exchange(self, sent: bytes) -> Answer:
        if self._socket is None:
            self.open()
        assert self._socket is not None
        self._socket.sendall(sent)
        head = self._until(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in rest:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = self._exactly(int(headers.get("content-length", 0)))
        if "set-cookie" in headers:
            self.cookie = headers["set-cookie"].split(";", 1)[0]
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(first.split(" ", 2)[1]), headers, body)

    def open(self) -> None:
        """Connect now instead of with the first request."""
        self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _more(self) -> None:
        assert self._socket is not None
        got = self._socket.recv(65536)
        if not got:
            raise EOFError
        self._rest += got

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._more()
        head, _, self._rest = self._rest.partition(mark)
        return head

    def _exactly(self, length: int) -> bytes:
        while len(self._rest) < length:
            self._more()
        body, self._rest = self._rest[:length], self._rest[length:]
        return body

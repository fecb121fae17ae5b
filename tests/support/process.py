"""What survives when a process dies? A child works, a failpoint kills it, the files stay."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable

from sandbox.server import serve

KILLED = 137


class Doorstep:
    """The sandbox behind a real socket, so that other processes reach it."""

    def __init__(self, box) -> None:
        self.server = serve(box, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def in_child(work: Callable[[], None]) -> int:
    """Run ``work`` in a process of its own; its exit code, 137 where a failpoint killed it."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)

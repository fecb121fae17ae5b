"""What does gunicorn do when a worker process is gone?"""

import os
from importlib import import_module
from typing import Any


def child_exit(server: Any, worker: Any) -> None:
    """Take the figures of the dead worker out of the common metrics, where those are shared."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)

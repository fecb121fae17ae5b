"""Where is everything? The folders and files the commands agree on."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
WINDOWS = sys.platform == "win32"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def instance() -> Path:
    """The folder of what belongs to this installation, made if missing; EFOY_DEMO_DIR moves it."""
    folder = Path(os.environ.get("EFOY_DEMO_DIR") or ROOT / "instance").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder

"""How do style and script reach a browser small, also without a proxy? Compressed once, beside."""

import subprocess
from pathlib import Path

from runner.places import PYTHON, ROOT

STATIC = ROOT / "static"


def compress(folder: Path = STATIC) -> bool:
    """Write each file's ``.gz`` anew, which the web server sends to whoever takes it.

    False where the folder cannot be written: then the files go out as they are.
    """
    for old in folder.rglob("*.gz"):
        old.unlink(missing_ok=True)
    command = [str(PYTHON), "-m", "whitenoise.compress", "--quiet", "--no-brotli", str(folder)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 0

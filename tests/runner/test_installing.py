"""Is a failed installation told in a sentence with the cure, and progress in names?"""

from pathlib import Path

import pytest

from runner.installing import diagnosis, fetched

LOG = Path("install.log")


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("Failed to establish: [Errno -3] Temporary failure in name resolution", "no network"),
        ("ERROR: No matching distribution found for flask==3.1.3", "no network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE", "nothing was installed"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: Microsoft Visual C++ 14.0 is required", "Visual C"),
    ],
)
def test_each_cause_has_its_cure(said, cure):
    assert cure in diagnosis(said, LOG)


def test_packages_are_counted_wherever_pip_finds_them():
    log = """\
Looking in links: /somewhere
Collecting flask-limiter[redis]==4.1.1 (from -r requirements.txt (line 1))
  Downloading flask_limiter-4.1.1-py3-none-any.whl (30 kB)
Processing /wheels/Flask_Login-0.6.3-py3-none-any.whl (from -r requirements.txt (line 4))
Requirement already satisfied: babel==2.18.0 in ./.venv/lib
Collecting flask-limiter[redis]==4.1.1 (from -r requirements.txt (line 1))
"""

    assert fetched(log) == ["flask-limiter", "flask-login", "babel"]

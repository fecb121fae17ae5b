"""Where gunicorn and the flask command find the app."""

import sys

from efoy import create_app
from efoy.settings import Settings, WrongSettings

try:
    app = create_app(Settings.from_env())
except WrongSettings as wrong:
    sys.exit("Efoy does not start:\n" + "\n".join(f"  - {fault}" for fault in wrong.faults))

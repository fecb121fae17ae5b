"""Which stories are told only when somebody asks? The later races and kills: minutes in all.

``EFOY_ALL_RACES=1`` tells them too, and so does ``EFOY_RACE_ROUNDS``. Those of holding, paying,
messages and refunds (``test_races``, ``test_crashes``) are told each day.
"""

import os

ASKED = os.environ.get("EFOY_ALL_RACES") or os.environ.get("EFOY_RACE_ROUNDS")
LATER = ("cancel_races", "close_crashes", "close_races", "move_crashes", "move_races", "desk_races")
collect_ignore = [] if ASKED else [f"test_{name}.py" for name in (*LATER, "refund_duels")]

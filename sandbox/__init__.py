"""A stand-in for the part of Stripe that a clinic uses: stateful, strict, and steerable.

box = create_sandbox(webhook_secret="whsec_…", clock=my_clock)
box.wsgi                      # the application, for a transport that calls it directly
box.pay("cs_test_…")          # press the button of the hosted page
for headers, body in box.take_deliveries(): …
"""

from sandbox.app import Sandbox, create_sandbox
from sandbox.delivery import Letter
from sandbox.errors import NoAnswer, Refusal
from sandbox.paying import Outcome

__all__ = ["Letter", "NoAnswer", "Outcome", "Refusal", "Sandbox", "create_sandbox"]

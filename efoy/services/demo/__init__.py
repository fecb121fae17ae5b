"""What does a believable clinic look like on its first day? Loaded by ``seed-demo``, never in
production."""

from efoy.services.demo.load import DEMO_LOGINS, DEMO_PASSWORD, AnotherClinic, Login, seed_demo

__all__ = ["DEMO_LOGINS", "DEMO_PASSWORD", "AnotherClinic", "Login", "seed_demo"]

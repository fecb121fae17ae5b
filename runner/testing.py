"""Does everything hold? `./run test` takes every step, then says which failed and which it left."""

import os
from dataclasses import dataclass, field

from runner.environment import Lock, prepare
from runner.test_means import find_chromium, find_postgres
from runner.test_steps import BROWSER, CHECKS, PARALLEL, Outcome, Step, pytest_step, take

NO_POSTGRES = (
    "PostgreSQL: every test ran on SQLite alone. Start a server that lets you make databases,"
    " or name one with EFOY_TEST_POSTGRES_URL"
)
NO_BROWSER = (
    "Browser: the walk through the pages was not taken. Install Chromium"
    " (apt-get install chromium), or name one with EFOY_TEST_CHROMIUM"
)


@dataclass
class Means:
    """What this machine has for the tests, and what was therefore left out."""

    environment: dict[str, str]
    browser: bool
    left_out: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Status 0 when every step passed; with --strict also only when nothing was left out.

    Other arguments go to pytest, and then pytest alone runs.
    """
    strict = "--strict" in arguments
    for_pytest = [argument for argument in arguments if argument != "--strict"]
    prepare(Lock.DEVELOPMENT)
    means = find_means()
    outcomes = [take(step, means.environment) for step in steps(for_pytest, means)]
    skipped = [
        f"{outcome.name}: {outcome.skipped} skipped, for the reasons above"
        for outcome in outcomes
        if outcome.skipped
    ]
    return report(outcomes, means.left_out + skipped, strict=strict)


def find_means() -> Means:
    """Look for a PostgreSQL and a Chromium, and tell the tests by their environment."""
    postgres, chromium = find_postgres(), find_chromium()
    means = Means(environment=dict(os.environ), browser=chromium is not None)
    means.environment["EFOY_TEST_DATABASES"] = "sqlite,postgresql" if postgres else "sqlite"
    if postgres:
        means.environment["EFOY_TEST_POSTGRES_URL"] = postgres
    else:
        means.left_out.append(NO_POSTGRES)
    if chromium:
        means.environment["EFOY_TEST_CHROMIUM"] = chromium
    else:
        means.left_out.append(NO_BROWSER)
    return means


def steps(for_pytest: list[str], means: Means) -> list[Step]:
    """Everything in the order of its price; or pytest alone when it was given arguments."""
    if for_pytest:
        return [pytest_step("pytest", *for_pytest)]
    databases = means.environment["EFOY_TEST_DATABASES"].replace(",", " and ")
    wanted = [*CHECKS, pytest_step(f"Tests on {databases}", *PARALLEL)]
    if means.browser:
        wanted.append(pytest_step("Tests in a browser", *BROWSER))
    return wanted


def report(outcomes: list[Outcome], left_out: list[str], *, strict: bool) -> int:
    """Print one line a step and what was left out; give the exit status."""
    print("\n━━ Summary")
    for outcome in outcomes:
        word = "passed" if outcome.passed else "FAILED"
        print(f"  {word}  {outcome.seconds:6.1f} s  {outcome.name}  {outcome.closing}".rstrip())
    if left_out:
        print("\n  LEFT OUT" + (" (a failure, because of --strict)" if strict else ""))
        for reason in left_out:
            print(f"  · {reason}.")
    failed = not all(outcome.passed for outcome in outcomes) or (strict and bool(left_out))
    print("\nSomething does not hold." if failed else "\nEverything that ran holds.", flush=True)
    return 1 if failed else 0

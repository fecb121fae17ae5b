"""What is a law, and what is it to break one?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from efoy.queries.invariants.view import View


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One thing that is not as it must be: the law's code, the row's id, one sentence."""

    code: str
    subject: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.code} {self.subject}: {self.sentence}"


@dataclass(frozen=True, kw_only=True)
class Law:
    """One invariant: its code, its words, and what looks for breaks of it."""

    code: str
    words: str
    find: Callable[[View], Iterable[tuple[str, str]]]

    def broken(self, view: View) -> list[Violation]:
        """Every break of this law; ``find`` gives (subject, sentence) pairs."""
        return [
            Violation(code=self.code, subject=subject, sentence=sentence)
            for subject, sentence in self.find(view)
        ]


def law(code: str, words: str) -> Callable[[Callable[[View], Iterable[tuple[str, str]]]], Law]:
    """Make a law of the function that looks for its breaks."""

    def made(find: Callable[[View], Iterable[tuple[str, str]]]) -> Law:
        return Law(code=code, words=words, find=find)

    return made

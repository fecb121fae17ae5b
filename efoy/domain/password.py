"""Which passwords are too easy? Length counts, digits and marks do not (NIST 800-63B)."""

from __future__ import annotations

from itertools import pairwise

SHORTEST, LONGEST = 12, 128
COMMON = frozenset(
    """
    password passwords passwort passw0rd p@ssw0rd p@ssword letmein letmeinnow welcome welcometo
    qwerty qwertyuiop qwertyuiopasdf qwertyqwerty qazwsxedc qazwsxedcrfv asdfghjkl asdfghjklqwer
    zxcvbnm zxcvbnmasdf 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6 zaq12wsxcde3
    abc abcd abcdef abcdefgh abcdefghijkl abcdefghijklmnop abc123abc123 abcabcabcabc
    iloveyou iloveyouso iloveyoubaby iloveyouforever sunshine princess princesses football baseball
    basketball superman batman starwars trustno trustnoone monkey monkeymonkey dragon dragonball
    master mastermaster shadow michael michelle jennifer charlie jordan pokemon chocolate butterfly
    computer internet whatever nothing secret secretsecret topsecret supersecret changeme
    changemenow changethis administrator admin adminadmin adminpassword root rootroot default
    defaultpassword temporary temppassword testtesttest testpassword test testing guestguest user
    username clinic clinicclinic hospital hospitalhospital doctor doctordoctor patient
    patientpatient appointment appointments health healthcare medicine efoy efoyefoy efoyclinic
    liverpool manchester barcelona realmadrid arsenal chelsea juventus correcthorsebatterystaple
    thequickbrownfox onetwothreefour passwordpassword passwordpassw0rd mypassword mypasswordis
    yourpassword newpassword oldpassword password1password
    """.split()
)
"""The heads of the published lists of leaked passwords, without the digits people put at an end."""


def too_easy(password: str, *, known: tuple[str, ...] = ()) -> bool:
    """Whether a guesser tries it early: a common word with digits, a run, or one's own name.

    ``known`` are words a guesser has already: the address, the name.
    """
    plain = password.casefold()
    core = plain.strip("0123456789!@#$%^&*?._- ")
    if core in COMMON or len(set(plain)) < 5 or _is_run(plain) or _repeats(plain):
        return True
    return any(_mostly(word.casefold(), core) for word in known)


def _mostly(word: str, core: str) -> bool:
    """Whether ``core`` is little more than ``word``, or than its part before the @."""
    parts = [word, word.partition("@")[0], word.replace(" ", "")]
    return any(len(part) >= 4 and core.replace(part, "") == "" for part in parts)


def _is_run(text: str) -> bool:
    """123456789012, or abcdefghijkl, forwards or backwards; 9 is followed by 0."""
    steps = {(ord(b) - ord(a)) for a, b in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}


def _repeats(text: str) -> bool:
    """A piece of up to six characters over and over."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 7))

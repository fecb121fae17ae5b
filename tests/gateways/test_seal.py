"""A link in a mail is ours, for one purpose, and can be read by the next key too."""

import string

import pytest

from efoy.gateways.seal import BOOKING, CONFIRM_ADDRESS, RESET_PASSWORD, Seal

OLD, NEW = "o" * 32, "n" * 32


def test_what_was_sealed_is_read_back():
    seal = Seal(NEW)

    token = seal.sign(BOOKING, "7KM-4PX")

    assert seal.read(BOOKING, token) == "7KM-4PX"
    assert seal.sign(BOOKING, "7KM-4PX") == token


def test_a_link_of_one_kind_opens_nothing_of_another():
    seal = Seal(NEW)

    token = seal.sign(CONFIRM_ADDRESS, "link")

    assert seal.read(RESET_PASSWORD, token) is None
    assert seal.read(BOOKING, token) is None


def test_an_older_key_still_reads_and_a_foreign_one_does_not():
    token = Seal(OLD).sign(BOOKING, "7KM-4PX")

    assert Seal(NEW, [OLD]).read(BOOKING, token) == "7KM-4PX"
    assert Seal(NEW).read(BOOKING, token) is None


def test_the_newest_key_signs():
    token = Seal(NEW, [OLD]).sign(BOOKING, "7KM-4PX")

    assert Seal(NEW).read(BOOKING, token) == "7KM-4PX"


def test_every_changed_letter_breaks_the_seal():
    seal = Seal(NEW)
    token = seal.sign(BOOKING, "7KM-4PX")

    for place in range(len(token) - 1):
        other = "A" if token[place] != "A" else "B"
        assert seal.read(BOOKING, token[:place] + other + token[place + 1 :]) is None


@pytest.mark.parametrize("nonsense", ["", ".", "a.b", "ä", "\x00", "x" * 5000, "IjdLTS00UFgi."])
def test_nonsense_is_nobodys_link(nonsense):
    assert Seal(NEW).read(BOOKING, nonsense) is None


def test_a_token_fits_into_an_address():
    token = Seal(NEW).sign(BOOKING, "7KM-4PX")

    assert set(token) <= set(string.ascii_letters + string.digits + "-_.")

"""What a password must be."""

from __future__ import annotations

import pytest

from fleetcore.accounts.passwords import LENGTH_MAX, check_password, normal_password


def codes(password: str, *personal: str, **options: int) -> list[str]:
    """Return the codes of what is wrong with *password*."""
    return [problem.code for problem in check_password(password, personal, **options)]


@pytest.mark.parametrize(
    "password",
    [
        "correct-horse-battery-staple",
        "s3cret-passw0rd-of-mine",
        "my dog ate three shoes",
        "ünïcödé ist schön",
        "xK9$mQ2vL8pR",
        "a" + "bcd efgh" * 100,
        "甲虫が好きですよねえそうですか",
    ],
)
def test_long_passwords_of_any_kind_are_taken(password: str) -> None:
    """No digits, capitals or signs are asked for; spaces and every script are fine."""
    assert [] == codes(password)


@pytest.mark.parametrize("password", ["", "short", "elevenchars"])
def test_short_ones_are_not(password: str) -> None:
    """Twelve characters are needed."""
    assert ["password.short"] == codes(password)


def test_a_host_may_ask_for_less_but_not_for_less_than_eight() -> None:
    """Eight characters are the floor of ASVS, whatever the setting says."""
    assert [] == codes("xk9mqvlp", length_min=8)
    assert ["password.short"] == codes("xk9mqvl", length_min=3)


def test_the_longest_has_a_limit() -> None:
    """A password of a thousand characters is taken, a longer one is not cut but refused."""
    text = "many words, " * 100
    assert [] == codes(text[:LENGTH_MAX])
    assert ["password.long"] == codes(text[: LENGTH_MAX + 1])


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Passw0rd!123",
        "PASSWORD....",
        "passwordpassword",
        "iloveyou2024!",
        "qwertyuiop12",
        "qwertyuiopas",
        "123456789012",
        "098765432109",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "ababababababab",
        "administrator1",
        "liverpool2023",
        "1234chelsea1234",
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    """One common word with digits around it, a row of keys, or a few characters repeated."""
    assert ["password.common"] == codes(password)


@pytest.mark.parametrize("password", ["ada.lovelace1", "lovelace1815!", "ada@example.org"])
def test_words_about_the_owner_are_common_too(password: str) -> None:
    """Name and e-mail are what who knows somebody tries first."""
    assert ["password.common"] == codes(password, "Ada Lovelace", "ada@example.org", "ada.lovelace")


def test_two_spellings_of_one_password_are_one() -> None:
    """Composed and combining characters, and spaces of any kind, are the same; case and width are not."""
    assert normal_password("cafe\u0301\u00a0noir") == "café noir"
    assert normal_password("Café") != normal_password("café")
    assert "ﬁ" == normal_password("ﬁ")

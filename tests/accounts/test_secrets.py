"""Opaque secrets and one-time codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fleetcore.accounts.secrets import (
    hash_of,
    new_api_key,
    new_recovery_code,
    new_refresh_secret,
    prefix_of_key,
    read_refresh_token,
    recovery_code_key,
    with_next_part,
)
from fleetcore.accounts.totp import code_at, enrolment_uri, matching_step, new_seed, step_at
from fleetcore.kernel.ids import new_id

SEED = b"12345678901234567890"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The test vectors of RFC 6238, appendix B, of which apps show the last six digits."""
    assert code == code_at(SEED, step_at(datetime.fromtimestamp(seconds, UTC)))


def test_a_clock_may_be_half_a_minute_off() -> None:
    """The codes of the step before and after are taken, those beyond are not."""
    middle = step_at(NOON)
    found = [matching_step(SEED, code_at(SEED, middle + off), NOON, 0) for off in (-2, -1, 0, 1, 2)]

    assert [None, middle - 1, middle, middle + 1, None] == found


def test_a_used_step_is_not_taken_again() -> None:
    """A code is refused once its own or a later step was used."""
    step = step_at(NOON)
    assert matching_step(SEED, code_at(SEED, step), NOON, step) is None
    assert matching_step(SEED, code_at(SEED, step - 1), NOON, step) is None
    assert step + 1 == matching_step(SEED, code_at(SEED, step + 1), NOON + timedelta(seconds=30), step)


@pytest.mark.parametrize("typed", ["", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "\ud800", "0" * 1000])
def test_nonsense_is_no_code(typed: str) -> None:
    """Letters, other scripts' digits, broken text and long text are refused without an error."""
    assert matching_step(SEED, typed, NOON, 0) is None


def test_an_app_can_read_the_enrolment() -> None:
    """The URI names issuer and account, and the seed in base32."""
    uri = enrolment_uri(SEED, "ada@example.org", "My fleet")
    assert uri.startswith("otpauth://totp/My%20fleet%3Aada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&")
    assert 20 == len(new_seed())


def test_refresh_tokens_can_be_read_and_told_apart() -> None:
    """A token leads to its session and family; the next one of the family differs in its last part only."""
    first = new_refresh_secret(new_id())
    second = with_next_part(first)

    assert first == read_refresh_token(first.token)
    assert (first.session_id, first.family) == (second.session_id, second.family)
    assert first.part != second.part
    assert str(first.part) not in repr(first)


@pytest.mark.parametrize("text", ["", "fr_", "fr_abc", "fk_" + "a" * 86, "fr_" + "é" * 86, "fr_" + "!" * 86, "\ud800"])
def test_what_is_no_refresh_token_is_none(text: str) -> None:
    """Nothing that is typed or sent raises."""
    assert read_refresh_token(text) is None


def test_api_keys_are_recognised_by_their_beginning() -> None:
    """The part that may be shown says nothing of the secret."""
    key = new_api_key()
    assert 11 == len(prefix_of_key(key))
    assert key.startswith("fk_")
    assert len(key) > 50
    assert hash_of(key) != hash_of(new_api_key())


def test_recovery_codes_can_be_typed_carelessly() -> None:
    """Case, spaces, dashes and look-alike digits make no difference."""
    code = new_recovery_code()
    careless = code.upper().replace("-", " ").replace("O", "0").replace("L", "1").replace("B", "8")
    assert recovery_code_key(code) == recovery_code_key(careless)

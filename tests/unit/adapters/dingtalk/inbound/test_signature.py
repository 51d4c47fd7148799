"""What DingTalk's signature is, and when it is too old or too odd to count."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dingtalk.inbound.signature import is_fresh, matches, milliseconds, sign
from tests.strategies import NOON

SECRET = "this is a secret"
STAMP = "1577262236757"
SIGNATURE = "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="
HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("timestamp", "secret", "signature"),
    [
        ("1684493546276", "client-secret-for-test", "nwBJQmaBLv9+5/sSS/66jcFc1/kGY5wo38L88LOGfRU="),
        (STAMP, SECRET, SIGNATURE),
        (
            "1700000000000",
            "SEC" + 63 * "0" + "1",
            "3Z80WEt+gAXjJkC6/C1n2IlZqrbfBcv7XycF2382f64=",
        ),
        ("1753000000000", "密钥-secret_✓", "njQPOqoY/UMGiq2laI7HAYIhTqLNAA3BWJQuZH/yBAc="),
    ],
    ids=["field", "documentation's inputs", "SEC secret", "UTF-8 secret"],
)
def test_signature_is_that_of_dingtalk(timestamp: str, secret: str, signature: str) -> None:
    assert sign(timestamp, secret) == signature
    assert matches(timestamp, signature, secret)


@pytest.mark.parametrize(
    ("age", "counts"),
    [
        pytest.param(HOUR - MILLISECOND, True, id="A5 one millisecond younger"),
        pytest.param(HOUR, True, id="A5 exactly at the tolerance"),
        pytest.param(HOUR + MILLISECOND, False, id="A5 one millisecond older"),
        pytest.param(-HOUR, True, id="A6 exactly at the tolerance ahead"),
        pytest.param(-HOUR - MILLISECOND, False, id="A6 one millisecond too far ahead"),
        pytest.param(timedelta(), True, id="A1 of this moment"),
    ],
)
def test_timestamp_counts_up_to_the_tolerance_in_both_directions(
    age: timedelta, *, counts: bool
) -> None:
    assert is_fresh(str(milliseconds(NOON - age)), now=NOON, tolerance=HOUR) is counts


@given(st.integers(0, 10**13 - 1))
def test_milliseconds_are_exact(number: int) -> None:
    assert milliseconds(datetime(1970, 1, 1, tzinfo=UTC) + number * MILLISECOND) == number


NOW = milliseconds(NOON)
ODD_TIMESTAMPS = {
    "A2 empty": "",
    "A7 in seconds": str(NOW // 1000),
    "A7 scientific": "1e12",
    "A7 with a plus": f"+{NOW}",
    "A7 with a plus in 13 characters": f"+{NOW}"[:13],
    "A7 with a blank before": f" {NOW}",
    "A7 with a line feed behind": f"{NOW}\n",
    "A7 with underscores": f"{NOW:_}",
    "A7 arabic digits": str(NOW).translate({ord("0") + n: chr(0x660 + n) for n in range(10)}),
    "A7 full width digits": str(NOW).translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)}),
    "A7 negative": "-1",
    "A7 not a number": "NaN",
    "A7 a fraction": f"{NOW}.0",
    "A7 with a zero before": f"0{NOW}",
    "A7 5000 digits": "1" * 5000,
    "A7 hexadecimal": hex(NOW),
}


@pytest.mark.parametrize("timestamp", ODD_TIMESTAMPS.values(), ids=ODD_TIMESTAMPS)
def test_only_thirteen_digits_are_a_timestamp(timestamp: str) -> None:
    assert not is_fresh(timestamp, now=NOON, tolerance=timedelta(days=100_000))


@given(st.text(max_size=20))
def test_no_text_for_a_timestamp_breaks_the_judgement(timestamp: str) -> None:
    is_fresh(timestamp, now=NOON, tolerance=HOUR)


ODD_SIGNATURES = {
    "A2 empty": "",
    "A3 of another timestamp": sign("1577262236758", SECRET),
    "A3 of another secret": sign(STAMP, "another secret"),
    "A8 not ASCII": "签" + SIGNATURE[1:],
    "A8 lone surrogates": "\ud800\udc80\udfff",
    "A9 percent-encoded": SIGNATURE.replace("=", "%3D"),
    "A9 without padding": SIGNATURE.rstrip("="),
    "A9 padded twice": SIGNATURE + "=",
    "A9 line feed behind": SIGNATURE + "\n",
    "A9 blank behind": SIGNATURE + " ",
    "A9 blank before": " " + SIGNATURE,
    "A9 lower case": SIGNATURE.lower(),
    "A9 upper case": SIGNATURE.upper(),
    "A9 hexadecimal": base64.b64decode(SIGNATURE).hex(),
    "A9 first byte wrong": "E" + SIGNATURE[1:],
    "A9 last byte wrong": SIGNATURE[:-2] + "B=",
}


@pytest.mark.parametrize("signature", ODD_SIGNATURES.values(), ids=ODD_SIGNATURES)
def test_signature_counts_in_its_one_spelling_only(signature: str) -> None:
    assert not matches(STAMP, signature, SECRET)


def test_url_safe_alphabet_is_another_spelling() -> None:
    stamp, secret = "1684493546276", "client-secret-for-test"
    signature = sign(stamp, secret)

    assert not matches(stamp, signature.replace("+", "-").replace("/", "_"), secret)
    assert not matches(stamp, signature.replace("+", " "), secret)


def test_empty_secret_vouches_for_nobody() -> None:
    assert not matches(STAMP, sign(STAMP, ""), "")


@given(st.text(max_size=50))
def test_no_text_for_a_signature_breaks_the_judgement(signature: str) -> None:
    assert not matches(STAMP, signature, SECRET)


@given(st.text("ab", min_size=1, max_size=3), st.text("ab", min_size=1, max_size=3))
def test_only_the_same_secret_verifies(signer: str, verifier: str) -> None:
    assert matches(STAMP, sign(STAMP, signer), verifier) is (signer == verifier)

"""Who is proven by a callback's headers."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dingtalk.inbound.robots import Caller, Robot, Robots, robot_of_secret
from adapters.dingtalk.inbound.signature import milliseconds, sign
from domain.message import RobotId
from tests.strategies import NOON

FIRST = Robot(id=RobotId("dingfirst"), secret="first secret")
SECOND = Robot(id=RobotId("dingsecond"), secret="second secret")
ROBOTS = Robots(robots=(FIRST, SECOND), outgoing_tokens=("a token", "another token"))
STAMP = str(milliseconds(NOON))

Headers = dict[str, list[str]]


def signed(secret: str, timestamp: str = STAMP) -> Headers:
    return {"timestamp": [timestamp], "sign": [sign(timestamp, secret)]}


def caller(headers: Headers, robots: Robots = ROBOTS) -> Caller | None:
    return robots.caller(headers, now=NOON)


@pytest.mark.parametrize("robot", [FIRST, SECOND], ids=["A1 the only one", "A4 the second of two"])
def test_robot_is_the_one_whose_secret_signed(robot: Robot) -> None:
    found = caller(signed(robot.secret))

    assert found == Caller(robot=robot.id, signed_at=int(STAMP), authentic=True, outgoing=False)


GOOD = signed(FIRST.secret)
NOBODY: dict[str, Headers] = {
    "A2 no headers": {},
    "A2 no signature": {"timestamp": GOOD["timestamp"]},
    "A2 no timestamp": {"sign": GOOD["sign"]},
    "A2 both empty": {"timestamp": [""], "sign": [""]},
    "A3 of an unknown secret": signed("third secret"),
    "A3 no signature in the header": {**GOOD, "sign": ["nonsense"]},
    "A5 too old": signed(FIRST.secret, str(milliseconds(NOON - timedelta(hours=1.1)))),
    "A6 too far ahead": signed(FIRST.secret, str(milliseconds(NOON + timedelta(hours=1.1)))),
    "A7 in seconds": signed(FIRST.secret, STAMP[:10]),
    "A8 not ASCII": {**GOOD, "sign": ["签名"]},
    "A10 wrong and right signature": {**GOOD, "sign": ["wrong", *GOOD["sign"]]},
    "A10 right and wrong signature": {**GOOD, "sign": [*GOOD["sign"], "wrong"]},
    "A10 right signature twice": {**GOOD, "sign": GOOD["sign"] * 2},
    "A10 timestamp twice": {**GOOD, "timestamp": GOOD["timestamp"] * 2},
    "token empty": {"token": [""]},
    "token wrong": {"token": ["no token"]},
    "token not ASCII": {"token": ["令牌\ud800"]},
    "token longer": {"token": ["a token "]},
    "token twice": {"token": ["a token", "a token"]},
    "secret instead of a token": {"token": [FIRST.secret]},
}


@pytest.mark.parametrize("headers", NOBODY.values(), ids=NOBODY)
def test_nobody_is_proven_by(headers: Headers) -> None:
    assert caller(headers) is None


def test_stale_signature_never_counts_however_wide_others_are() -> None:
    strict = Robots(robots=(FIRST,), tolerance=timedelta(minutes=5))
    headers = signed(FIRST.secret, str(milliseconds(NOON - timedelta(minutes=6))))

    assert caller(headers, strict) is None
    assert caller(headers) is not None


@pytest.mark.parametrize("token", ["a token", "another token"])
def test_token_tells_of_an_outgoing_robot_that_is_never_authentic(token: str) -> None:
    found = caller({"token": [token]})

    assert found is not None
    assert (found.authentic, found.outgoing, found.signed_at) == (False, True, None)


def test_each_token_is_a_robot_of_its_own() -> None:
    found = [caller({"token": [token]}) for token in ROBOTS.outgoing_tokens]

    assert len({one.robot for one in found if one}) == 2


def test_signature_tells_more_than_a_token_beside_it() -> None:
    found = caller({**GOOD, "token": ["a token"]})

    assert found == Caller(robot=FIRST.id, signed_at=int(STAMP))


def test_token_counts_where_the_signature_does_not() -> None:
    found = caller({**GOOD, "sign": ["wrong"], "token": ["a token"]})

    assert found is not None
    assert found.outgoing


def test_robot_of_a_bare_secret_keeps_its_id() -> None:
    assert robot_of_secret("s").id == robot_of_secret("s").id != robot_of_secret("S").id
    assert "s3cret" not in robot_of_secret("s3cret").id


def test_first_of_two_robots_with_one_secret_is_the_robot() -> None:
    twice = Robots(robots=(FIRST, robot_of_secret(FIRST.secret)))

    found = caller(signed(FIRST.secret), twice)

    assert found is not None
    assert found.robot == FIRST.id


@pytest.mark.parametrize("headers", [{}, GOOD, {"token": [""]}], ids=["bare", "signed", "token"])
def test_without_robots_nobody_is_proven(headers: Headers) -> None:
    assert Robots().is_empty
    assert caller(headers, Robots()) is None


def test_robot_without_a_secret_is_nobody_and_yet_closes_the_door() -> None:
    blank = Robots(robots=(Robot(id=RobotId("blank"), secret=""),), outgoing_tokens=("",))

    assert caller(signed(""), blank) is None
    assert caller({"token": [""]}, blank) is None
    assert not blank.is_empty


def test_secrets_are_not_printed() -> None:
    printed = repr(ROBOTS) + repr(FIRST)

    assert FIRST.secret not in printed
    assert "a token" not in printed


header_values = st.lists(st.sampled_from([STAMP, *GOOD["sign"], "", "x"]), max_size=2)


@given(header_values, header_values)
def test_only_one_timestamp_with_its_one_signature_proves(
    timestamps: list[str], signatures: list[str]
) -> None:
    found = caller({"timestamp": timestamps, "sign": signatures})

    assert (found is not None) is ([timestamps, signatures] == [[STAMP], GOOD["sign"]])


@pytest.mark.parametrize(
    ("headers", "objection"),
    [
        ({}, "missing"),
        ({"timestamp": ["1"] * 2, "sign": ["s"]}, "there twice"),
        ({"timestamp": ["170000000000"], "sign": ["s"]}, "13 digits"),
        ({"timestamp": [str(milliseconds(NOON) + 7_200_000)], "sign": ["s"]}, " 7200 s "),
        ({"timestamp": [str(milliseconds(NOON) - 7_200_000)], "sign": ["s"]}, " -7200 s "),
        ({"timestamp": [str(milliseconds(NOON))], "sign": ["secret-sign"]}, "app_secrets"),
    ],
    ids=["nothing", "twice", "no timestamp", "clock behind", "clock ahead", "unknown secret"],
)
def test_log_learns_why_nobody_is_proven_and_nothing_of_the_headers(
    headers: dict[str, list[str]], objection: str
) -> None:
    told = Robots(robots=(robot_of_secret("s"),)).objection(headers, now=NOON)

    assert objection in told
    assert "secret-sign" not in told

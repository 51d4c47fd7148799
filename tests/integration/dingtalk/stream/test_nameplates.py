"""Nameplates on a real kernel: who is seen, by whom, and for how long."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.dingtalk.stream.nameplates import Nameplates

DINGTALK = "https://api.dingtalk.com"
CLIENT_ID = "dingnameplates0001"

Put = Callable[..., Nameplates]


@pytest.fixture
def put() -> Iterator[Put]:
    """Nameplates of one robot, taken down at the end."""
    made: list[Nameplates] = []

    def up(storage: str, *, dingtalk: str = DINGTALK) -> Nameplates:
        made.append(Nameplates(dingtalk=dingtalk, storage=storage))
        made[-1].arrive(CLIENT_ID)
        return made[-1]

    yield up
    for one in made:
        one.leave(CLIENT_ID)


def test_somebody_with_another_database_is_a_stranger_to_both(put: Put) -> None:
    one, other = put("database one"), put("database two")

    assert one.strangers(CLIENT_ID) == (os.getpid(),)
    assert other.strangers(CLIENT_ID) == (os.getpid(),)


def test_somebody_with_the_same_database_is_none(put: Put) -> None:
    one, other = put("database one"), put("database one")

    assert one.strangers(CLIENT_ID) == other.strangers(CLIENT_ID) == ()


def test_another_robot_and_another_dingtalk_do_not_count(put: Put) -> None:
    one = put("database one")
    put("database two", dingtalk="http://127.0.0.1:8091")

    assert one.strangers(CLIENT_ID) == ()
    assert one.strangers("dingnameplates0002") == ()


def test_who_left_is_not_seen_any_more(put: Put) -> None:
    one, other = put("database one"), put("database two")

    other.leave(CLIENT_ID)
    other.leave(CLIENT_ID)

    assert one.strangers(CLIENT_ID) == ()


def test_it_tells_the_machine_neither_who_the_robot_is_nor_which_database(put: Put) -> None:
    put("database one")

    listed = Path("/proc/net/unix").read_text(encoding="utf-8", errors="replace")

    assert "@chatgpt-dingtalk/" in listed
    assert CLIENT_ID not in listed
    assert "database one" not in listed


def test_where_the_system_lists_nothing_nobody_is_seen(put: Put, tmp_path: Path) -> None:
    put("database one")
    blind = Nameplates(dingtalk=DINGTALK, storage="database two", listing=tmp_path / "missing")

    assert blind.strangers(CLIENT_ID) == ()


@pytest.mark.parametrize("tail", ["", "/", "/x", "/x/y", "/x/-1", "/x/1e3"])
def test_odd_names_of_others_do_no_harm(put: Put, tmp_path: Path, tail: str) -> None:
    one = put("database one")
    listing = tmp_path / "unix"
    robot = one._robot(CLIENT_ID)  # noqa: SLF001 - the beginning of a name that is not ours
    listing.write_text(f"Num RefCount\n0000: 00000002 0 10000 @{robot}{tail}\n", encoding="utf-8")

    looking = Nameplates(dingtalk=DINGTALK, storage="database two", listing=listing)

    assert looking.strangers(CLIENT_ID) == ()

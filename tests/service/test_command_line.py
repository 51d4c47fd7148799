"""The commands by themselves: help, exit statuses, the schema."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.sql.schema import NEWEST
from tests.service.running import DATABASE, Ended, run

COMMANDS = ["serve", "check-config", "example-config", "migrate", "send"]


HELP = [["--help"], *([name, "--help"] for name in COMMANDS)]
WRONG = [["no-such-command"], ["serve", "--no-such-option"], ["send"], ["migrate", "x"]]


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Ended]]]:
    """Every call, two at a time, in a folder that stays empty."""
    empty = tmp_path_factory.mktemp("empty")
    with ThreadPoolExecutor(2) as hands:
        yield {" ".join(call): hands.submit(run, *call, folder=empty) for call in HELP + WRONG}
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("call", [" ".join(call) for call in HELP])
def test_every_command_has_help(ends: dict[str, Future[Ended]], call: str) -> None:
    told = ends[call].result()

    assert (told.status, told.err) == (0, "")
    assert "用法" in told.out
    assert "Show this message" not in told.out
    assert [name for name in COMMANDS if call == "--help" and name not in told.out] == []


@pytest.mark.parametrize("call", [" ".join(call) for call in WRONG])
def test_a_wrong_call_ends_with_2(ends: dict[str, Future[Ended]], call: str) -> None:
    ended = ends[call].result()

    assert ended.status == 2
    assert "Traceback" not in ended.err
    assert "用法有误" in ended.err


def test_the_schema_is_brought_up_to_date_once(folder: Path) -> None:
    (folder / "config.yml").write_text("api_key: sk-something\nmodel: m\n", encoding="utf-8")

    before = run("migrate", "--check", folder=folder)
    first, second = run("migrate", folder=folder), run("migrate", folder=folder)
    after = run("migrate", "--check", folder=folder)

    assert (before.status, before.out) == (1, "")
    assert NEWEST in before.err
    assert (first.status, first.out) == (0, f"数据库结构已从 空 升级到 {NEWEST}。\n")
    assert (second.status, second.out) == (0, f"数据库结构已是最新（{NEWEST}）。\n")
    assert (after.status, after.out) == (0, second.out)
    assert (folder / DATABASE).stat().st_mode & 0o077 == 0


def test_a_data_directory_that_cannot_be_made_is_one_sentence(folder: Path) -> None:
    (folder / "data").write_text("a file stands here", encoding="utf-8")
    (folder / "config.yml").write_text("api_key: sk-something\nmodel: m\n", encoding="utf-8")

    (folder / "config.yml").chmod(0o600)
    migrating, serving = run("migrate", folder=folder), run("serve", folder=folder)

    sentence = (
        "data cannot be used (File exists): make it belong to the account that runs the service, "
        "or set another `data_dir`"
    )
    assert (migrating.status, migrating.mistakes) == (1, [sentence])
    assert (serving.status, serving.mistakes) == (1, [sentence])


def test_a_trial_that_cannot_keep_its_secret_is_one_sentence(folder: Path) -> None:
    (folder / "data").write_text("a file stands here", encoding="utf-8")

    ended = run("serve", "--trial", folder=folder)

    assert ended.status == 2
    assert len(ended.mistakes) == 1
    assert "DATA_DIR" in ended.err

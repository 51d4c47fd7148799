"""`import-legacy` takes everything over once, says what it did, and survives its own death."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from adapters.sql.engine.lock import SingleProcessLock
from domain.picture import MAX_BYTES
from entrypoints.cli.import_legacy import AT_ONCE, import_legacy
from tests.fakes.pictures import picture_bytes
from tests.integration.entrypoints.history_files import CONFIGURATION, run
from tests.integration.legacy.gorm import LegacyDatabase

DATABASE = Path("data/chatgpt-dingtalk.sqlite")

Import = Callable[..., Result]


@pytest.fixture
def legacy(tmp_path: Path) -> LegacyDatabase:
    return LegacyDatabase(tmp_path / "dingtalkbot.sqlite")


@pytest.fixture
def take_over(tmp_path: Path, legacy: LegacyDatabase) -> Import:
    def take_over(path: Path | None = None, more: str = "") -> Result:
        return run(import_legacy, str(path or legacy.save()), folder=tmp_path, more=more)

    return take_over


def kept_in(folder: Path) -> list[tuple[str, str, str, str]]:
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        query = "SELECT user_key, question, answer, state FROM exchanges ORDER BY id"
        return connection.execute(query).fetchall()


def test_everything_is_taken_over_masked_and_told(
    tmp_path: Path, legacy: LegacyDatabase, take_over: Import
) -> None:
    legacy.talk("一", "这是机密项目")
    legacy.question("二", nick="李四", source="测试群")
    legacy.question(" ")
    legacy.answer("没有问题", 0)

    ended = take_over()

    assert ended.exit_code == 0, ended.output
    assert ended.stdout.splitlines() == [
        "rows read: 5",
        "questions taken over: 2 (1 of all questions have no answer)",
        "known from an earlier import: 0",
        "not taken over: 2",
        "  1 blank questions",
        "  1 answers whose question is not there",
    ]
    assert ended.stderr == ""
    assert kept_in(tmp_path) == [
        ("imported:张三", "一", "这是\\*\\*项目", "answered"),
        ("imported:李四", "二", "", "failed"),
    ]
    assert (tmp_path / DATABASE).stat().st_mode & 0o077 == 0


def test_a_second_time_only_what_is_new_is_taken(
    tmp_path: Path, legacy: LegacyDatabase, take_over: Import
) -> None:
    legacy.talk("一", "甲")
    legacy.question("二")
    take_over()
    legacy.answer("乙", 3)
    legacy.talk("三", "丙")

    ended = take_over()
    again = take_over()

    assert "questions taken over: 1 " in ended.stdout
    assert "known, and their answers or pictures came now: 1" in ended.stdout
    assert "questions taken over: 0 " in again.stdout
    assert [(question, answer) for _, question, answer, _ in kept_in(tmp_path)] == [
        ("一", "甲"),
        ("二", "乙"),
        ("三", "丙"),
    ]


def test_two_files_with_the_same_numbers_are_both_taken(
    tmp_path: Path, legacy: LegacyDatabase, take_over: Import
) -> None:
    other = LegacyDatabase(tmp_path / "other.sqlite")
    legacy.talk("一", "甲")
    other.talk("二", "乙")

    take_over()
    take_over(other.save())

    assert len(kept_in(tmp_path)) == 2


def test_what_was_taken_before_a_damage_stays(legacy: LegacyDatabase, take_over: Import) -> None:
    for number in range(3 * AT_ONCE):
        legacy.talk(f"问{number}" * 20, "答" * 200)
    path = legacy.save()
    content = bytearray(path.read_bytes())
    content[-200_000:-100_000] = b"\xff" * 100_000
    path.write_bytes(content)

    ended = take_over(path)

    assert ended.exit_code == 1
    assert ended.stderr.count("\n") == 1
    assert "damaged" in ended.stderr


def test_a_running_service_is_not_disturbed(
    tmp_path: Path, legacy: LegacyDatabase, take_over: Import
) -> None:
    legacy.talk("一", "甲")
    with SingleProcessLock(tmp_path / DATABASE):
        ended = take_over()

    assert ended.exit_code == 1
    assert ended.stderr == "another process serves this database already: stop it first\n"


def test_what_is_not_the_predecessor_s_is_one_sentence(tmp_path: Path, take_over: Import) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("机密", encoding="utf-8")

    ended = take_over(text)

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"{text}: this is no SQLite database")
    assert not (tmp_path / "data").exists()


def test_a_wrong_call_or_configuration_ends_with_2(tmp_path: Path, take_over: Import) -> None:
    assert take_over(tmp_path / "missing.sqlite").exit_code == 2
    assert take_over(tmp_path).exit_code == 2
    (tmp_path / "x").touch()
    assert take_over(tmp_path / "x", more="modle: x\n").exit_code == 2


def test_an_operator_who_deletes_old_history_is_told(
    legacy: LegacyDatabase, take_over: Import
) -> None:
    legacy.talk("一", "甲")

    assert "retention_days is 30:" in take_over(more="retention_days: 30\n").stdout
    assert "retention_days" not in take_over(more="retention_days: 30\n").stdout


DRAWN = ">点击图片可旋转或放大。\n![](http://chat.example.com/images/{name})"


def pictures_in(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        query = "SELECT picture FROM exchanges ORDER BY id"
        return [picture for (picture,) in connection.execute(query)]


@pytest.mark.parametrize("place", ["images", "data/images"])
def test_pictures_are_copied_under_names_that_nobody_can_guess(
    tmp_path: Path, legacy: LegacyDatabase, take_over: Import, place: str
) -> None:
    folder = tmp_path / place
    folder.mkdir(parents=True)
    (folder / "20261129-155143.png").write_bytes(picture_bytes())
    (folder / "20261129-155144.png").write_text("<script>", encoding="utf-8")
    for second in (43, 44, 45):
        legacy.talk(f"#图片 {second}", DRAWN.format(name=f"20261129-1551{second}.png"))

    ended = take_over()
    again = take_over()

    first, *others = pictures_in(tmp_path)
    assert re.fullmatch(r"[0-9a-f]{32}\.png", first)
    assert others == ["", ""]
    assert (tmp_path / "data/images" / first).read_bytes() == picture_bytes()
    assert kept_in(tmp_path)[0][2] == ">点击图片可旋转或放大。"
    assert "pictures copied: 1 (2 more are not there)" in ended.stdout
    assert "pictures copied: 0 (2 more are not there)" in again.stdout
    assert (folder / "20261129-155143.png").exists()


def test_a_picture_that_is_put_there_later_is_copied_then(
    tmp_path: Path, legacy: LegacyDatabase, take_over: Import
) -> None:
    legacy.talk("#图片 猫", DRAWN.format(name="20261129-155143.png"))
    take_over()
    (tmp_path / "images").mkdir()
    (tmp_path / "images/20261129-155143.png").write_bytes(picture_bytes())

    ended = take_over()

    assert "known, and their answers or pictures came now: 1" in ended.stdout
    assert all(pictures_in(tmp_path))


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "large"])
def test_what_is_no_picture_file_is_not_copied(
    tmp_path: Path, legacy: LegacyDatabase, take_over: Import, kind: str
) -> None:
    place = tmp_path / "images/20261129-155143.png"
    place.parent.mkdir()
    (tmp_path / "secret").write_bytes(picture_bytes())
    match kind:
        case "link":
            place.symlink_to(tmp_path / "secret")
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case _:
            place.write_bytes(picture_bytes())
            os.truncate(place, MAX_BYTES + 1)
    legacy.talk("#图片 猫", DRAWN.format(name=place.name))

    assert take_over().exit_code == 0
    assert pictures_in(tmp_path) == [""]


PROGRAM = "from entrypoints.cli.import_legacy import import_legacy; import_legacy()"


def test_killed_half_way_it_goes_on_where_it_was(
    tmp_path: Path, legacy: LegacyDatabase, take_over: Import
) -> None:
    count = 12 * AT_ONCE
    for number in range(count):
        legacy.talk(f"问{number}", "机密" * 50)
    path = legacy.save()
    (tmp_path / "config.yml").write_text(CONFIGURATION, encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", PROGRAM, str(path), "--config", "config.yml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: some_are_kept(tmp_path))
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = len(kept_in(tmp_path))

    ended = take_over(path)

    assert 0 < kept < count
    assert kept % AT_ONCE == 0
    assert f"known from an earlier import: {kept}" in ended.stdout
    questions = [question for _, question, _, _ in kept_in(tmp_path)]
    assert questions == [f"问{number}" for number in range(count)]


def some_are_kept(folder: Path) -> bool:
    try:
        return (folder / DATABASE).exists() and len(kept_in(folder)) > 0
    except sqlite3.OperationalError:
        return False


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it has not happened in time"
        time.sleep(0.02)

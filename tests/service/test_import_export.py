"""A former history is taken over before the service starts, and exported while it runs."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.legacy.gorm import LegacyDatabase
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk
from tests.service.running import DATABASE, Ended, RunningService, run
from tests.service.talk import People

LEGACY = "dingtalkbot.sqlite"

Verb = Callable[..., Ended]


@pytest.fixture
def legacy(folder: Path) -> LegacyDatabase:
    """What the predecessor left, with a question that never got an answer."""
    database = LegacyDatabase(folder / LEGACY)
    database.talk("旧问题", "旧回答", nick="张三")
    database.question("没人回答", nick="张三")
    database.save()
    return database


@pytest.fixture
def running(folder: Path, model: FakeModel, dingtalk: SimulatedDingTalk) -> RunningService:
    """Not started yet."""
    return RunningService(folder=folder, config=config_of(model, dingtalk))


@pytest.fixture
def verb(folder: Path, running: RunningService) -> Verb:
    """Runs a verb of the program beside the service."""
    running.write(running.config)
    return lambda *arguments: run(*arguments, "--config", "config.yml", folder=folder)


@pytest.mark.usefixtures("legacy")
def test_both_histories_are_exported_while_the_service_runs(
    running: RunningService, dingtalk: SimulatedDingTalk, verb: Verb
) -> None:
    taken = verb("import-legacy", LEGACY)
    with running:
        person = People(running, dingtalk).stranger()
        person.ask("新问题")
        busy = verb("import-legacy", LEGACY)
        old = verb("export-history", "--user", "张三", "--format", "csv")
        new = verb("export-history", "--user", person.staff_id, "--format", "jsonl")

    assert (taken.status, taken.err) == (0, "")
    assert "questions taken over: 2 (1 of all questions have no answer)" in taken.out
    assert (busy.status, busy.mistakes) == (
        1,
        ["another process serves this database already: stop it first"],
    )
    rows = list(csv.reader(io.StringIO(old.out.removeprefix("\ufeff"))))
    assert [row[6] for row in rows[1:]] == ["旧问题", "没人回答"]
    assert [json.loads(line)["answer"] for line in new.out.splitlines()] == ["echo 新问题"]


def test_a_later_copy_brings_only_what_is_new(
    folder: Path, legacy: LegacyDatabase, verb: Verb
) -> None:
    verb("import-legacy", LEGACY)
    legacy.talk("更新的", "回答", nick="李四")
    legacy.save()

    again = verb("import-legacy", LEGACY)

    assert "questions taken over: 1 " in again.out
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        assert connection.execute("SELECT count(*) FROM exchanges").fetchone() == (3,)


def test_a_wrong_file_or_person_is_one_sentence(folder: Path, verb: Verb) -> None:
    (folder / "notes.txt").write_text("no database", encoding="utf-8")
    assert verb("migrate").status == 0

    wrong = verb("import-legacy", "notes.txt")
    nobody = verb("export-history", "--user", "谁", "--format", "md", "--output", "out.md")

    assert (wrong.status, len(wrong.mistakes)) == (1, 1)
    assert (nobody.status, len(nobody.mistakes)) == (1, 1)
    assert not list(folder.glob("*out.md*"))


@pytest.mark.usefixtures("legacy")
def test_the_summary_is_not_mixed_with_bars_where_nobody_looks(verb: Verb) -> None:
    taken = verb("import-legacy", LEGACY)

    assert taken.err == ""
    assert "\x1b" not in taken.out

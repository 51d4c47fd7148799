"""`export-history` writes one person's history, whole or not at all, for nobody else's eyes."""

import csv
import io
import json
import signal
import sqlite3
from pathlib import Path

import pytest
from click.testing import Result

from adapters.sql.engine.lock import SingleProcessLock
from entrypoints.cli.export_history import export_history
from entrypoints.cli.import_legacy import import_legacy
from entrypoints.cli.output import opened_output
from tests.integration.entrypoints.history_files import run
from tests.integration.legacy.gorm import LegacyDatabase

DATABASE = Path("data/chatgpt-dingtalk.sqlite")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a history of two people."""
    legacy = LegacyDatabase(tmp_path / "dingtalkbot.sqlite")
    for number in range(250):
        legacy.talk(f"=问{number}", "答")
    legacy.talk("别的", "答", nick="李四")
    assert run(import_legacy, str(legacy.save()), folder=tmp_path).exit_code == 0
    return tmp_path


def export(folder: Path, *arguments: str) -> Result:
    return run(export_history, *arguments, folder=folder)


def test_jsonl_has_every_record_of_the_person_in_order(folder: Path) -> None:
    ended = export(folder, "--user", "张三", "--format", "jsonl")

    assert (ended.exit_code, ended.stderr) == (0, "已写出 张三 的 250 个问题。\n")
    told = [json.loads(line)["question"] for line in ended.stdout.splitlines()]
    assert told == [f"=问{number}" for number in range(250)]


def test_csv_goes_into_a_file_for_its_owner(folder: Path) -> None:
    ended = export(folder, "--user", "张三", "--format", "csv", "--output", "out.csv")

    file = folder / "out.csv"
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert ended.stderr == "已把 张三 的 250 个问题写到 out.csv（只有您能读取）。\n"
    assert len(rows) == 251
    assert rows[1][6] == "'=问0"
    assert file.stat().st_mode & 0o777 == 0o600


def test_markdown_names_the_person(folder: Path) -> None:
    assert export(folder, "--user", "李四", "--format", "md").stdout.startswith("# 李四\n")


def test_a_service_that_runs_is_no_hindrance(folder: Path) -> None:
    with SingleProcessLock(folder / DATABASE):
        assert export(folder, "--user", "李四", "--format", "md").exit_code == 0


def test_a_file_that_is_there_is_replaced_only_by_force(folder: Path) -> None:
    (folder / "out.md").write_text("alt", encoding="utf-8")

    refused = export(folder, "--user", "李四", "--output", "out.md")
    kept = (folder / "out.md").read_text(encoding="utf-8")
    done = export(folder, "--user", "李四", "--output", "out.md", "--force")

    assert (refused.exit_code, kept) == (2, "alt")
    assert refused.stderr == ("out.md 已经存在：请换一个文件名，或加上 --force 覆盖它。\n")
    assert done.exit_code == 0
    assert (folder / "out.md").read_text(encoding="utf-8").startswith("# 李四\n")


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("out.md", "# 李四"),
        ("out.Markdown", "# 李四"),
        ("李四.csv", "\ufeff"),
        ("a.b.jsonl", "{"),
        ("a.ndjson", "{"),
    ],
)
def test_the_format_is_what_the_name_says(folder: Path, name: str, beginning: str) -> None:
    assert export(folder, "--user", "李四", "--output", name).exit_code == 0
    assert (folder / name).read_text(encoding="utf-8").startswith(beginning)


def test_a_format_that_is_given_wins_over_the_name(folder: Path) -> None:
    export(folder, "--user", "李四", "--format", "jsonl", "--output", "out.md")

    assert (folder / "out.md").read_text(encoding="utf-8").startswith("{")


@pytest.mark.parametrize("name", ["out.txt", "out", "md", "-"])
def test_a_name_that_says_no_format_is_a_wrong_call(folder: Path, name: str) -> None:
    ended = export(folder, "--user", "李四", "--output", name)

    assert ended.exit_code == 2
    assert "--format（md, csv, jsonl）" in ended.stderr
    assert not (folder / name).exists()


def test_nobody_is_a_sentence_and_no_file(folder: Path) -> None:
    ended = export(folder, "--user", "王五", "--format", "md", "--output", "out.md")

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == ("没有叫 王五 的人提过问题：请写完整的昵称或 userid。\n")
    assert not list(folder.glob("*out.md*"))


@pytest.mark.parametrize("name", ["%", "_", "张_", "' OR 1=1 --", "", "imported:"])
def test_no_letter_of_a_name_has_a_meaning_of_its_own(folder: Path, name: str) -> None:
    assert export(folder, "--user", name, "--format", "md").exit_code == 1


def test_namesakes_are_listed_and_one_is_to_be_chosen(folder: Path) -> None:
    rename_the_first_question(folder)

    ended = export(folder, "--user", "李四", "--format", "jsonl")
    one = export(folder, "--user", "imported:李四", "--format", "jsonl")
    everybody = export(folder, "--user", "李四", "--format", "csv", "--all")

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "  imported:张三  张三  250 个问题，最近一次在 2023-04-05" in ended.stderr
    assert "  imported:李四  李四  1 个问题" in ended.stderr
    assert [json.loads(line)["question"] for line in one.stdout.splitlines()] == ["别的"]
    assert everybody.stdout.count("时间 time") == 1
    assert everybody.stdout_bytes.count(b"\r\n") == 1 + 251


def test_what_a_nickname_could_do_to_a_terminal_is_not_printed(folder: Path) -> None:
    rename_the_first_question(folder, "\x1b[2J")

    assert "\x1b" not in export(folder, "--user", "\x1b[2J", "--format", "md").stderr


def rename_the_first_question(folder: Path, nick: str = "李四") -> None:
    """Zhang was once called so, as Li is, or two people are."""
    with sqlite3.connect(folder / DATABASE) as connection:
        connection.execute("UPDATE exchanges SET nick = ? WHERE id IN (1, 251)", (nick,))
    connection.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "md"),
        ("--user", "张三"),
        ("--user", "张三", "--format", "pdf"),
        ("--user", "张三", "--format", "md", "--output", "config.yml"),
        ("--user", "张三", "--format", "md", "--output", "."),
    ],
)
def test_a_wrong_call_ends_with_2(folder: Path, arguments: tuple[str, ...]) -> None:
    assert export(folder, *arguments).exit_code == 2


def test_a_place_that_cannot_be_written_is_a_sentence(folder: Path) -> None:
    ended = export(folder, "--user", "李四", "--format", "md", "--output", "no/where.md")

    assert ended.exit_code == 1
    assert ended.stderr == "无法写入 no/where.md（No such file or directory）。\n"


def test_without_a_database_none_is_made(tmp_path: Path) -> None:
    ended = export(tmp_path, "--user", "李四", "--format", "md")

    assert ended.exit_code == 1
    assert "还没有对话记录" in ended.stderr
    assert not (tmp_path / "data").exists()


def test_an_old_schema_is_not_read(folder: Path) -> None:
    with sqlite3.connect(folder / DATABASE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'first_tables'")
    connection.close()

    ended = export(folder, "--user", "李四", "--format", "md")

    assert ended.exit_code == 1
    assert "migrate" in ended.stderr


@pytest.mark.parametrize(
    ("number", "end"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)]
)
def test_a_file_that_is_not_finished_is_not_there(
    tmp_path: Path, number: signal.Signals, end: type[BaseException]
) -> None:
    def stop_half_way() -> None:
        with opened_output(tmp_path / "out.md") as file:
            file.write(b"half")
            signal.raise_signal(number)

    # Whoever starts a program in the background may have it ignore SIGINT.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(end):
            stop_half_way()
    finally:
        signal.signal(signal.SIGINT, before)

    assert list(tmp_path.iterdir()) == []

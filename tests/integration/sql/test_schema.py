"""The migrations lead to the tables, and back, and say no to a database from the future."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, select, text

from adapters.sql.engine.sqlite import file_of
from adapters.sql.schema import NEWEST, is_current, migrate, migrations_folder, schema_transaction
from adapters.sql.tables import exchanges, metadata
from application.errors import StorageFailed


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/data/robot.sqlite"


def tables_of(url: str) -> set[str]:
    with schema_transaction(url) as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version", "sqlite_sequence"}


def go(url: str, direction: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    with schema_transaction(url) as connection:
        config.attributes["connection"] = connection
        verb = command.downgrade if direction == "-1" else command.upgrade
        verb(config, direction)


def test_every_stair_can_be_climbed_descended_and_climbed_again(url: str) -> None:
    revisions = list(ScriptDirectory(str(migrations_folder())).walk_revisions())

    for _ in revisions:
        go(url, "+1")
        go(url, "-1")
        go(url, "+1")

    assert is_current(url)
    for _ in revisions:
        go(url, "-1")
    assert tables_of(url) == set()


def test_the_migrations_make_the_tables_of_the_code(url: str) -> None:
    migrate(url)

    with schema_transaction(url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_migrations_make_the_same_statements_as_the_tables(url: str, tmp_path: Path) -> None:
    """Conditions of partial indexes are what `compare_metadata` does not look at."""
    migrate(url)
    other = f"sqlite:///{tmp_path}/other.sqlite"
    with schema_transaction(other) as connection:
        metadata.create_all(connection)

    assert indexes_of(url) == indexes_of(other)
    assert columns_of(url) == columns_of(other)


def indexes_of(url: str) -> dict[str, str]:
    return statements_of(url, "index")


def columns_of(url: str) -> dict[str, list[str]]:
    """The lines that make each table, in whatever order."""
    made = statements_of(url, "table").items()
    return {name: sorted(one.strip(" ,\t") for one in sql.splitlines()[1:]) for name, sql in made}


def statements_of(url: str, kind: str) -> dict[str, str]:
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = :kind AND sql IS NOT NULL"
        " AND name NOT LIKE 'alembic%'"
    )
    with schema_transaction(url) as connection:
        return dict(connection.execute(text(query), {"kind": kind}).all())


def test_a_question_of_before_is_still_there_after_the_migration_and_back(url: str) -> None:
    go(url, "first_tables")
    with schema_transaction(url) as connection:
        connection.execute(text(OLD_EXCHANGE))

    go(url, "head")
    with schema_transaction(url) as connection:
        row = connection.execute(select(exchanges)).one()
        connection.execute(insert(exchanges), IMPORTED)
    go(url, "-1")

    assert (row.question, row.message, row.imported_as, row.picture) == ("一加一？", 7, None, "")
    with schema_transaction(url) as connection:
        kept = connection.execute(text("SELECT id, message, question FROM exchanges")).all()
    assert kept == [(3, 7, "一加一？")]


OLD_EXCHANGE = (
    "INSERT INTO exchanges VALUES (3, 7, 'robot', 'conversation', 'private', 'room', '', 'staff:zhang',"
    " 'zhang', '张三', 0, 'answered', 'answered', '一加一？', '二', 'p', 'm', 1, 2, 3, 4)"
)
IMPORTED = {
    "imported_as": "of the predecessor",
    "robot": "",
    "conversation": "",
    "room_kind": "private",
    "room": "",
    "room_title": "",
    "user_key": "imported:张三",
    "nick": "张三",
    "asked_at": 0,
    "state": "answered",
    "reason": "",
    "question": "",
    "answer": "",
    "provider": "",
    "model": "",
    "prompt_tokens": 0,
    "answer_tokens": 0,
    "took_ms": 0,
}


def test_a_new_database_is_not_current_and_a_migrated_one_is(url: str) -> None:
    assert not is_current(url)

    migrate(url)

    assert is_current(url)


def test_migrating_twice_changes_nothing(url: str) -> None:
    migrate(url)
    with schema_transaction(url) as connection:
        connection.execute(text("INSERT INTO kept_keys VALUES ('a', x'00')"))

    migrate(url)

    with schema_transaction(url) as connection:
        assert connection.scalar(text("SELECT count(*) FROM kept_keys")) == 1


def test_a_database_from_the_future_is_refused_and_left_alone(url: str) -> None:
    migrate(url)
    with schema_transaction(url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'tomorrow'"))

    with pytest.raises(StorageFailed, match="newer version"):
        migrate(url)

    assert not is_current(url)
    assert tables_of(url) == set(metadata.tables)


def test_a_broken_file_is_refused_in_our_words(url: str) -> None:
    file = file_of(url)
    assert file is not None
    file.parent.mkdir()
    file.write_bytes(b"this is no database, whatever its name says" * 100)

    with pytest.raises(StorageFailed):
        migrate(url)


def test_migrating_leaves_the_logging_as_it_was(url: str) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.getLogger("alembic").level)

    migrate(url)

    assert (root.level, list(root.handlers), logging.getLogger("alembic").level) == before


def test_the_code_knows_the_newest_revision() -> None:
    assert ScriptDirectory(str(migrations_folder())).get_current_head() == NEWEST


def test_a_current_database_needs_no_alembic(url: str) -> None:
    migrate(url)
    program = (
        "import sys; from adapters.sql.schema import NEWEST, is_current, migrate;"
        f"migrate({url!r}); print(is_current({url!r}), 'alembic' in sys.modules)"
    )

    result = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "src"},
    )

    assert result.stdout == "True False\n"


def test_alembics_own_command_line_runs_at_the_root(tmp_path: Path) -> None:
    root = migrations_folder().parent
    program = [str(Path(sys.executable).with_name("alembic")), "-c", str(root / "alembic.ini")]

    result = subprocess.run(  # noqa: S603 - our own environment's program
        [*program, "upgrade", "head"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr
    assert is_current(f"sqlite:///{tmp_path}/data/chatgpt-dingtalk.sqlite")

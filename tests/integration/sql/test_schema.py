"""The migrations lead to the tables, and back, and say no to a database from the future."""

import logging
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, make_url, select, text

from adapters.sql.engine.sqlite import file_of
from adapters.sql.schema import (
    NEWEST,
    in_schema_transaction,
    is_current,
    migrate,
    migrations_folder,
)
from adapters.sql.spending import spent
from adapters.sql.statements.records import record_in
from adapters.sql.tables import exchanges, metadata, spending
from application.errors import StorageFailed
from domain.spending import ModelUse
from tests.postgres.databases import Databases


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path}/data/robot.sqlite"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, file: str) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield file
        return
    server: Databases = request.getfixturevalue("postgres")
    with server.one() as url:
        yield url


def tables_of(url: str) -> set[str]:
    found = in_schema_transaction(url, lambda connection: inspect(connection).get_table_names())
    return set(found) - {"alembic_version", "sqlite_sequence"}


def back(url: str, revision: str) -> None:
    """Down to that revision."""
    go(url, f"-{revision}")


def go(url: str, direction: str) -> None:
    """Up to a revision, or down to one that is written with a minus; `+1` and `-1` are one step."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    verb = command.downgrade if direction.startswith("-") else command.upgrade

    def moved(connection: Connection) -> None:
        config.attributes["connection"] = connection
        verb(config, direction if direction[1:].isdigit() else direction.removeprefix("-"))

    in_schema_transaction(url, moved)


def done(url: str, statement: str) -> None:
    in_schema_transaction(url, lambda connection: connection.execute(text(statement)))


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

    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata)

    assert in_schema_transaction(url, differences) == []


def test_the_migrations_make_the_same_statements_as_the_tables(file: str, tmp_path: Path) -> None:
    """Conditions of partial indexes are what `compare_metadata` does not look at."""
    migrate(file)
    other = f"sqlite:///{tmp_path}/other.sqlite"
    in_schema_transaction(other, metadata.create_all)

    assert indexes_of(file) == indexes_of(other)
    assert columns_of(file) == columns_of(other)


def test_the_migrations_make_the_same_indexes_on_a_server(postgres: Databases) -> None:
    with postgres.one() as migrated, postgres.one() as created:
        migrate(migrated)
        in_schema_transaction(created, metadata.create_all)

        assert indexes_on(migrated) == indexes_on(created)


def indexes_on(server: str) -> dict[str, str]:
    query = (
        "SELECT indexname, indexdef FROM pg_indexes"
        " WHERE schemaname = 'public' AND indexname NOT LIKE 'alembic%'"
    )
    return in_schema_transaction(
        server, lambda connection: dict(connection.execute(text(query)).all())
    )


def indexes_of(url: str) -> dict[str, str]:
    return statements_of(url, "index")


BETWEEN_COLUMNS = re.compile(r",(?![^()]*\))")


def columns_of(url: str) -> dict[str, list[str]]:
    """What each table is made of, in whatever order."""
    made = statements_of(url, "table").items()
    return {
        name: sorted(one.strip() for one in BETWEEN_COLUMNS.split(sql[sql.index("(") + 1 : -1]))
        for name, sql in made
    }


def statements_of(url: str, kind: str) -> dict[str, str]:
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = :kind AND sql IS NOT NULL"
        " AND name NOT LIKE 'alembic%'"
    )
    return in_schema_transaction(
        url, lambda connection: dict(connection.execute(text(query), {"kind": kind}).all())
    )


def test_a_question_of_before_is_still_there_after_the_migration_and_back(url: str) -> None:
    go(url, "first_tables")
    done(url, OLD_EXCHANGE)

    go(url, "head")
    row = in_schema_transaction(url, lambda connection: connection.execute(select(exchanges)).one())
    # The row of before was numbered by hand.
    imported = IMPORTED | {"id": 4}
    in_schema_transaction(url, lambda connection: connection.execute(insert(exchanges), imported))
    back(url, "first_tables")

    assert (row.question, row.message, row.imported_as, row.picture) == ("一加一？", 7, None, "")
    query = text("SELECT id, message, question FROM exchanges")
    kept = in_schema_transaction(url, lambda connection: connection.execute(query).all())
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


def test_sums_of_before_stay_after_the_migration_and_shares_are_put_together_on_the_way_back(
    url: str,
) -> None:
    go(url, "pictures")
    done(url, "INSERT INTO spending VALUES ('2026-11-01', 'p', 'm', 1, 2, 3, 4)")

    go(url, "head")
    (use,) = in_schema_transaction(url, partial(spent, first=date.min, last=date.max))
    more = {"share": 5, "questions": 10, "prompt_tokens": 20, "answer_tokens": 30, "pictures": 40}
    row = {"day": "2026-11-01", "provider": "p", "model": "m", **more}
    in_schema_transaction(url, lambda connection: connection.execute(insert(spending), row))
    back(url, "pictures")

    assert use == ModelUse(
        day=date(2026, 11, 1), provider="p", model="m",
        questions=1, prompt_tokens=2, answer_tokens=3, pictures=4,
    )  # fmt: skip
    query = text("SELECT * FROM spending")
    kept = in_schema_transaction(url, lambda connection: connection.execute(query).all())
    assert kept == [("2026-11-01", "p", "m", 11, 22, 33, 44)]


def test_records_of_before_stay_when_attempts_are_added_and_taken_away(url: str) -> None:
    go(url, "spending_in_shares")
    columns, values = ", ".join(IMPORTED), ", ".join(f":{name}" for name in IMPORTED)
    statement = text(f"INSERT INTO exchanges ({columns}) VALUES ({values})")  # noqa: S608 - ours
    in_schema_transaction(url, lambda connection: connection.execute(statement, IMPORTED))

    go(url, "head")
    query = select(exchanges).where(exchanges.c.user_key == "imported:张三")
    record = in_schema_transaction(url, lambda one: record_in(one.execute(query).one()))
    back(url, "spending_in_shares")

    assert (record.thought_tokens, record.attempts) == (None, ())
    nicks = text("SELECT nick FROM exchanges")
    assert in_schema_transaction(url, lambda one: one.execute(nicks).all()) == [("张三",)]


def test_a_new_database_is_not_current_and_a_migrated_one_is(url: str) -> None:
    assert not is_current(url)

    migrate(url)

    assert is_current(url)


def test_migrating_twice_changes_nothing(url: str) -> None:
    migrate(url)
    done(url, "INSERT INTO kept_keys VALUES ('a', '0')")

    migrate(url)

    query = text("SELECT count(*) FROM kept_keys")
    assert in_schema_transaction(url, lambda connection: connection.scalar(query)) == 1


def test_a_database_from_the_future_is_refused_and_left_alone(url: str) -> None:
    migrate(url)
    done(url, "UPDATE alembic_version SET version_num = 'tomorrow'")

    with pytest.raises(StorageFailed, match="newer version"):
        migrate(url)

    assert not is_current(url)
    assert tables_of(url) == set(metadata.tables)


def test_a_broken_file_is_refused_in_our_words(file: str) -> None:
    path = file_of(file)
    assert path is not None
    path.parent.mkdir()
    path.write_bytes(b"this is no database, whatever its name says" * 100)

    with pytest.raises(StorageFailed):
        migrate(file)


def test_of_many_that_migrate_at_once_one_does_and_the_others_wait(postgres: Databases) -> None:
    with postgres.one() as url, ThreadPoolExecutor(6) as threads:
        list(threads.map(migrate, [url] * 6))

        assert is_current(url)
        assert tables_of(url) == set(metadata.tables)


def test_a_server_that_is_not_there_is_told_in_our_words() -> None:
    with pytest.raises(StorageFailed, match=r"the database refused: .*nobody takes connections"):
        migrate("postgresql://somebody:geheim@127.0.0.1:1/robot")


def test_what_the_operator_has_to_mend_is_said(postgres: Databases) -> None:
    reader = f"reader_{secrets.token_hex(4)}"
    with postgres.one() as url:
        gone = make_url(url).set(database="not_there").render_as_string(hide_password=False)
        poor = (
            make_url(url)
            .set(username=reader, password="geheim")
            .render_as_string(hide_password=False)
        )
        postgres.execute(f"CREATE ROLE {reader} LOGIN PASSWORD 'geheim'")
        try:
            with pytest.raises(StorageFailed, match="there is no database of that name"):
                migrate(gone)
            with pytest.raises(StorageFailed, match="the account may not do that") as told:
                migrate(poor)
        finally:
            postgres.execute(f"DROP ROLE {reader}")

    assert "geheim" not in str(told.value)


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

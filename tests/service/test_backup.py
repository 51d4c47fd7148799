"""A backup of a running service brings everything back, and nobody else reads it."""

import os
import sqlite3
import stat
import subprocess
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.fakes.model_server import SMALL_PNG
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk
from tests.service.running import DATABASE, RunningService, run
from tests.service.talk import People

BACKUP = "backup.tar.gz"


@pytest.fixture
def running(folder: Path, model: FakeModel, dingtalk: SimulatedDingTalk) -> RunningService:
    """Not started yet."""
    config = config_of(model, dingtalk, service_url="https://robot.example", admin_users=["boss"])
    return RunningService(folder=folder, config=config)


def restored(running: RunningService) -> None:
    """As docs/running.md says."""
    data = running.folder / "data"
    data.rename(running.folder / "data.old")
    data.mkdir(mode=0o700)
    command = ["tar", "-xzf", BACKUP, "-C", "data", "--no-same-owner"]
    subprocess.run(command, cwd=running.folder, check=True)  # noqa: S603 - as documented


def test_what_was_said_and_drawn_is_there_again(
    running: RunningService, dingtalk: SimulatedDingTalk, folder: Path
) -> None:
    with running:
        person = People(running, dingtalk).named("zhang")
        person.ask("串聊")
        person.ask("第一个问题")
        picture = person.ask("#图片 一只猫").split("(")[1].split(")")[0]
        path = picture.removeprefix("https://robot.example")
        done = run("backup", BACKUP, "--config", "config.yml", folder=folder)
        person.ask("备份之后的问题")
    assert (done.status, done.err) == (0, "")

    restored(running)

    with RunningService(folder=folder, config=running.config, port=running.port) as again:
        person = People(again, dingtalk).named("zhang")
        assert "**2** 次" in person.ask("用量")
        assert httpx.get(f"{again.url}{path}", trust_env=False).content == SMALL_PNG
        person.ask("还记得吗")
        exported = run(
            "export-history", "--user", "zhang", "--format", "md", "--config", "config.yml",
            folder=folder,
        )  # fmt: skip
    assert "第一个问题" in exported.out
    assert "备份之后的问题" not in exported.out


def test_only_its_owner_reads_it_and_it_names_nobody(running: RunningService, folder: Path) -> None:
    with running:
        run("backup", BACKUP, "--config", "config.yml", folder=folder)

    assert stat.S_IMODE((folder / BACKUP).stat().st_mode) == 0o600
    with tarfile.open(folder / BACKUP) as archive:
        entries = archive.getmembers()
    assert [one.name for one in entries] == ["chatgpt-dingtalk.sqlite"]
    assert {(one.mode, one.uid, one.uname, one.gname) for one in entries} == {(0o600, 0, "", "")}
    assert {one.name for one in folder.iterdir()} == {"config.yml", "data", "stderr", BACKUP}


def test_what_was_deleted_is_not_in_it(running: RunningService, folder: Path) -> None:
    with running:
        pass
    with closing(sqlite3.connect(folder / DATABASE)) as database, database:
        database.execute("CREATE TABLE gone (words TEXT)")
        database.execute("INSERT INTO gone VALUES ('a-word-that-was-deleted')")
        database.commit()
        database.execute("DROP TABLE gone")
        database.commit()

    run("backup", BACKUP, "--config", "config.yml", folder=folder)

    with tarfile.open(folder / BACKUP) as archive:
        copy = archive.extractfile("chatgpt-dingtalk.sqlite")
        assert copy is not None
        assert b"a-word-that-was-deleted" not in copy.read()


def test_backups_under_load_are_whole_and_stop_nobody(
    running: RunningService, dingtalk: SimulatedDingTalk, folder: Path
) -> None:
    with running:
        people, stop = People(running, dingtalk), threading.Event()

        def talk() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                people.named(f"user{number % 3}").ask(f"问题 {number}")

        talking = threading.Thread(target=talk)
        talking.start()
        try:
            done = [
                run("backup", f"{number}.tar.gz", "--config", "config.yml", folder=folder)
                for number in range(5)
            ]
        finally:
            stop.set()
            talking.join()

    assert [one.status for one in done] == [0] * 5
    counts = []
    for number in range(5):
        with tarfile.open(folder / f"{number}.tar.gz") as archive:
            archive.extract("chatgpt-dingtalk.sqlite", folder / str(number), filter="data")
        with closing(sqlite3.connect(folder / str(number) / "chatgpt-dingtalk.sqlite")) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            ledger = "SELECT (SELECT sum(used) FROM usage), (SELECT count(*) FROM charges)"
            used, charges = copy.execute(ledger).fetchone()
            assert (used or 0) == charges
            counts.append(charges)
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


@pytest.mark.usefixtures("running")
def test_what_stands_in_the_way_is_said_and_left_as_it_is(folder: Path) -> None:
    (folder / "config.yml").write_text(
        "api_key: sk-a1b2c3d4\nmodel: m\ndata_dir: data\n", encoding="utf-8"
    )
    (folder / BACKUP).write_text("an older one", encoding="utf-8")

    there = run("backup", BACKUP, folder=folder)
    nothing = run("backup", "new.tar.gz", folder=folder)
    nowhere = run("backup", "no/such/folder.tar.gz", folder=folder)
    shared = run(
        "backup", "new.tar.gz", folder=folder, DATABASE_URL="postgresql://u:hidden-word@db/x"
    )

    assert (there.status, "--force" in there.err) == (2, True)
    assert (folder / BACKUP).read_text(encoding="utf-8") == "an older one"
    assert (nothing.status, "还没有可以备份的内容" in nothing.err) == (1, True)
    assert nowhere.status == 1
    assert (shared.status, "pg_dump" in shared.err) == (2, True)
    assert "hidden-word" not in shared.err
    assert not (folder / "new.tar.gz").exists()


def test_a_damaged_database_makes_no_backup(running: RunningService, folder: Path) -> None:
    with running:
        pass
    size = os.path.getsize(folder / DATABASE)  # noqa: PTH202 - beside the others below
    with (folder / DATABASE).open("r+b") as file:
        file.seek(size // 2)
        file.write(os.urandom(size // 4))

    done = run("backup", BACKUP, "--config", "config.yml", folder=folder)

    assert done.status == 1
    assert done.err.startswith("没有备份成")
    assert not (folder / BACKUP).exists()
    assert not list(folder.glob(f".{BACKUP}*"))


def test_a_folder_that_is_not_there_is_named(running: RunningService, folder: Path) -> None:
    with running:
        pass

    done = run("backup", "no/such/backup.tar.gz", "--config", "config.yml", folder=folder)

    assert done.status == 1
    assert done.err.startswith("没有备份成")

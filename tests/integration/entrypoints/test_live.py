"""A better configuration takes the place of the old one at once; a worse one never does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from domain.message import RobotId
from entrypoints.live import LiveConfiguration
from entrypoints.settings import load
from tests.strategies import find_by_looking

pytestmark = pytest.mark.anyio

ENVIRONMENT = {"APIKEY": "sk-1", "MODEL": "m"}


@pytest.fixture(autouse=True)
def _level_as_before() -> Iterator[None]:
    before = logging.getLogger().level
    yield
    logging.getLogger().setLevel(before)


def configured(path: Path, text: str) -> LiveConfiguration:
    path.write_text(text, encoding="utf-8")
    return LiveConfiguration(
        load(path, environment=ENVIRONMENT),
        load_again=lambda: load(path, environment=ENVIRONMENT),
        make_finder=find_by_looking,
    )


@asynccontextmanager
async def watching(live: LiveConfiguration) -> AsyncIterator[None]:
    task = asyncio.create_task(live.watch())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def noticed(change: Callable[[], object], holds: Callable[[], bool]) -> None:
    """Make the change until it shows: nobody can tell when the watcher has begun to look."""
    async with asyncio.timeout(60):
        while not holds():
            change()
            for _ in range(20):
                await asyncio.sleep(0.05)
                if holds():
                    break


async def test_a_reload_replaces_rules_robots_and_credentials_together(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    live = configured(file, "max_request: 1\napp_secrets: [old-secret]\n")
    old = live.rules()

    file.write_text(
        "max_request: 2\nallow_unsigned: true\n"
        "credentials: [{client_id: ding1, client_secret: new-secret}]\n",
        encoding="utf-8",
    )
    await live.reload()

    assert (old.quota.limit, live.rules().quota.limit) == (1, 2)
    assert [robot.secret for robot in live.robots().robots] == ["new-secret"]
    assert live.allow_unsigned()
    found = live.credentials_of(RobotId("ding1"))
    assert found is not None
    assert found.client_secret == "new-secret"
    assert live.credentials_of(RobotId("stranger")) is None
    assert live.current_problems() == ()


async def test_a_mistake_keeps_the_old_configuration_whole_and_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    live = configured(file, "max_request: 1\n")

    file.write_text("max_request: 2\ndeny_users: [li]\nport: nowhere\n", encoding="utf-8")
    await live.reload()

    assert live.rules().quota.limit == 1
    assert live.rules().access.denied_users == frozenset()
    assert live.current_problems()[0].startswith("port has a mistake")
    assert "nowhere" not in str(live.current_problems())

    file.write_text("max_request: 3\n", encoding="utf-8")
    await live.reload()
    assert (live.rules().quota.limit, live.current_problems()) == (3, ())


async def test_a_key_that_needs_a_restart_says_so(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    live = configured(file, "port: 8090\n")

    file.write_text("port: 8091\n", encoding="utf-8")
    await live.reload()

    assert live.current_problems() == ("port takes effect after a restart",)


async def test_the_log_level_changes_with_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    live = configured(file, "log_level: info\n")

    file.write_text("log_level: debug\n", encoding="utf-8")
    await live.reload()

    assert logging.getLogger().level == logging.DEBUG


async def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    live = configured(file, "max_request: 1\n")

    async with watching(live):
        await noticed(
            lambda: file.write_text("max_request: 2\n", encoding="utf-8"),
            lambda: live.rules().quota.limit == 2,
        )


async def test_a_changed_word_list_is_noticed(tmp_path: Path) -> None:
    words = tmp_path / "lists" / "words.txt"
    words.parent.mkdir()
    words.write_text("# nothing yet\n", encoding="utf-8")
    live = configured(tmp_path / "config.yml", f"sensitive_words_file: {words}\n")

    async with watching(live):
        await noticed(
            lambda: words.write_text("机密\n", encoding="utf-8"),
            lambda: live.rules().sensitive_words.found_in("机密"),
        )


async def test_a_swapped_link_is_noticed_as_a_mounted_folder_is_renewed(tmp_path: Path) -> None:
    for version in (1, 2):
        (tmp_path / f"..v{version}").mkdir()
        (tmp_path / f"..v{version}" / "config.yml").write_text(
            f"max_request: {version}\n", encoding="utf-8"
        )
    (tmp_path / "..data").symlink_to("..v1")
    (tmp_path / "config.yml").symlink_to("..data/config.yml")
    file = tmp_path / "config.yml"
    live = LiveConfiguration(
        load(file, environment=ENVIRONMENT),
        load_again=lambda: load(file, environment=ENVIRONMENT),
        make_finder=find_by_looking,
    )

    def swap() -> None:
        (tmp_path / "..new").symlink_to("..v2")
        (tmp_path / "..new").replace(tmp_path / "..data")

    async with watching(live):
        await noticed(swap, lambda: live.rules().quota.limit == 2)

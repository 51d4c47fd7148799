"""Every choice the configuration offers can be built into a whole service."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from socket import socket

import pytest

from adapters.words.finder import aho_corasick
from application.wording import ENGLISH
from entrypoints.container import Container, opened_service
from entrypoints.live import LiveConfiguration
from entrypoints.service import Service
from entrypoints.settings import load
from entrypoints.storage import prepared_storage
from entrypoints.web.server import listening_socket
from tests.contracts.messenger import QUESTION

pytestmark = pytest.mark.anyio

AZURE = {
    "AZURE_ON": "true",
    "AZURE_API_VERSION": "2024-06-01",
    "AZURE_RESOURCE_NAME": "our-resource",
    "AZURE_DEPLOYMENT_NAME": "our-deployment",
    "AZURE_OPENAI_TOKEN": "azure-token-1",
}
CHOICES = {
    "openai": {"APIKEY": "sk-1", "MODEL": "m"},
    "a compatible server": {"APIKEY": "sk-1", "MODEL": "m", "BASE_URL": "http://127.0.0.1:9"},
    "openai through an http proxy": {
        "APIKEY": "sk-1",
        "MODEL": "m",
        "HTTP_PROXY": "http://127.0.0.1:9",
    },
    "openai through a socks proxy": {
        "APIKEY": "sk-1",
        "MODEL": "m",
        "HTTP_PROXY": "socks5://127.0.0.1:9",
    },
    "azure": AZURE,
    "azure through a proxy": AZURE | {"HTTP_PROXY": "socks5h://127.0.0.1:9"},
    "the demo": {"PROVIDERS": "[{name: d, kind: demo}]"},
    "several providers": {
        "PROVIDERS": "[{name: a, kind: openai, api_key: sk-1, model: m}, {name: d, kind: demo}]"
    },
    "robots by credentials": {
        "APIKEY": "sk-1",
        "MODEL": "m",
        "DINGTALK_CREDENTIALS": "dingid:dingsecret1",
    },
    "outgoing robots": {"APIKEY": "sk-1", "MODEL": "m", "OUTGOING_TOKENS": "token-1234"},
    "english": {"APIKEY": "sk-1", "MODEL": "m", "LANGUAGE": "en"},
}


@pytest.fixture
def listening() -> Iterator[socket]:
    with listening_socket("127.0.0.1", 0) as opened:
        yield opened


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
async def test_every_choice_can_be_built_opened_and_closed(
    choice: dict[str, str], tmp_path: Path, listening: socket
) -> None:
    loaded = load(environment=choice | {"DATA_DIR": str(tmp_path)})
    live = LiveConfiguration(loaded, load_again=lambda: loaded, make_finder=aho_corasick)
    container = Container(settings=loaded.settings, live=live, listening=listening)
    container.check_dependencies()

    with prepared_storage(loaded.settings):
        async with opened_service(container) as service:
            assert isinstance(service, Service)
            assert await service.readiness.reasons() == ()


async def test_a_provider_of_each_kind_is_asked_in_the_configured_order(
    tmp_path: Path, listening: socket
) -> None:
    chosen = (
        "[{name: a, kind: openai, api_key: sk-1, model: m, concurrency: 3}, {name: d, kind: demo}]"
    )
    loaded = load(environment={"PROVIDERS": chosen, "DATA_DIR": str(tmp_path)})
    live = LiveConfiguration(loaded, load_again=lambda: loaded, make_finder=aho_corasick)
    container = Container(settings=loaded.settings, live=live, listening=listening)

    with prepared_storage(loaded.settings):
        async with opened_service(container):
            ask = await container.chat_models.async_()

            assert [(one.name, one.concurrency) for one in ask.providers] == [("a", 3), ("d", 64)]
            assert ask.time_limit == loaded.settings.request_timeout


async def test_no_provider_of_several_may_be_silent_longer_than_its_share() -> None:
    two = "[{name: a, kind: openai, api_key: sk-1, model: m}, {name: d, kind: demo}]"
    alone = load(environment={"APIKEY": "sk-1", "MODEL": "m", "REQUEST_TIMEOUT": "20s"}).settings
    shared = load(environment={"PROVIDERS": two, "REQUEST_TIMEOUT": "20s"}).settings

    assert alone.effective_providers[0].first_token_timeout == timedelta(seconds=20)
    assert shared.effective_providers[0].first_token_timeout == timedelta(seconds=10)


async def test_what_was_opened_is_closed_when_something_else_fails_to_open(
    tmp_path: Path, listening: socket
) -> None:
    loaded = load(environment={"APIKEY": "sk-1", "MODEL": "m", "DATA_DIR": str(tmp_path)})
    live = LiveConfiguration(loaded, load_again=lambda: loaded, make_finder=aho_corasick)
    container = Container(settings=loaded.settings, live=live, listening=listening)
    tasks = len(asyncio.all_tasks())

    # Without migration the kept key has no table to be in.
    with pytest.raises(Exception, match="database"):
        async with opened_service(container):
            """Never reached."""

    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == tasks


async def test_a_reload_changes_the_robots_own_words_in_replies_as_well(
    tmp_path: Path, listening: socket
) -> None:
    file = tmp_path / "config.yml"
    file.write_text("language: zh\n", encoding="utf-8")
    variables = {"APIKEY": "sk-1", "MODEL": "m", "DATA_DIR": str(tmp_path)}
    live = LiveConfiguration(
        load(file, environment=variables),
        load_again=lambda: load(file, environment=variables),
        make_finder=aho_corasick,
    )
    settings = load(file, environment=variables).settings
    container = Container(settings=settings, live=live, listening=listening)

    with prepared_storage(settings):
        async with opened_service(container):
            messenger = await container.messenger.async_()
            file.write_text("language: en\n", encoding="utf-8")
            await live.reload()

            wordless, endless = (messenger.parts_of(text, QUESTION) for text in ("", "字" * 10**5))
            assert wordless[0].title == ENGLISH.reply_title
            assert endless[-1].text.endswith(ENGLISH.answer_in_parts_cut)

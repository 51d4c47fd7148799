"""Models are asked through the configured proxy, and by no other way."""

import asyncio
import gc
import json
import ssl
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.openai import transport
from adapters.openai.connection import ConnectionOptions
from application.errors import ModelMisconfigured, ModelUnavailable
from tests.fakes.model_server import ModelServer, answer
from tests.integration.models.over_http import (
    Outcome,
    Vendor,
    endpoint_of,
    environment_of,
    model_at,
    outcome_of,
)

pytestmark = pytest.mark.anyio

TLS = Path(__file__).parent / "tls"
"""A certificate for the loopback and for model.test, good for nothing else."""

ONLY_THE_PROXY_KNOWS = "model.test"


KINDS = {"http": "http", "socks5": "socks5", "socks5h": "socks5"}


class Proxy:
    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self._process = process
        self.address = address

    async def stop(self) -> list[tuple[str, str]]:
        """What it was asked for: how, and for which target."""
        if self._process.returncode is None:
            self._process.terminate()
        told, _ = await self._process.communicate()
        lines = [json.loads(line) for line in told.splitlines()]
        return [(line["how"], line["target"]) for line in lines]


@asynccontextmanager
async def proxy_of(kind: str, *flags: str) -> AsyncGenerator[Proxy]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.proxy", "--kind", kind, *flags),
        *("--resolve", f"{ONLY_THE_PROXY_KNOWS}=127.0.0.1"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    first = json.loads(await process.stdout.readline())
    proxy = Proxy(process, first["target"])
    try:
        yield proxy
    finally:
        await proxy.stop()


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer().serving(answer("二", "四")) as server:
        yield server


async def ask(vendor: Vendor, origin: str, proxy: str) -> Outcome:
    options = ConnectionOptions(proxy=proxy, connect_limit=timedelta(seconds=3))
    async with model_at(endpoint_of(vendor, origin), options=options) as model:
        return await outcome_of(model)


@pytest.mark.parametrize("vendor", Vendor)
@pytest.mark.parametrize(
    ("scheme", "how"), [("http", "absolute"), ("socks5", "address"), ("socks5h", "address")]
)
@pytest.mark.parametrize("login", ["", "me:pa55"])
async def test_questions_go_through_the_proxy(
    server: ModelServer, vendor: Vendor, scheme: str, how: str, login: str
) -> None:
    flags = ["--login", login] if login else []
    async with proxy_of(KINDS[scheme], *flags) as proxy:
        url = f"{scheme}://{login}{'@' if login else ''}{proxy.address}"

        outcome = await ask(vendor, server.origin, url)

        requests = await proxy.stop()

    assert (outcome.text, outcome.failure) == ("二四", None)
    ((came, target),) = requests
    assert f"127.0.0.1:{server.port}" in target
    assert came == how


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
@pytest.mark.parametrize("vendor", Vendor)
async def test_the_proxy_resolves_the_name(
    server: ModelServer, vendor: Vendor, scheme: str
) -> None:
    async with proxy_of(KINDS[scheme]) as proxy:
        origin = f"http://{ONLY_THE_PROXY_KNOWS}:{server.port}"

        outcome = await ask(vendor, origin, f"{scheme}://{proxy.address}")

    assert outcome.text == "二四"


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
@pytest.mark.parametrize("vendor", Vendor)
async def test_https_goes_through_a_tunnel(
    vendor: Vendor, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(TLS / "loopback.crt", TLS / "loopback.key")
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "loopback.crt"))
    transport.trust_store.cache_clear()
    async with (
        ModelServer().serving(answer("四"), tls=tls) as server,
        proxy_of(KINDS[scheme]) as proxy,
    ):
        origin = f"https://localhost:{server.port}"

        outcome = await ask(vendor, origin, f"{scheme}://{proxy.address}")

        requests = await proxy.stop()
    transport.trust_store.cache_clear()

    assert (outcome.text, outcome.failure) == ("四", None)
    how = "connect" if scheme == "http" else "name"
    assert requests == [(how, origin.removeprefix("https://"))]


@pytest.mark.parametrize("target", ["http", "https"])
@pytest.mark.parametrize("vendor", Vendor)
async def test_a_proxy_may_speak_tls_itself(
    vendor: Vendor, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = TLS / "loopback.crt", TLS / "loopback.key"
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    transport.trust_store.cache_clear()
    async with (
        ModelServer().serving(answer("四"), tls=tls if target == "https" else None) as server,
        proxy_of("http", "--tls", str(certificate), str(key)) as proxy,
    ):
        origin = f"{target}://localhost:{server.port}"

        outcome = await ask(vendor, origin, f"https://localhost:{proxy.address.split(':')[1]}")

        requests = await proxy.stop()
    transport.trust_store.cache_clear()

    assert (outcome.text, outcome.failure) == ("四", None)
    ((how, _),) = requests
    assert how == ("connect" if target == "https" else "absolute")


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted() -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(TLS / "loopback.crt", TLS / "loopback.key")
    async with ModelServer().serving(answer("四"), tls=tls) as server:
        outcome = await ask(Vendor.OPENAI, f"https://localhost:{server.port}", "")

    assert isinstance(outcome.failure, ModelUnavailable)
    assert server.calls == []


@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks5h"])
@pytest.mark.parametrize("vendor", Vendor)
async def test_nobody_goes_around_a_proxy_that_is_down(
    server: ModelServer, vendor: Vendor, scheme: str
) -> None:
    outcome = await ask(vendor, server.origin, f"{scheme}://127.0.0.1:9")

    assert isinstance(outcome.failure, ModelUnavailable)
    assert server.connections == 0


# httpcore2 leaves the socket of a denied SOCKS login to the garbage collector, which then complains.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_denies_is_a_failure(server: ModelServer, scheme: str) -> None:
    async with proxy_of(KINDS[scheme], "--login", "me:pa55") as proxy:
        outcome = await ask(Vendor.OPENAI, server.origin, f"{scheme}://me:wrong@{proxy.address}")

    failure, told = type(outcome.failure), str(outcome.failure)
    del outcome
    gc.collect()
    assert failure in {ModelUnavailable, ModelMisconfigured}
    assert "wrong" not in told
    assert server.connections == 0


@pytest.mark.parametrize("vendor", Vendor)
async def test_a_proxy_of_the_environment_is_not_asked(
    server: ModelServer, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    outcome = await ask(vendor, server.origin, "")

    assert outcome.text == "二四"


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
async def test_an_exception_of_the_environment_is_no_way_around(
    server: ModelServer, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")

    outcome = await ask(Vendor.OPENAI, server.origin, f"{scheme}://127.0.0.1:9")

    assert isinstance(outcome.failure, ModelUnavailable)
    assert server.connections == 0


IMPORTS = """
import sys
from adapters.openai.chat import ChatOptions, OpenAIChatModel
from adapters.openai.connection import Connection
from adapters.openai.connection import OpenAIEndpoint, ConnectionOptions

endpoint = OpenAIEndpoint(api_key="k", base_url="http://model.test/v1")
OpenAIChatModel(Connection(endpoint, ConnectionOptions()), ChatOptions(model="m"))
print([name for name in ("openai", "httpx2", "aiohttp", "pydantic") if name in sys.modules])
"""


async def test_a_model_that_nobody_asked_yet_has_not_imported_the_sdk() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", IMPORTS),
        stdout=asyncio.subprocess.PIPE,
        env=environment_of(),
    )

    told, _ = await process.communicate()

    assert told.decode().strip() == "[]"

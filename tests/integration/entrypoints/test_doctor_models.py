"""Each way in which a model service fails is told apart from the others, with the address that was asked."""

import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from adapters.clock import SystemClock
from entrypoints.doctor.finding import Finding, Verdict
from entrypoints.doctor.models import models
from entrypoints.doctor.patient import Patient
from entrypoints.settings import load
from tests.fakes.model_server import (
    SMALL_PNG,
    Behaviour,
    Call,
    Line,
    ModelServer,
    answer,
    chunk,
    completion,
    drawn,
    error,
    finished,
    reset,
    silence,
    status,
    stream,
)
from tests.service.running import free_port

pytestmark = pytest.mark.anyio

KEY = "sk-canary-of-the-model"
TLS = Path(__file__).parents[1] / "models" / "tls"
Changes = dict[str, str]


TWO = answer("2")


def offering(*names: str, chat: Behaviour = TWO, picture: bytes = SMALL_PNG) -> Behaviour:
    """A server with that list of models; without any it has no list."""

    async def behave(line: Line, call: Call) -> None:
        if call.path.endswith("/models"):
            listed = {"data": [{"id": name} for name in names]}
            await (status(200, listed) if names else status(404, {}))(line, call)
        elif "images" in call.path:
            await drawn(picture)(line, call)
        else:
            await chat(line, call)

    return behave


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer(lists_models=True).serving(offering()) as serving:
        yield serving


async def examined(keys: Changes, *, draws: bool = False) -> list[Finding]:
    base = {"APIKEY": KEY, "MODEL": "gpt-x", "IMAGE_MODEL": "image-x"}
    settings = load(environment=base | keys).settings
    async with httpx.AsyncClient() as client:
        patient = Patient(settings=settings, to_dingtalk=client, clock=SystemClock(), draws=draws)
        found = [one async for one in models(patient)]
    assert KEY not in json.dumps([one.fact for one in found])
    return found


def codes(found: list[Finding]) -> list[str]:
    return [one.trouble.code for one in found if one.trouble]


@pytest.mark.parametrize(
    ("chat", "code"),
    [
        (error(401, "invalid_api_key"), "model-key"),
        (error(400, "invalid_api_key"), "model-key"),
        (error(403, "permission_denied"), "model-permission"),
        (status(404, "<html>not found</html>"), "model-address"),
        (status(404, {"detail": "Not Found"}), "model-address"),
        (error(404, "", message="Invalid URL (POST /v1/v1/chat/completions)"), "model-address"),
        (status(404, {"error": {"code": "404", "message": "Resource not found"}}), "model-address"),
        (error(404, "model_not_found"), "model-unknown"),
        (error(404, "", message="model 'gpt-x' not found, try pulling it first"), "model-unknown"),
        (status(404, {"error": {"code": "DeploymentNotFound", "message": "no"}}), "model-unknown"),
        (status(405, {"detail": "Method Not Allowed"}), "model-address"),
        (status(301, "", "Location: /elsewhere"), "model-address"),
        (error(402), "model-funds"),
        (error(429, "insufficient_quota"), "model-funds"),
        (error(429, "rate_limit_exceeded"), "model-rate-limit"),
        (error(400, "invalid_value", param="temperature"), "model-request"),
        (error(400, "context_length_exceeded"), "model-context"),
        (error(400, "content_filter"), "model-declined"),
        (error(500), "model-server"),
        (error(503), "model-server"),
        (reset, "model-disconnected"),
        (status(200, "<html>welcome to nginx</html>"), "model-odd"),
        (status(200, {"hello": "world"}), "model-server"),
        (status(200, {"error": {"code": "invalid_api_key", "message": "no"}}), "model-key"),
        (status(200, {"error": {"code": "insufficient_quota", "message": "no"}}), "model-funds"),
        (status(400, {"error": {"code": "Arrearage", "message": "overdue"}}), "model-funds"),
        (status(400, {"error": {"message": "Model Not Exist"}}), "model-unknown"),
        (answer(""), "model-empty"),
    ],
)
async def test_what_a_service_says_is_told_apart(
    server: ModelServer, chat: Behaviour, code: str
) -> None:
    server.script = [offering(chat=chat)]

    found = await examined({"BASE_URL": server.url})

    assert codes(found) == [code]
    assert found[0].verdict is Verdict.FAILED
    assert f"{server.url}/chat/completions" in found[0].fact


@pytest.mark.parametrize(
    ("base", "proxy", "code"),
    [
        ("http://127.0.0.1:{dead}/v1", "", "model-connection"),
        ("http://no-such-name.invalid/v1", "", "model-dns"),
        ("https://127.0.0.1:{tls}/v1", "", "model-tls"),
        ("http://127.0.0.1:{tls}/v1", "", "model-disconnected"),
        ("http://model.test/v1", "http://127.0.0.1:{dead}", "model-proxy"),
        ("https://model.test/v1", "http://127.0.0.1:{dead}", "model-proxy"),
        ("http://model.test/v1", "socks5://127.0.0.1:{dead}", "model-proxy"),
        ("http://model.test/v1", "http://no-such-name.invalid:1", "model-proxy"),
    ],
)
async def test_what_the_network_does_is_told_apart(base: str, proxy: str, code: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "loopback.crt", TLS / "loopback.key")
    async with ModelServer().serving(answer("2"), tls=context) as tls:
        ports = {"dead": free_port(), "tls": tls.port}
        keys = {"BASE_URL": base.format(**ports), "HTTP_PROXY": proxy.format(**ports)}

        found = await examined(keys)

    assert codes(found) == [code]


async def test_silence_ends_with_the_configured_limit(server: ModelServer) -> None:
    server.script = [offering(chat=silence())]

    found = await examined({"BASE_URL": server.url, "REQUEST_TIMEOUT": "1"})

    assert codes(found) == ["model-timeout"]


async def test_it_asks_as_a_question_does(server: ModelServer) -> None:
    keys = {"SYSTEM_PROMPT": "你是助手。", "TEMPERATURE": "0.5", "BASE_URL": server.url}

    found = await examined(keys)

    assert codes(found) == []
    (call,) = [one for one in server.calls if one.path.endswith("/chat/completions")]
    assert call.body["stream"] is True
    assert call.body["temperature"] == 0.5
    messages = call.body["messages"]
    assert isinstance(messages, list)
    assert messages[0] == {"role": "system", "content": "你是助手。"}
    assert "to the first piece" in found[0].fact


async def test_every_provider_is_asked_by_its_own_key(server: ModelServer) -> None:
    async with ModelServer(lists_models=True).serving(offering(chat=error(401))) as second:
        providers = [
            {"name": "one", "kind": "openai", "api_key": "sk-1", "base_url": server.url},
            {"name": "two", "kind": "openai", "api_key": "sk-2", "base_url": second.url},
        ]

        found = await examined({"PROVIDERS": json.dumps(providers)})

        assert second.calls[0].headers["authorization"] == "Bearer sk-2"
    told = [one for one in found if one.hop == "model"]
    assert [(one.about, one.verdict) for one in told] == [
        ("one", Verdict.WELL),
        ("two", Verdict.FAILED),
    ]


def thoughts(*, then: bytes, end: str) -> Behaviour:
    thought = [chunk({"reasoning_content": f"thought {number} "}) for number in range(300)]
    return stream(*thought, then, finished(end), b"data: [DONE]\n\n")


async def test_a_model_that_thinks_for_long_is_well(server: ModelServer) -> None:
    server.script = [offering(chat=thoughts(then=chunk({"content": "2"}), end="stop"))]

    assert codes(await examined({"BASE_URL": server.url})) == []


async def test_a_model_that_thinks_until_the_limit_is_no_failure(server: ModelServer) -> None:
    server.script = [offering(chat=thoughts(then=chunk({"reasoning_content": "."}), end="length"))]

    (finding, *_) = await examined({"BASE_URL": server.url})

    assert finding.verdict is Verdict.WARNING
    assert codes([finding]) == ["model-thinking"]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (("gpt-x", "image-x"), []),
        (("GPT-X:latest", "image-x"), []),
        (("gpt-x",), ["model-not-offered"]),
        (("other", "image-x"), ["model-not-offered"]),
        ((), []),
    ],
)
async def test_the_configured_models_are_compared_with_the_list(
    server: ModelServer, listed: tuple[str, ...], expected: list[str]
) -> None:
    server.script = [offering(*listed)]

    assert codes(await examined({"BASE_URL": server.url})) == expected


async def test_a_picture_is_made_only_where_it_is_asked_for(server: ModelServer) -> None:
    listed = await examined({"BASE_URL": server.url})
    assert not [one for one in server.calls if "images" in one.path]

    made = await examined({"BASE_URL": server.url}, draws=True)
    assert len([one for one in server.calls if "images" in one.path]) == 1

    assert codes(listed) == codes(made) == []
    server.script = [offering(picture=b"no picture")]
    assert codes(await examined({"BASE_URL": server.url}, draws=True)) == ["picture"]


async def test_the_address_is_told_without_what_is_secret_in_it(server: ModelServer) -> None:
    server.script = [offering(chat=status(200, completion("2")))]

    found = await examined({"BASE_URL": f"{server.url}/sk-canary-path"})

    assert "canary" not in found[0].fact
    assert "/•••/chat/completions" in found[0].fact

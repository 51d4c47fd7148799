"""Secrets are in the configuration and nowhere else, whatever goes wrong."""

import signal
from collections.abc import Iterator

import pytest

from tests.fakes.model_server import Behaviour, error, status
from tests.service.neighbours import THROTTLE_PAGE, FakeModel, SimulatedDingTalk, errcode
from tests.service.running import Config, RunningService, eventually, free_port
from tests.service.talk import People, signature

CANARIES = {
    "app secret": "canary-app-secret-1",
    "client secret": "canary-client-secret-2",
    "api key": "sk-canary-api-key-3",
    "second api key": "sk-canary-api-key-4",
    "proxy password": "canary-proxy-5",
    "outgoing token": "canary-token-6",
}


@pytest.fixture(scope="module")
def careless(
    tmp_path_factory: pytest.TempPathFactory,
    shared_model: FakeModel,
    dingtalk: SimulatedDingTalk,
) -> Iterator[RunningService]:
    """Its first provider is behind a proxy that is not there, its second one does not take the key."""
    proxy = f"http://user:{CANARIES['proxy password']}@127.0.0.1:{free_port()}"
    config: Config = {
        "log_level": "debug",
        "app_secrets": [CANARIES["app secret"]],
        "credentials": [{"client_id": "ding1", "client_secret": CANARIES["client secret"]}],
        "outgoing_tokens": [CANARIES["outgoing token"]],
        "webhook_hosts": [dingtalk.url],
        "dingtalk_api_url": dingtalk.url,
        "providers": [
            _provider("behind", CANARIES["api key"], shared_model, proxy=proxy),
            _provider("open", CANARIES["second api key"], shared_model),
        ],
        "request_timeout": "5s",
    }
    with RunningService(folder=tmp_path_factory.mktemp("canary"), config=config) as running:
        yield running


def _provider(name: str, key: str, model: FakeModel, **more: object) -> dict[str, object]:
    options = {"api_key": key, "base_url": model.url, "model": "some-model", **more}
    return {"name": name, "kind": "openai", **options}


def test_no_secret_is_ever_told(
    careless: RunningService, model: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    pages = _provoked(careless, model, dingtalk)

    kept = b"".join(
        file.read_bytes() for file in (careless.folder / "data").rglob("*") if file.is_file()
    )
    places = {
        "log": careless.said,
        "replies": _said_to_people(dingtalk),
        "answers": "".join(pages),
        "data": kept.decode("latin-1"),
    }
    assert [
        (name, place)
        for name, secret in CANARIES.items()
        for place, text in places.items()
        if secret in text
    ] == []
    assert signature(1_700_000_000_000, CANARIES["app secret"])["sign"] not in careless.said


def _provoked(service: RunningService, model: FakeModel, dingtalk: SimulatedDingTalk) -> list[str]:
    """What went wrong, one thing after another, as the service told it to those who called."""
    zhang = People(service, dingtalk).stranger().with_robot(CANARIES["app secret"])
    faults: list[Behaviour] = [
        error(401, "invalid_api_key", message=f"Incorrect key: {CANARIES['second api key']}"),
        status(500, f"<html>{CANARIES['second api key']}</html>"),
    ]
    for fault in faults:
        model.will(then=fault)
        zhang.ask("会出错的问题")
    dingtalk.will(THROTTLE_PAGE, errcode(300001))
    zhang.with_robot(CANARIES["client secret"]).say("送不到的帮助").parts()
    zhang.say("送到别处", sessionWebhook=f"http://evil.example/?{CANARIES['app secret'][::-1]}")
    stale = signature(1_700_000_000_000, CANARIES["app secret"])
    pages = [
        service.post([], headers).text
        for headers in (stale, stale | {"sign": "x"}, {"token": CANARIES["outgoing token"]})
    ]
    pages.append(zhang.post({"msgId": ["no id"]}).text)
    broken = {
        "http_proxy": f"user:{CANARIES['proxy password']}@nowhere",
        "app_secrets": [CANARIES["app secret"], " "],
        "database_url": f"mysql://user:{CANARIES['proxy password']}@nowhere/d",
    }
    service.write(service.config | broken)
    service.send_signal(signal.SIGHUP)
    eventually(lambda: service.events("configuration_not_reloaded"))
    pages += [service.get(path).text for path in ("/", "/livez")]
    return pages


def _said_to_people(dingtalk: SimulatedDingTalk) -> str:
    return "".join(call.text() for call in dingtalk.calls())

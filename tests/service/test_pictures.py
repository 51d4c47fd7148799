"""Pictures, from the wish to the reply; the tests are the lives of one service."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.model_server import SMALL_PNG, drawn, error, linked, named_picture, silence
from tests.fakes.pictures import picture_bytes
from tests.service.conftest import config_of
from tests.service.neighbours import (
    CLIENT_ID,
    HANG,
    OLD_TOKEN,
    UPLOAD,
    FakeModel,
    SimulatedDingTalk,
    errcode,
)
from tests.service.running import RunningService, eventually
from tests.service.talk import SECRET, People, Person

PUBLIC = "https://robot.example"
CREDENTIALS = [{"client_id": CLIENT_ID, "client_secret": SECRET}]


@pytest.fixture(scope="module")
def painter(
    tmp_path_factory: pytest.TempPathFactory, shared_model: FakeModel, dingtalk: SimulatedDingTalk
) -> Iterator[RunningService]:
    """Its robot has credentials, and it has no address of its own."""
    config = config_of(
        shared_model,
        dingtalk,
        max_request=5,
        image_model="some-image-model",
        credentials=CREDENTIALS,
        dingtalk_api_url=dingtalk.url,
        dingtalk_oapi_url=dingtalk.url,
        sensitive_words=["机密项目"],
    )
    with RunningService(folder=tmp_path_factory.mktemp("painter"), config=config) as running:
        yield running


@pytest.fixture
def wang(painter: RunningService, dingtalk: SimulatedDingTalk, model: FakeModel) -> Person:  # noqa: ARG001 - a model that has forgotten
    return People(painter, dingtalk).stranger()


def kept(service: RunningService) -> set[Path]:
    return set((service.folder / "data" / "images").glob("*"))


def uploads(dingtalk: SimulatedDingTalk) -> int:
    return len(dingtalk.calls(UPLOAD))


def latest_media_id(dingtalk: SimulatedDingTalk) -> str:
    return str(json.loads(dingtalk.calls(UPLOAD)[-1].call.answer_body)["media_id"])


def test_a_picture_is_drawn_kept_uploaded_shown_and_charged_once(
    painter: RunningService, wang: Person, model: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    before = kept(painter) if (painter.folder / "data" / "images").exists() else set()

    reply = wang.ask("#图片 雪山下的木屋")

    (call,) = model.calls
    assert (call.path, call.body["model"]) == ("/v1/images/generations", "some-image-model")
    assert call.body["prompt"] == "雪山下的木屋"
    assert wang.staff_id not in str(call.body)
    assert reply == f"![图片]({latest_media_id(dingtalk)})\n\n> 雪山下的木屋"
    (file,) = kept(painter) - before
    assert file.read_bytes() == SMALL_PNG
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "已提问 **1** 次" in wang.ask("用量")


def test_what_is_kept_is_served_under_its_name_and_nothing_else(
    painter: RunningService, wang: Person
) -> None:
    wang.ask("#图片 雪山")

    for file in kept(painter):
        response = painter.get(f"/images/{file.name}")
        assert (response.status_code, response.content) == (200, file.read_bytes())
        assert response.headers["content-type"] == "image/png"
        assert response.headers["x-content-type-options"] == "nosniff"
    for name in ("", "x.png", "%2e%2e%2fchatgpt-dingtalk.sqlite", f"{'0' * 32}.png"):
        assert painter.get(f"/images/{name}").status_code == 404


def test_a_picture_that_is_only_named_is_fetched(
    painter: RunningService, wang: Person, model: FakeModel
) -> None:
    content = picture_bytes(width=7)
    model.will(linked(content), linked(content))

    wang.ask("#图片 雪山")

    assert [call.method for call in model.calls] == ["POST", "GET"]
    assert content in [file.read_bytes() for file in kept(painter)]


def test_a_model_that_takes_no_response_format_is_asked_without_it(
    wang: Person, model: FakeModel
) -> None:
    model.will(error(400, "unknown_parameter", message="Unknown parameter: 'response_format'."))

    assert "![图片](" in wang.ask("#图片 雪山")
    assert "![图片](" in wang.ask("#图片 大海")
    assert ["response_format" in call.body for call in model.calls][1:] == [False, False]


@pytest.mark.parametrize(
    "behaviour",
    [
        error(400, "content_policy_violation"),
        error(401, "invalid_api_key", message="Incorrect API key sk-service-tests"),
        drawn(b"<script>alert(1)</script>"),
        drawn(picture_bytes()[:50]),
        named_picture({"url": "https://169.254.169.254/latest/meta-data"}),
        named_picture({"url": "http://127.0.0.1:1/x.png"}),
    ],
)
def test_a_wish_that_comes_to_nothing_is_told_and_costs_nothing(
    painter: RunningService,
    wang: Person,
    model: FakeModel,
    dingtalk: SimulatedDingTalk,
    behaviour: object,
) -> None:
    wang.ask("#图片 先画一张")
    before, taken = kept(painter), uploads(dingtalk)
    model.will(then=behaviour)  # type: ignore[arg-type] # each is a Behaviour

    said = wang.say("#图片 雪山")

    assert "没有计入次数" in said.reply()
    assert "sk-service-tests" not in said.reply()
    assert said.decision()[0] == "failed"
    assert (kept(painter), uploads(dingtalk)) == (before, taken)
    assert "已提问 **1** 次" in wang.ask("用量")


def test_what_dingtalk_refuses_is_given_back_and_leaves_nothing(
    painter: RunningService, wang: Person, dingtalk: SimulatedDingTalk
) -> None:
    wang.ask("#图片 先画一张")
    before = kept(painter)
    dingtalk.will(errcode(40004), at=UPLOAD)

    assert "钉钉没有收下" in wang.ask("#图片 雪山")
    assert kept(painter) == before
    assert "已提问 **1** 次" in wang.ask("用量")


def test_a_token_that_has_ended_is_renewed(wang: Person, dingtalk: SimulatedDingTalk) -> None:
    wang.ask("#图片 先画一张")
    asked = len(dingtalk.calls(OLD_TOKEN))
    dingtalk.end_tokens()

    assert "![图片](" in wang.ask("#图片 雪山")
    assert len(dingtalk.calls(OLD_TOKEN)) == asked + 1


def test_a_hostile_prompt_is_words_and_nothing_else(
    wang: Person, dingtalk: SimulatedDingTalk
) -> None:
    prompt = (
        "![x](http://evil.example/i) @all `code` [点我](dtmd://x) <img src=https://evil.example>"
    )

    reply = wang.ask(f"#图片 {prompt}")

    assert reply.startswith(f"![图片]({latest_media_id(dingtalk)})\n\n> ")
    words = reply.partition("> ")[2]
    assert not [sign for sign in ("![", "](", "<", "`", "@all", "dtmd:") if sign in words]


def test_a_sensitive_prompt_reaches_no_model(wang: Person, model: FakeModel) -> None:
    reply = wang.ask("#图片 机密 项目的海报")

    assert "机密" not in reply
    assert model.calls == []
    assert "已提问 **0** 次" in wang.ask("用量")


def test_pictures_and_questions_share_one_allowance(wang: Person, model: FakeModel) -> None:
    for number in range(5):
        wang.ask(f"#图片 第{number}张")

    assert "已经用完" in wang.ask("#图片 再来一张")
    assert "已经用完" in wang.ask("还能问吗")
    assert len(model.calls) == 5


def test_without_credentials_and_address_nothing_is_drawn_and_the_keys_are_named(
    zhang: Person, model: FakeModel
) -> None:
    reply = zhang.ask("#图片 雪山")

    assert "`credentials`" in reply
    assert "`service_url`" in reply
    assert model.calls == []
    assert "已提问 **0** 次" in zhang.ask("用量")


def test_with_an_address_only_the_picture_is_shown_from_there(
    folder: Path, model: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    config = config_of(model, dingtalk, service_url=PUBLIC)
    with RunningService(folder=folder, config=config) as service:
        reply = People(service, dingtalk).stranger().ask("#图片 雪山")

        (file,) = kept(service)
        url = f"{PUBLIC}/images/{file.name}"
        assert reply == f"![图片]({url})\n\n> 雪山\n\n[查看原图]({url})"
        assert service.get(f"/images/{file.name}").content == SMALL_PNG


@pytest.mark.parametrize("moment", ["while it is drawn", "while it is uploaded"])
def test_a_kill_costs_one_charge_and_shows_one_picture(
    painter: RunningService,
    wang: Person,
    model: FakeModel,
    dingtalk: SimulatedDingTalk,
    moment: str,
) -> None:
    wang.ask("用量")
    if moment == "while it is drawn":
        model.will(silence())
    else:
        dingtalk.will(HANG, at=UPLOAD)
    said = wang.say("#图片 画到一半")
    eventually(lambda: model.calls if "drawn" in moment else dingtalk.has_failed_as_told())
    model.will()

    painter.kill()
    painter.start()

    assert "![图片](" in said.reply()
    assert "已提问 **1** 次" in wang.ask("用量")
    assert (len(said.tries()), len(model.calls)) == (1, 2)
    assert wang.post(said.body).status_code == 200
    assert "已提问 **1** 次" in wang.ask("用量")
    assert not [file for file in kept(painter) if file.suffix == ".part"]

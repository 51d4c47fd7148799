"""From DingTalk's callback to the reply in the chat."""

from collections.abc import Callable

import httpx
import pytest

from tests.service.neighbours import FakeModel
from tests.service.running import RunningService
from tests.service.talk import OTHER_SECRET, SECRET, Person, signature, some_group

Configure = Callable[..., None]


def test_the_model_is_asked_the_question_and_its_answer_goes_to_the_webhook(
    zhang: Person, model: FakeModel
) -> None:
    (reply,) = zhang.say(" 你好吗？ ").parts()

    (call,) = model.calls
    assert call.path == "/v1/chat/completions"
    assert call.headers["authorization"] == "Bearer sk-service-tests"
    assert call.body["model"] == "some-model"
    assert call.body["messages"] == [{"role": "user", "content": "你好吗？"}]
    assert reply.body is not None
    assert reply.body["msgtype"] == "markdown"
    assert reply.text() == "echo 你好吗？"


def test_the_provider_learns_a_pseudonym_that_is_not_the_persons_id(
    zhang: Person, model: FakeModel
) -> None:
    zhang.ask("一")
    zhang.within(some_group()).ask("二")

    first, second = (call.body["user"] for call in model.calls)
    assert first == second
    assert zhang.staff_id not in str(first)


def test_an_answer_in_private_mentions_nobody(zhang: Person) -> None:
    (reply,) = zhang.say("在吗").parts()

    assert reply.body is not None
    assert reply.body["at"] == {"atUserIds": [], "isAtAll": False}
    assert "@" not in reply.text()


def test_an_answer_in_a_group_mentions_the_asker(zhang: Person) -> None:
    (reply,) = zhang.within(some_group()).say("在吗").parts()

    assert reply.body is not None
    assert reply.body["at"] == {"atUserIds": [zhang.staff_id], "isAtAll": False}
    assert reply.text() == f"echo 在吗\n\n@{zhang.staff_id}"


def test_the_title_is_the_first_words_of_the_answer(zhang: Person) -> None:
    (reply,) = zhang.say("# 标题在此\n\n正文").parts()

    assert reply.body is not None
    markdown = reply.body["markdown"]
    assert isinstance(markdown, dict)
    assert markdown["title"] == "echo 标题在此"


def test_the_system_prompt_goes_first_once_it_is_set(
    zhang: Person, model: FakeModel, configure: Configure
) -> None:
    configure(system_prompt="你是一只猫。")

    zhang.ask("你是谁")

    assert model.heard == [
        [{"role": "system", "content": "你是一只猫。"}, {"role": "user", "content": "你是谁"}]
    ]


def test_the_transcript_of_a_voice_message_is_a_question(zhang: Person, model: FakeModel) -> None:
    said = zhang.say("", msgtype="audio", text=None, content={"recognition": "明天几号"})

    assert said.reply() == "echo 明天几号"
    assert model.questions == ["明天几号"]


def test_a_picture_gets_one_polite_reply_and_costs_nothing(zhang: Person, model: FakeModel) -> None:
    said = zhang.say("", msgtype="picture", text=None, content={"downloadCode": "x"})

    assert "文字" in said.reply()
    assert model.calls == []
    assert "**0** 次" in zhang.ask("用量")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"timestamp": "1700000000000", "sign": "c2lnbg=="},
        signature(1_700_000_000_000, SECRET),
    ],
    ids=["unsigned", "wrong", "stale"],
)
def test_what_nobody_vouches_for_is_refused_and_leaves_no_trace(
    zhang: Person, model: FakeModel, service: RunningService, headers: dict[str, str]
) -> None:
    body = zhang.message("让我进去")

    refused = service.post(body, headers)

    assert (refused.status_code, refused.json()) == (401, {"error": "unauthorized"})
    assert service.rows("SELECT id FROM messages WHERE msg_id = ?", body["msgId"]) == []
    assert model.calls == []


def test_every_configured_robot_may_call(zhang: Person) -> None:
    assert zhang.with_robot(OTHER_SECRET).ask("我是第二个") == "echo 我是第二个"


def test_the_service_says_that_it_lives_and_nothing_else_is_public(
    service: RunningService,
) -> None:
    assert service.get("/").json().keys() == {"status", "message"}
    assert service.get("/livez").is_success
    assert service.readiness() == {"ready": True, "reasons": [], "warnings": []}
    for path in ("/schema", "/docs", "/debug", "/data/chatgpt-dingtalk.sqlite", "/config.yml"):
        assert service.get(path).status_code == httpx.codes.NOT_FOUND
    assert service.client.put(service.url).status_code == httpx.codes.METHOD_NOT_ALLOWED


def test_what_is_kept_is_for_its_owner_alone(service: RunningService, zhang: Person) -> None:
    zhang.ask("记下来")
    data = service.folder / "data"

    assert data.stat().st_mode & 0o077 == 0
    assert [file for file in data.iterdir() if file.stat().st_mode & 0o077] == []

"""Messages that are not plain words: what was not read is said, and commands stay commands."""

from collections.abc import Callable

import pytest

from tests.service.neighbours import FakeModel
from tests.service.running import RunningService
from tests.service.talk import Person, next_signature, some_group

Configure = Callable[..., None]

PICTURE = {"type": "picture", "downloadCode": "mIofN1"}
NOT_SEEN = "我看不到图片"


def rich(*pieces: dict[str, str], **more: object) -> dict[str, object]:
    return {"msgtype": "richText", "text": None, "content": {"richText": [*pieces], **more}}


def test_a_used_up_allowance_is_told_truly_and_the_operator_learns_of_it(
    zhang: Person, service: RunningService, model: FakeModel
) -> None:
    said = zhang.say("", text=None, errorCode=20001, errorMessage="quota")

    assert "额度用完了" in said.reply()
    assert said.decision() == ("refused", "allowance_used_up")
    assert service.events("dingtalk_allowance_used_up")
    assert "allowance" in str(service.readiness()["warnings"])
    assert 'callback_errors_total{code="20001"}' in service.get("/metrics").text
    assert zhang.ask("你好") == "echo 你好"
    assert "allowance" not in str(service.readiness()["warnings"])
    assert len(model.calls) == 1


def test_an_encrypted_body_is_refused_with_a_hint(service: RunningService, zhang: Person) -> None:
    refused = service.post({"encrypt": "AbCd=="}, next_signature(zhang.secret))

    assert refused.status_code == 400
    assert service.events("callback_encrypted")


@pytest.mark.parametrize(
    "pieces",
    [
        [{"text": "@小助手"}, {"text": "帮助"}],
        [{"text": "@小助手 帮助"}],
        [{"text": "@AI 小助手"}, {"text": " 帮助"}],
        [{"text": "@小助手"}],
    ],
)
def test_the_robots_own_name_in_front_of_a_command_is_no_question(
    zhang: Person, model: FakeModel, pieces: list[dict[str, str]]
) -> None:
    reply = zhang.within(some_group()).say("", **rich(*pieces)).reply()

    assert "我能做什么" in reply
    assert model.calls == []


def test_a_picture_beside_words_is_not_dropped_in_silence(zhang: Person, model: FakeModel) -> None:
    reply = zhang.say("", **rich({"text": "这是什么？"}, PICTURE)).reply()

    first, _, rest = reply.partition("\n\n")
    assert NOT_SEEN in first
    assert rest == "echo 这是什么？"
    assert model.questions == ["这是什么？"]


def test_a_picture_in_what_is_quoted_is_not_dropped_in_silence(zhang: Person) -> None:
    quoted = {"msgType": "picture", "content": {"downloadCode": "mIofN1"}}

    reply = zhang.say("", text={"content": "这是什么？", "repliedMsg": quoted}).reply()

    assert reply.startswith("（" + NOT_SEEN)
    assert NOT_SEEN not in zhang.ask("那是什么？")

"""How an answer gets into the chat, or waits until it can."""

import re
import time
from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal

from tests.fakes.model_server import answer
from tests.service.neighbours import (
    CLOSE,
    FakeModel,
    Received,
    SimulatedDingTalk,
    errcode,
    redirect,
    simulated_dingtalk,
)
from tests.service.running import RunningService, eventually
from tests.service.talk import NUMBERED, Person, some_group

LARGEST_BODY = 20_000
LINES = [f"第 {number:04} 行，这一行的后面还有一些话。" for number in range(700)]
CODE = ["```python", *(f"print({number}, '一行代码')" for number in range(300)), "```"]
LONG = "\n\n".join(["\n".join(LINES[:350]), "\n".join(CODE), "\n".join(LINES[350:])])


@pytest.fixture
def stranger(portal: BlockingPortal) -> Iterator[SimulatedDingTalk]:
    """A server on this machine that no reply may be sent to."""
    with simulated_dingtalk(portal) as opened:
        yield opened


def test_a_long_answer_comes_in_numbered_parts_in_order_each_small_enough(
    zhang: Person, model: FakeModel
) -> None:
    assert len(LONG.encode()) > 40_000
    model.will(answer(LONG))
    said = zhang.within(some_group()).say("写长一点")

    first = said.parts()[0].text()
    numbered = NUMBERED.match(first)
    assert numbered is not None
    count = int(numbered[2])
    parts = said.parts(count)

    texts = [part.text() for part in parts]
    assert [text.split("\n")[0] for text in texts] == [
        f"({n}/{count})" for n in range(1, count + 1)
    ]
    assert max(part.size for part in parts) <= LARGEST_BODY
    assert [text.count("```") % 2 for text in texts] == [0] * count
    whole = "\n".join(texts)
    assert re.findall(r"第 \d{4} 行", whole) == [line[:8] for line in LINES]
    assert re.findall(r"print\((\d+),", whole) == [str(number) for number in range(300)]
    assert [mentioned(part) for part in parts] == [[]] * (count - 1) + [[zhang.staff_id]]
    assert whole.count(f"@{zhang.staff_id}") == 1


def mentioned(part: Received) -> object:
    at = (part.body or {})["at"]
    assert isinstance(at, dict)
    return at["atUserIds"]


def test_a_busy_dingtalk_is_tried_again_until_the_reply_is_delivered_once(
    zhang: Person, dingtalk: SimulatedDingTalk, model: FakeModel
) -> None:
    dingtalk.will(errcode(-1), errcode(-1))

    said = zhang.say("在吗")
    tries = said.parts(3)

    assert [one.text() for one in tries] == ["echo 在吗"] * 3
    assert len(model.calls) == 1
    zhang.ask("还在吗")
    assert len(said.tries()) == 3


def test_a_broken_connection_to_dingtalk_is_tried_again(
    zhang: Person, dingtalk: SimulatedDingTalk, model: FakeModel
) -> None:
    dingtalk.will(CLOSE)

    assert len(zhang.say("在吗").parts(2)) == 2
    assert len(model.calls) == 1


def test_what_a_dead_session_did_not_take_comes_first_at_the_next_message(
    zhang: Person, dingtalk: SimulatedDingTalk, model: FakeModel, service: RunningService
) -> None:
    dingtalk.will(errcode(300001))
    lost = zhang.say("第一个问题")
    wait_until_undelivered(lost.msg_id, service)

    again = zhang.say("第二个问题")

    assert [one.text() for one in again.parts(2)] == ["echo 第一个问题", "echo 第二个问题"]
    assert len(lost.tries()) == 1
    assert model.questions == ["第一个问题", "第二个问题"]
    zhang.ask("第三个问题")
    assert len(again.tries()) == 2


def wait_until_undelivered(msg_id: str, service: RunningService) -> None:
    query = "SELECT delivery FROM messages WHERE msg_id = ?"
    eventually(lambda: service.rows(query, msg_id) == [("waiting",)])


def test_what_waits_does_not_go_to_another_conversation(
    zhang: Person, dingtalk: SimulatedDingTalk, service: RunningService
) -> None:
    dingtalk.will(errcode(300001))
    wait_until_undelivered(zhang.say("私下的问题").msg_id, service)

    in_group = zhang.within(some_group()).say("群里的问题")

    assert [one.text().split("\n")[0] for one in in_group.parts()] == ["echo 群里的问题"]
    assert zhang.ask("帮助") == "echo 私下的问题"


def test_an_expired_webhook_is_not_tried(zhang: Person, service: RunningService) -> None:
    expired = zhang.say("太晚了", sessionWebhookExpiredTime=int(time.time() * 1000) - 1)
    wait_until_undelivered(expired.msg_id, service)

    again = zhang.say("现在呢")

    assert [one.text() for one in again.parts(2)] == ["echo 太晚了", "echo 现在呢"]
    assert expired.tries() == []


def test_a_webhook_of_a_server_that_is_not_allowed_is_never_connected_to(
    zhang: Person, stranger: SimulatedDingTalk, service: RunningService, dingtalk: SimulatedDingTalk
) -> None:
    port = stranger.url.rpartition(":")[2]
    allowed = dingtalk.url.removeprefix("http://")
    hostile = [
        stranger.webhook("x"),
        f"http://localhost:{port}/robot/sendBySession?session=x",
        f"http://127.1:{port}/",
        f"http://2130706433:{port}/",
        f"http://0x7f000001:{port}/",
        f"http://[::ffff:127.0.0.1]:{port}/",
        f"http://{allowed}@127.0.0.1:{port}/",
        f"http://127.0.0.1:{port}#@{allowed}/",
        f"http://127.0.0.1:{port}\\@{allowed}/",
        f"http://{allowed}.evil.example/",
        f"https://{allowed}/",
        f"ftp://{allowed}/",
        "http://169.254.169.254/latest/meta-data/",
        "https://oapi.dingtalk.com.evil.example/robot/sendBySession?session=x",
        "//evil.example/",
        "",
    ]

    for url in hostile:
        wait_until_undelivered(zhang.say("送到哪去", sessionWebhook=url).msg_id, service)

    again = zhang.say("送到这里")
    texts = [one.text() for one in again.parts(len(hostile) + 1)]
    assert texts == ["echo 送到哪去"] * len(hostile) + ["echo 送到这里"]
    assert stranger.calls() == []


def test_a_redirect_is_not_followed(
    zhang: Person, stranger: SimulatedDingTalk, dingtalk: SimulatedDingTalk
) -> None:
    dingtalk.will(redirect(stranger.webhook("x"), 307))

    assert len(zhang.say("在吗").parts(2)) == 2
    assert stranger.calls() == []


def test_what_a_model_writes_loads_no_picture_and_calls_nobody(
    zhang: Person, model: FakeModel
) -> None:
    model.will(answer("![x](https://evil.example/?q=1) @all @所有人 <b>粗</b> `a<b>`"))

    (reply,) = zhang.within(some_group()).say("来").parts()

    assert "![" not in reply.text()
    assert "`a<b>`" in reply.text()
    assert mentioned(reply) == [zhang.staff_id]
    assert (reply.body or {})["at"] == {"atUserIds": [zhang.staff_id], "isAtAll": False}
    assert "@all" not in reply.text()
    assert "@所有人" not in reply.text()


@pytest.mark.parametrize(
    "webhook", ["https://xn--/", "https://xn--a.example/x", "https://[::1/", "http://a:b/", "x"]
)
def test_an_address_that_cannot_be_read_is_refused_once(
    zhang: Person, service: RunningService, webhook: str
) -> None:
    body = zhang.message("你好") | {"sessionWebhook": webhook}
    assert zhang.post(body).status_code == 200

    def not_sent() -> list[dict[str, object]]:
        return [one for one in service.events("reply_not_sent") if one["msg_id"] == body["msgId"]]

    def stored() -> list[tuple[object, ...]]:
        query = "SELECT delivery, failures FROM messages WHERE msg_id = ?"
        return service.rows(query, body["msgId"])

    eventually(not_sent)
    eventually(lambda: stored() == [("waiting", 0)])
    assert len(not_sent()) == 1

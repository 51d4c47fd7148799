"""DingTalk may deliver a message many times; it happens once."""

import re
from concurrent.futures import ThreadPoolExecutor

from tests.service.neighbours import FakeModel
from tests.service.running import RunningService
from tests.service.talk import OTHER_SECRET, Person, next_signature


def test_the_same_message_one_after_another_is_answered_once(
    zhang: Person, model: FakeModel
) -> None:
    said = zhang.say("在吗")
    said.reply()

    again = [zhang.post(said.body) for _ in range(3)]

    assert [(one.status_code, one.json()) for one in again] == [(200, {"msgtype": "empty"})] * 3
    zhang.ask("然后呢")
    assert model.questions == ["在吗", "然后呢"]
    assert len(said.tries()) == 1


def test_the_same_message_many_times_at_once_is_answered_once(
    zhang: Person, model: FakeModel
) -> None:
    body = zhang.message("在吗")

    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(lambda _: zhang.post(body).status_code, range(40)))

    assert answers == [200] * 40
    zhang.ask("然后呢")
    assert model.questions == ["在吗", "然后呢"]


def test_the_first_of_two_messages_with_one_id_wins(zhang: Person, model: FakeModel) -> None:
    said = zhang.say("第一个")
    said.reply()

    assert zhang.post({**said.body, "text": {"content": "第二个"}}).status_code == 200

    zhang.ask("然后呢")
    assert model.questions == ["第一个", "然后呢"]


def test_two_robots_may_use_one_message_id(zhang: Person, model: FakeModel) -> None:
    said = zhang.say("给第一个")
    said.reply()

    zhang.with_robot(OTHER_SECRET).say("", **{**said.body, "text": {"content": "给第二个"}})

    said.parts(2)
    assert model.questions == ["给第一个", "给第二个"]


def test_one_signature_vouches_for_few_messages(zhang: Person, service: RunningService) -> None:
    said = zhang.say("原来的")
    headers = next_signature(zhang.secret)

    statuses = [zhang.post(zhang.message("帮助"), **headers).status_code for _ in range(12)]

    assert statuses == [200] * 8 + [401] * 4
    assert said.reply() == "echo 原来的"
    assert service.events("signature_replayed")
    counted = re.search(
        r'requests_refused_total\{event="signature_replayed"\} (\d+)', service.get("/metrics").text
    )
    assert counted is not None
    assert int(counted[1]) >= 4

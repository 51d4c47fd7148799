"""How much is asked and answered at a time."""

from collections.abc import Callable

from adapters.tokens.toktok import ToktokCounter
from tests.fakes.model_server import answer
from tests.service.neighbours import FakeModel
from tests.service.talk import Person

Configure = Callable[..., None]

MESSAGE, REPLY = 4, 3
"""Tokens that the chat format adds to each message, and once."""


def test_a_question_over_the_limit_is_refused_with_its_length(
    zhang: Person, model: FakeModel, configure: Configure
) -> None:
    configure(max_question_len=20)

    reply = zhang.ask("很长的问题。" * 30)

    assert "上限是 20 个" in reply
    assert "太长" in reply
    assert model.calls == []
    assert "**0** 次" in zhang.ask("用量")


def test_a_question_of_a_megabyte_is_refused_and_a_longer_one_is_not_even_taken(
    zhang: Person, model: FakeModel
) -> None:
    assert "太长" in zhang.ask("很" * 300_000)

    assert zhang.post(zhang.message("很" * 600_000)).status_code == 413
    assert model.calls == []


def test_what_is_sent_stays_within_the_budget_however_long_the_talk_becomes(
    zhang: Person, model: FakeModel, configure: Configure
) -> None:
    configure(default_mode="串聊", max_text=300, max_answer_len=60, system_prompt="请简短。")
    count = ToktokCounter("some-model").count

    for number in range(12):
        zhang.ask(f"这是第{number}个问题，请记住它。")

    for call, messages in zip(model.calls, model.heard, strict=True):
        answer_limit = call.body["max_tokens"]
        assert isinstance(answer_limit, int)
        sent = sum(count(message["content"]) + MESSAGE for message in messages) + REPLY
        assert sent + answer_limit <= 300
        assert messages[0] == {"role": "system", "content": "请简短。"}
        assert [one["role"] for one in messages[1:]][:2] != ["assistant", "user"]
        assert len(messages) % 2 == 0
    lengths = [len(messages) for messages in model.heard]
    assert lengths[:3] == [2, 4, 6]
    assert max(lengths) < 24
    assert model.heard[-1][-3]["content"] == "这是第10个问题，请记住它。"


def test_an_answer_that_was_cut_says_so(zhang: Person, model: FakeModel) -> None:
    model.will(answer("说到一半", reason="length"))

    reply = zhang.ask("讲个长故事")

    assert reply.startswith("说到一半\n\n")
    assert "被截断" in reply

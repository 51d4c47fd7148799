"""The demo keeps the promises of a chat model and does on request what it offers."""

from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.demo.chat import DemoChatModel, answer_to
from application.errors import ModelUnavailable
from application.ports import ChatModel, Finish
from domain.conversation import Prompt, Turn
from tests.contracts.chat_model import PROMPT, ChatModelContract, everything_of, text_of

pytestmark = pytest.mark.anyio


async def at_once(_: timedelta) -> None:
    """Waits for nothing."""


def demo() -> DemoChatModel:
    return DemoChatModel(len, sleep=at_once)


def asking(question: str, *, turns: int = 0) -> Prompt:
    history = (Turn(question="q", answer="a", tokens=1),) * turns
    return Prompt(system="", turns=history, question=question, answer_limit=100)


class TestDemoChatModel(ChatModelContract):
    @pytest.fixture
    def model(self) -> ChatModel:
        return demo()


async def test_pieces_are_small_and_add_up_to_the_answer() -> None:
    items = await everything_of(demo())

    assert text_of(items) == answer_to(PROMPT)
    assert len(items) > 10


async def test_its_token_counts_include_the_context() -> None:
    *_, alone = await everything_of(demo(), asking("你好"))
    *_, in_talk = await everything_of(demo(), asking("你好", turns=2))

    assert isinstance(alone, Finish)
    assert isinstance(in_talk, Finish)
    assert alone.prompt_tokens is not None
    assert in_talk.prompt_tokens == alone.prompt_tokens + 4 + 4 * 4


@pytest.mark.parametrize(
    ("question", "greeting"),
    [
        ("你好", "你好"),
        ("", "你好"),
        ("？", "你好"),
        ("hi there", "Hello"),
        ("用 Python 写", "你好"),
    ],
)
def test_it_greets_in_the_language_of_the_question(question: str, greeting: str) -> None:
    assert answer_to(asking(question)).startswith(greeting)


@pytest.mark.parametrize("question", ["你好", "hello"])
def test_it_shows_markdown_and_how_to_set_a_real_model(question: str) -> None:
    answer = answer_to(asking(question))

    for sign in ("### ", "|---|", "1. ", "> " + question, "api_key", "config.yml"):
        assert sign in answer


def test_a_question_of_several_lines_stays_within_its_quotation() -> None:
    assert "> # a\n> | b |" in answer_to(asking("# a\n| b |"))


@pytest.mark.parametrize("turns", [0, 3])
def test_it_tells_how_much_context_came_along(turns: int) -> None:
    assert f"**{turns}** 轮" in answer_to(asking("你好", turns=turns))


@pytest.mark.parametrize("question", ["代码", "请写一段代码", "show me some CODE"])
def test_it_shows_code_on_request(question: str) -> None:
    assert "```python" in answer_to(asking(question))


KINDS = [
    ("用表格比较三种排序算法", "快速排序"),
    ("Compare three sorting algorithms in a table", "quicksort"),
    ("请用表格对比几个方案", "|:---|"),
    ("show me a table, please", "|:---|"),
    ("给我一份旅行计划的步骤", "1. "),
    ("steps to make tea", "1. "),
    ("把这句话翻译成英文：今天天气不错，我们出去走走", "不会翻译"),
    ("please translate this", "does not translate"),
    ("画一只猫", "`#图片"),
    ("draw a cat", "`#图片"),
    ("写一首关于秋天的诗", "示例文字"),
    ("write a poem", "example lines"),
    ("请写一段代码", "```python"),
]


@pytest.mark.parametrize(("question", "shown"), KINDS)
def test_it_answers_by_the_kind_of_request_and_says_that_it_is_an_example(
    question: str, shown: str
) -> None:
    answer = answer_to(asking(question))

    assert shown in answer
    assert "**演示模型**" in answer or "**demo model**" in answer
    assert "示例" in answer or "example" in answer
    assert f"> {question}" in answer


@pytest.mark.parametrize("question", ["长城有多长", "who is he", "今天星期几"])
def test_a_question_of_no_kind_gets_the_menu(question: str) -> None:
    answer = answer_to(asking(question))

    assert "|---|" in answer
    assert "api_key" in answer
    assert "**演示模型**" in answer or "**demo model**" in answer


@pytest.mark.parametrize("question", ["长", "长回答", "来一篇长文", "a long answer please"])
def test_it_answers_at_length_on_request(question: str) -> None:
    answer = answer_to(asking(question))

    assert 30 * 1024 < len(answer.encode()) < 40 * 1024
    assert answer.count("\n## ") > 20
    assert "**演示模型**" in answer or "**demo model**" in answer


@pytest.mark.parametrize("question", ["出错", "error", "请出错！"])
async def test_it_fails_on_request(question: str) -> None:
    with pytest.raises(ModelUnavailable):
        await everything_of(demo(), asking(question))


@pytest.mark.parametrize(
    "question", ["长城有多长？", "terror", "along", "what does an error mean in Python?"]
)
async def test_words_within_other_words_are_no_requests(question: str) -> None:
    answer = text_of(await everything_of(demo(), asking(question)))

    assert len(answer) < 3000


async def test_it_takes_its_time_on_request() -> None:
    pauses = []

    async def noting(pause: timedelta) -> None:
        pauses.append(pause)

    quick, slow = asking("你好"), replace(asking("你好"), question="慢一点")
    model = DemoChatModel(len, sleep=noting)
    await everything_of(model, quick)
    took = sum(pauses, timedelta())
    pauses.clear()
    await everything_of(model, slow)

    assert took < timedelta(seconds=2)
    assert sum(pauses, timedelta()) > 5 * took


async def test_closing_it_early_is_no_error() -> None:
    async with aclosing(demo().answer(PROMPT)) as items:
        await anext(items)

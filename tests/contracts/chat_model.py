"""What every `ChatModel` promises, whoever stands behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Protocol

import pytest

from application.errors import ModelCutOff, ModelGaveNothing, ModelUnavailable
from application.ports import ChatModel, Finish, FinishReason, ModelOutput, Reset, Thought
from domain.conversation import Prompt, Turn

PROMPT = Prompt(
    system="简短回答",
    turns=(Turn(question="一加一？", answer="二", tokens=10),),
    question="二加二？",
    answer_limit=100,
    asker="somebody",
)


async def everything_of(model: ChatModel, prompt: Prompt = PROMPT) -> list[ModelOutput]:
    async with aclosing(model.answer(prompt)) as items:
        return [item async for item in items]


async def note_answer(model: ChatModel, said: list[ModelOutput]) -> None:
    """For answers that fail, where what came before is wanted too."""
    async for item in model.answer(PROMPT):
        said.append(item)  # noqa: PERF401 - see above


def text_of(items: list[ModelOutput]) -> str:
    """The text that holds in the end."""
    return "".join(item for item in _since_reset(items) if isinstance(item, str))


def thoughts_of(items: list[ModelOutput]) -> str:
    """The thoughts that hold in the end."""
    return "".join(item.text for item in _since_reset(items) if isinstance(item, Thought))


def _since_reset(items: list[ModelOutput]) -> list[ModelOutput]:
    resets = [place for place, item in enumerate(items, start=1) if isinstance(item, Reset)]
    return items[resets[-1] if resets else 0 :]


@pytest.mark.anyio
class ChatModelContract:
    """For models that say what they like; the fixture `model` has to answer PROMPT."""

    @pytest.fixture
    def model(self) -> ChatModel:
        raise NotImplementedError

    async def test_one_finish_ends_the_answer(self, model: ChatModel) -> None:
        *pieces, last = await everything_of(model)

        assert isinstance(last, Finish)
        assert pieces
        assert all(isinstance(piece, str) for piece in pieces)

    async def test_no_piece_is_empty(self, model: ChatModel) -> None:
        *pieces, _ = await everything_of(model)

        assert all(pieces)

    async def test_it_can_be_asked_again(self, model: ChatModel) -> None:
        first, second = await everything_of(model), await everything_of(model)

        assert text_of(first) == text_of(second)

    async def test_answers_at_the_same_time_do_not_mix(self, model: ChatModel) -> None:
        alone = await everything_of(model)

        together = await asyncio.gather(*(everything_of(model) for _ in range(5)))

        assert [text_of(items) for items in together] == [text_of(alone)] * 5


class Stage(Protocol):
    """A model that can be told what to say, and where one sees whether a call is still under way."""

    def saying(self, *pieces: str, reason: FinishReason = ...) -> ChatModel: ...

    def breaking_after(self, *pieces: str) -> ChatModel: ...

    def never_ending(self) -> ChatModel:
        """Says something, and then nothing more for a long time."""
        ...

    async def a_call_began(self) -> None: ...

    async def all_calls_ended(self) -> None: ...

    @property
    def calls(self) -> int: ...


class ScriptableChatModelContract(ChatModelContract):
    """For models whose answers a test can choose, on the fixture `stage`."""

    @pytest.fixture
    def open_stage(self) -> AbstractAsyncContextManager[Stage]:
        raise NotImplementedError

    @pytest.fixture
    async def stage(self, open_stage: AbstractAsyncContextManager[Stage]) -> AsyncIterator[Stage]:
        async with open_stage as stage:
            yield stage

    @pytest.fixture
    def model(self, stage: Stage) -> ChatModel:
        return stage.saying("二加二", "等于四")

    async def test_pieces_come_in_order_and_nothing_is_added(self, stage: Stage) -> None:
        items = await everything_of(stage.saying("你", "好，\n", "世界 ", "👋"))

        assert text_of(items) == "你好，\n世界 👋"

    @pytest.mark.parametrize("reason", FinishReason)
    async def test_the_finish_tells_why_it_stopped(
        self, stage: Stage, reason: FinishReason
    ) -> None:
        *_, finish = await everything_of(stage.saying("四", reason=reason))

        assert isinstance(finish, Finish)
        assert finish.reason is reason

    async def test_the_finish_tells_what_it_cost(self, stage: Stage) -> None:
        *_, finish = await everything_of(stage.saying("四"))

        assert isinstance(finish, Finish)
        assert (finish.prompt_tokens, finish.answer_tokens) == (5, 7)

    async def test_an_answer_without_a_word_is_none(self, stage: Stage) -> None:
        with pytest.raises(ModelGaveNothing):
            await everything_of(stage.saying())

    @pytest.mark.parametrize("pieces", [(), ("四",)], ids=["at once", "half-way"])
    async def test_giving_up_is_a_failure(self, stage: Stage, pieces: tuple[str, ...]) -> None:
        said: list[ModelOutput] = []

        with pytest.raises(ModelCutOff if pieces else ModelUnavailable):
            await note_answer(stage.breaking_after(*pieces), said)

        assert text_of(said) in {"", "".join(pieces)}
        assert not any(isinstance(item, Finish) for item in said)

    async def test_closing_ends_the_call(self, stage: Stage) -> None:
        async with aclosing(stage.never_ending().answer(PROMPT)) as items:
            await anext(items)

        await stage.all_calls_ended()
        assert stage.calls == 1

    async def test_cancelling_ends_the_call(self, stage: Stage) -> None:
        model = stage.never_ending()
        asking = asyncio.create_task(everything_of(model))
        await stage.a_call_began()

        asking.cancel()

        with pytest.raises(asyncio.CancelledError):
            await asking
        await stage.all_calls_ended()

"""Shapes of answers and refusals: what goes over the wire, and what comes of it.

The next shape is one more row in one of the tables beside this module. Each is asked of a model alone and
of one with another behind it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.openai.chat import ChatOptions
from application.errors import (
    ModelCutOff,
    ModelDeclined,
    ModelFailure,
    ModelGone,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelUnavailable,
)
from application.ports import Finish, FinishReason, Thought
from tests.fakes.model_server import Behaviour, Call, Line, ModelServer, answer
from tests.integration.models.over_http import CHAT, KEY, Vendor, endpoint_of, model_at, outcome_of
from tests.integration.models.test_failover import all_of

BACKUP = "备用的回答"
GOES_ON = (ModelUnavailable, ModelCutOff, ModelMisconfigured, ModelOutOfFunds, ModelGone)
"""Failures after which another provider is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One row: the response, and what people get of it.

    `chunks` are the writes, `pause` the seconds between them, `hold` those before the connection ends;
    with `resets` it ends in the middle of the response. `fact` is what the log says of a failure, `before`
    the text that came before it. `tokens` are those of prompt, answer and thoughts.
    """

    name: str
    chunks: Sequence[bytes]
    status: int = 200
    kind: str = "text/event-stream"
    pause: float = 0
    hold: float = 0
    resets: bool = False
    chat: ChatOptions = CHAT
    text: str = ""
    thoughts: str = ""
    reason: FinishReason = FinishReason.COMPLETE
    tokens: tuple[int | None, int | None, int | None] | None = None
    failure: type[ModelFailure] | None = None
    fact: str | None = None
    before: str = ""

    def __str__(self) -> str:
        return self.name

    def behaviour(self) -> Behaviour:
        length = "Content-Length: 1000000" if self.resets else "Connection: close"

        async def behave(line: Line, _: Call) -> None:
            await line.head(self.status, self.kind, length)
            await line.send(*self.chunks, pause=self.pause)
            await line.end(after=self.hold)

        return behave


def body(value: object) -> list[bytes]:
    """A JSON document."""
    return [json.dumps(value, ensure_ascii=False).encode()]


async def check_alone(shape: Shape) -> None:
    """One provider: exactly this comes of it."""
    async with (
        ModelServer().serving(shape.behaviour()) as server,
        model_at(endpoint_of(Vendor.OPENAI, server.origin), chat=shape.chat) as model,
    ):
        outcome = await outcome_of(model)

    assert type(outcome.failure) is (shape.failure or type(None)), repr(outcome.failure)
    assert (outcome.text, outcome.thoughts) == (shape.text or shape.before, shape.thoughts)
    if shape.fact is not None:
        assert str(outcome.failure) == shape.fact
    assert KEY not in repr(outcome.failure)
    if outcome.finish:
        assert outcome.finish.reason is shape.reason
        assert shape.tokens in {None, _tokens_of(outcome.finish)}


def _tokens_of(finish: Finish) -> tuple[int | None, int | None, int | None]:
    return finish.prompt_tokens, finish.answer_tokens, finish.thought_tokens


async def check_with_backup(shape: Shape) -> None:
    """Two providers: the first answers, or the second does, which is asked the same question."""
    failure: ModelFailure | None = None
    items: list[object] = []
    async with (
        ModelServer().serving(shape.behaviour()) as first,
        ModelServer().serving(answer(BACKUP)) as second,
        model_at(endpoint_of(Vendor.OPENAI, first.origin), chat=shape.chat) as model,
        model_at(endpoint_of(Vendor.OPENAI, second.origin), chat=CHAT) as backup,
    ):
        try:
            items = list(await all_of(model, backup))
        except ModelFailure as error:
            failure = error

    if shape.failure is None:
        assert (shown(items), len(second.calls)) == (shape.text, 0)
    elif shape.failure is ModelDeclined:
        assert (type(failure), len(second.calls)) == (ModelDeclined, 0)
    elif issubclass(shape.failure, GOES_ON):
        assert shown(items) == BACKUP
        assert second.calls[0].body["messages"] == first.calls[0].body["messages"]


def shown(items: list[object]) -> str:
    """The text that holds: whatever is no piece makes what came before void, but for the last item."""
    text = ""
    for item in items[:-1]:
        if isinstance(item, str):
            text += item
        elif not isinstance(item, Thought):
            text = ""
    return text

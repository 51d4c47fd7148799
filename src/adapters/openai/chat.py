"""The chat model at OpenAI, Azure, or a server like them: the connection differs, the protocol does not."""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field

from adapters.openai.answer import Answer
from adapters.openai.connection import Client, Connection
from adapters.openai.errors import RequestRefused, failure_of
from adapters.openai.parameters import ParameterSupport, RequestSettings
from adapters.openai.refusals import MOST_REFUSALS, Refusal, learn
from adapters.openai.response import ResponseReader
from adapters.openai.timeouts import Deadline, StreamTimeouts, TimeIsUp
from application.ports import ModelOutput
from domain.conversation import Prompt

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """What the operator, or the preset, says about a model and the server that it is at.

    `extra_body` wins over what is sent otherwise, except over `messages` and `stream`. The values of
    `extra_headers` may be secrets. `context_length` is in tokens. `support` is what is known of the server
    before it is asked for the first time; refusals add to it.
    """

    model: str
    streams: bool = True
    temperature: float | None = None
    extra_body: Mapping[str, object] = field(default_factory=dict)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    reasoning_as_answer: bool = False
    """An answer that ended as complete and is all thoughts: they are the answer."""
    thinks_untagged: bool = False
    """Its answers begin inside a thought: the text before `</think>` is thought."""
    context_length: int | None = None
    support: ParameterSupport = field(default_factory=ParameterSupport)
    timeouts: StreamTimeouts = field(default_factory=StreamTimeouts)


class OpenAIChatModel:
    """Remembers which parameters its server refused, and sends those no more."""

    def __init__(self, connection: Connection, options: ChatOptions) -> None:
        self._connection = connection
        self._options = options
        self._support = options.support
        self._thinks_untagged = options.thinks_untagged
        self._settings = RequestSettings(
            model=options.model,
            streams=options.streams,
            temperature=options.temperature,
            context_length=options.context_length,
            extra_body=options.extra_body,
        )

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelOutput]:
        # Opening takes a while the first time, which is not the provider's fault.
        client = await self._connection.client()
        deadline = Deadline(self._options.timeouts)
        counted: int | None = None
        refusals = 0
        sent = self._settings.body(prompt, self._support)
        while True:
            try:
                async with aclosing(self._answer_to(client, sent, deadline)) as answer:
                    async for item in answer:
                        yield item
            except RequestRefused as refusal:
                refusals += 1
                error = refusal.error
                learned = learn(
                    self._support, Refusal(error=error, sent=sent, estimate=prompt.tokens)
                )
                counted = error.numbers.prompt or counted
                self._support = learned or self._support
                again = self._settings.body(prompt, self._support, counted=counted)
                # Another question may have learned the same meanwhile, so it is the request that counts.
                if again == sent or refusals > MOST_REFUSALS:
                    raise failure_of(error) from refusal
                self._log_change(refusal, sent, again)
                sent = again
            else:
                return

    def _log_change(
        self, refusal: RequestRefused, sent: Mapping[str, object], again: Mapping[str, object]
    ) -> None:
        changed = [name for name in {**sent, **again} if sent.get(name) != again.get(name)]
        facts = {
            "model": self._options.model,
            "fact": str(refusal),
            "changed": " ".join(_told(name, again) for name in sorted(changed)),
        }
        logger.info("model_request_adapted", extra=facts)

    async def _answer_to(
        self, client: Client, sent: Mapping[str, object], deadline: Deadline
    ) -> AsyncGenerator[ModelOutput]:
        answer = Answer(
            self._options.model,
            untagged=self._thinks_untagged,
            is_declared=self._options.thinks_untagged,
            reasoning_as_answer=self._options.reasoning_as_answer,
        )
        deadline.begin(in_pieces=bool(sent["stream"]))
        async with AsyncExitStack() as stack:
            try:
                async with deadline.waiting():
                    call = client.ask(sent, self._options.extra_headers)
                    reply = await stack.enter_async_context(call)
            except TimeIsUp as error:
                raise error.failure() from error
            async with aclosing(ResponseReader(answer, deadline).read(reply)) as items:
                async for item in items:
                    yield item
        if answer.thinks_untagged is not None:
            self._thinks_untagged = self._options.thinks_untagged or answer.thinks_untagged


def _told(name: str, body: Mapping[str, object]) -> str:
    """A parameter for the log: with its value where that is a number, for texts may be a person's."""
    value = body.get(name)
    if name not in body:
        return f"-{name}"
    return f"{name}={value}" if isinstance(value, int) else name

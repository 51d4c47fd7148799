"""An answer as it is put together from a provider's chunks: what is said, and whether it is all."""

import re

from adapters.openai.errors import failure_of, provider_error_in
from adapters.openai.protocol import Event, Message, Usage, read_as, token_count
from application.errors import ModelDeclined, ModelGaveNothing, ModelUnavailable
from application.ports import Finish, FinishReason

LONGEST_ANSWER = 200_000
"""Characters. Nobody reads more in a chat, and an endless answer has to end."""

CUT = frozenset({"length", "max_tokens"})
FILTERED = "content_filter"

UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")
"""Control characters, lone surrogates, overrides of the writing direction: unfit for store and screen."""

LONGEST_BLANK = 100
"""Characters of white space that are kept of what comes before the first word."""

LONGEST_MODEL_NAME = 200


class Answer:
    """Takes chunks and gives pieces, cleaned. Nothing is given before there is something to read."""

    __slots__ = ("_held", "_model", "_reason", "_refused", "_room", "_said", "_usage")

    def __init__(self, model: str) -> None:
        self._model = model
        self._room = LONGEST_ANSWER
        self._held = ""
        self._said = False
        self._refused = False
        self._reason: FinishReason | None = None
        self._usage = Usage()

    @property
    def is_finished(self) -> bool:
        """Whether the provider has said that this was all, or it was too much."""
        return self._reason is not None

    @property
    def is_full(self) -> bool:
        return self._room == 0

    def take(self, event: Event) -> tuple[str, bool]:
        """The next piece, perhaps empty, and whether the answer has made progress.

        Raises:
            ModelFailure: the provider gave up, or a filter of it stopped the answer.
        """
        if event.error:
            raise failure_of(provider_error_in(event.error))
        if isinstance(event.model, str) and event.model:
            self._model = event.model[:LONGEST_MODEL_NAME]
        if event.usage:
            self._usage = read_as(Usage, event.usage) or self._usage
        if not event.choices:
            return "", False
        choice = event.choices[0]
        self._note_finish(choice.finish_reason)
        return self._take_message(choice.delta or choice.message or Message())

    def close(self) -> Finish:
        """Nothing more will come.

        Raises:
            ModelFailure: what came is no answer, or not all of it.
        """
        if self._reason is None:
            raise ModelUnavailable("the stream was cut")
        if not self._said and self._refused:
            raise ModelDeclined("refusal")
        if not self._said:
            raise ModelGaveNothing(f"empty answer, finish reason {self._reason.value}")
        return Finish(
            reason=self._reason,
            model=UNFIT.sub("", self._model),
            prompt_tokens=token_count(self._usage.prompt_tokens),
            answer_tokens=token_count(self._usage.completion_tokens),
        )

    def end(self) -> None:
        """The provider marked the end; without a reason it counts as complete."""
        self._reason = self._reason or FinishReason.COMPLETE

    def cut_off(self) -> None:
        """It has become too much."""
        self._room = 0
        self._reason = FinishReason.LENGTH

    def _note_finish(self, reason: object) -> None:
        if reason == FILTERED:
            raise ModelDeclined("finish reason content_filter")
        if isinstance(reason, str) and reason and not self.is_full:
            self._reason = FinishReason.LENGTH if reason in CUT else FinishReason.COMPLETE

    def _take_message(self, message: Message) -> tuple[str, bool]:
        self._refused = self._refused or bool(message.refusal)
        content = message.content if isinstance(message.content, str) else ""
        return self._fitting(UNFIT.sub("", content)), bool(content or message.thinks)

    def _fitting(self, text: str) -> str:
        if not self._said and not (text := self._held + text).strip():
            self._held = text[:LONGEST_BLANK]
            return ""
        self._said = self._said or bool(text)
        piece = text[: self._room]
        self._room -= len(piece)
        if self.is_full:
            self._reason = FinishReason.LENGTH
        return piece

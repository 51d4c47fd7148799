"""An answer as it is put together from a provider's chunks: text, thoughts, and whether it is whole."""

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto

from adapters.openai.finish import Ending, FinishTracker
from adapters.openai.protocol import Choice, Chunk, Message, Piece, pieces_of
from adapters.openai.thoughts import RESET, ThoughtSplitter
from adapters.openai.thoughts import Reset as SplitReset
from adapters.openai.usage import TokenUsage
from application.errors import (
    ModelCutOff,
    ModelDeclined,
    ModelFailure,
    ModelGaveNothing,
    ModelUnavailable,
    OnlyThoughts,
    ThinkingUsedUpLimit,
)
from application.ports import Finish, FinishReason, ModelOutput, Reset, Thought

LONGEST_ANSWER = 200_000
"""Characters. Nobody reads more in a chat, and an endless answer has to end."""

UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")
"""Control characters, lone surrogates, overrides of the writing direction: unfit for store and screen."""

SHORTEST_REPETITION = 16
"""Characters; what is shorter may be said twice by chance."""

LONGEST_BLANK = 100
"""Characters of white space that are kept of what comes before the first word."""

LONGEST_MODEL_NAME = 200
LONGEST_REASON = 40


class End(Enum):
    """How a response ended."""

    MARK = auto()
    """With `[DONE]`, or as one whole JSON body."""
    REGULAR = auto()
    """With the regular end of the response and nothing else."""
    SILENCE = auto()
    """Nothing more came in time."""
    BROKEN = auto()
    """With an error, of the connection or of the server."""


class Answer:
    """Takes chunks and gives pieces, cleaned. Nothing is given before there is something to read.

    `untagged`: the model is taken to begin its answers inside a thought. If the operator says so
    (`is_declared`), an answer that never ends that thought is all thought; otherwise it is an answer.
    """

    def __init__(
        self,
        model: str,
        *,
        untagged: bool = False,
        is_declared: bool = False,
        reasoning_as_answer: bool = False,
    ) -> None:
        self._model = model
        self._is_declared = is_declared
        self._reasoning_as_answer = reasoning_as_answer
        self._room = LONGEST_ANSWER
        self._blank = ""
        self._has_steps = False
        self._raw: list[str] = []
        self._raw_length = 0
        self._thought_room = LONGEST_ANSWER
        self._thoughts: list[str] = []
        self._splitter = ThoughtSplitter(untagged=untagged)
        self._refused = False
        self._usage = TokenUsage()
        self._finish = FinishTracker()
        self.has_choices = False
        self.has_text = False
        self.progressed = False
        """Whether the last chunk brought text or thoughts."""
        self.thinks_untagged: bool | None = None
        """What the answer has shown about its model; None if nothing."""

    @property
    def is_certainly_finished(self) -> bool:
        """Whether the provider has ended the answer; token counts may follow, and perhaps text after all."""
        return self._finish.is_certain

    @property
    def is_likely_finished(self) -> bool:
        return self._finish.is_likely

    @property
    def is_full(self) -> bool:
        return self._room == 0

    def take(self, chunk: Chunk) -> Iterator[ModelOutput]:
        """The next pieces. The chunk tells of no error."""
        self.progressed = False
        if isinstance(chunk.model, str) and chunk.model:
            self._model = chunk.model[:LONGEST_MODEL_NAME]
        self.has_choices = self.has_choices or bool(chunk.choices)
        choice = chunk.choice
        for usage in (chunk.usage, choice.usage if choice else None):
            self._usage.add(usage)
        if choice is not None:
            pieces = list(self._pieces_in(choice))
            self.progressed = bool(pieces)
            self._finish.note(choice.finish_reason, has_text=bool(pieces))
            for piece in pieces:
                yield from self._take_piece(piece)

    def close(self, end: End, failure: ModelFailure | None = None) -> Iterator[ModelOutput]:
        """Nothing more will come: the last pieces, and what ends the answer. `failure` is what broke it.

        Raises:
            ModelFailure: what came is no answer, or not all of it.
        """
        yield from self._given(self._splitter.close())
        if not self._is_proven(end):
            raise self._cut(failure, "the stream ended without a finish reason")
        ending = Ending.LENGTH if self.is_full else self._finish.ending or Ending.COMPLETE
        if ending is Ending.DECLINED:
            raise ModelDeclined(f"finish reason {self._reason}")
        if ending is Ending.FAILED:
            raise self._cut(failure, f"finish reason {self._reason}")
        if not self.has_text:
            yield from self._without_text(ending)
        reason = FinishReason.LENGTH if ending is Ending.LENGTH else FinishReason.COMPLETE
        yield self._ended(reason)

    def cut(self, failure: ModelFailure) -> ModelFailure:
        """What a failure means once some of the answer is there."""
        is_cut = self.has_text and isinstance(failure, ModelUnavailable)
        return ModelCutOff(str(failure)) if is_cut else failure

    def fill_up(self) -> None:
        """It has become too much."""
        self._room = 0

    @property
    def _reason(self) -> str:
        return re.sub(r"[^\w.\-]", "", self._finish.word)[:LONGEST_REASON]

    def _is_proven(self, end: End) -> bool:
        """Whether the answer is known to be whole, as far as its end goes."""
        if end is End.MARK or self.is_full:
            return True
        return self._finish.is_certain if end is End.BROKEN else self._finish.ending is not None

    def _cut(self, failure: ModelFailure | None, fact: str) -> ModelFailure:
        return self.cut(failure or ModelUnavailable(fact))

    def _pieces_in(self, choice: Choice) -> list[Piece]:
        """What the choice adds: a step, or a whole message that may repeat what came in steps."""
        pieces = list(pieces_of(choice.delta)) if choice.delta else []
        message = choice.message or (Message(content=choice.text) if choice.text else None)
        spoken = filter(None, (choice.delta, message))
        self._refused = self._refused or any(bool(one.refusal) for one in spoken)
        if pieces:
            if choice.finish_reason and self._repeats_all(pieces):
                pieces = []
            self._has_steps = True
        elif message is not None:
            pieces = list(pieces_of(message))
            if choice.message is not None:
                pieces = self._unsaid(pieces)
        for piece in pieces:
            if not piece.is_thought:
                self._raw.append(piece.text)
                self._raw_length += len(piece.text)
        return pieces

    def _repeats_all(self, pieces: list[Piece]) -> bool:
        """Whether a last step says once more all that was said, which no model does in one step."""
        step = "".join(piece.text for piece in pieces if not piece.is_thought)
        is_long = self._raw_length == len(step) >= SHORTEST_REPETITION
        return is_long and step == "".join(self._raw)

    def _unsaid(self, pieces: list[Piece]) -> list[Piece]:
        """Of a whole message behind others, what they did not say."""
        whole = "".join(piece.text for piece in pieces if not piece.is_thought)
        said = "".join(self._raw)
        # Some servers send steps under the name of whole messages.
        again = len(whole) if self._has_steps else 0
        repeated = len(said) if whole.startswith(said) else again
        thoughts = [] if self._has_steps else [piece for piece in pieces if piece.is_thought]
        rest = whole[repeated:]
        return [*thoughts, *([Piece(rest)] if rest else [])]

    def _take_piece(self, piece: Piece) -> Iterator[ModelOutput]:
        text = UNFIT.sub("", piece.text)
        if piece.is_thought:
            self._splitter.mark()
            yield from self._given([Piece(text, is_thought=True)] if text else [])
        else:
            yield from self._given(self._splitter.feed(text))

    def _given(self, pieces: Iterable[Piece | SplitReset]) -> Iterator[ModelOutput]:
        for piece in pieces:
            if piece is RESET:
                yield Reset()
                self._blank, self.has_text, self._room = "", False, LONGEST_ANSWER
                yield from map(Thought, self._thoughts)
            elif piece.is_thought:
                thought = piece.text[: self._thought_room]
                self._thought_room -= len(thought)
                if thought:
                    self._thoughts.append(thought)
                    yield Thought(thought)
            elif text := self._fitting(piece.text):
                yield text
        if self._splitter.ended_untagged:
            self.thinks_untagged = True

    def _fitting(self, text: str) -> str:
        if not self.has_text and not (text := self._blank + text).strip():
            self._blank = text[:LONGEST_BLANK]
            return ""
        self.has_text = self.has_text or bool(text)
        piece = text[: self._room]
        self._room -= len(piece)
        return piece

    def _without_text(self, ending: Ending) -> Iterator[ModelOutput]:
        """The answer has ended, and no text came."""
        thoughts = "".join(self._thoughts)
        if self._refused:
            raise ModelDeclined("refusal")
        if ending is Ending.LENGTH:
            # Tokens that are no text are thoughts, also where the server does not show them.
            raise ThinkingUsedUpLimit("the limit was reached before the answer began")
        if ending is Ending.TOOLS or not thoughts.strip():
            raise ModelGaveNothing(f"empty answer, finish reason {self._reason or 'none'}")
        is_answer = self._splitter.is_assumed and not self._is_declared
        if is_answer:
            self.thinks_untagged = False
        elif not self._reasoning_as_answer:
            raise OnlyThoughts(
                f"thoughts without an answer, finish reason {self._reason or 'none'}"
            )
        yield Reset()
        yield self._fitting(thoughts)

    def _ended(self, reason: FinishReason) -> Finish:
        return Finish(
            reason=reason,
            model=UNFIT.sub("", self._model),
            prompt_tokens=self._usage.prompt,
            answer_tokens=self._usage.answer,
            thought_tokens=self._usage.thoughts,
        )

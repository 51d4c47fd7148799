"""An answer while it arrives: its words, its thoughts, and what was left of tries that failed."""

from dataclasses import dataclass, field
from datetime import datetime

from application.ports import Finish, FinishReason, ModelOutput, Reset, Thought
from application.wording.literal import literal
from domain.command import trimmed
from domain.failover import ANSWERED, RULES, Attempt, FailureKind
from domain.sensitive_words import SensitiveWords

KEPT = 2_000
"""Characters of the beginning and of the end of the thoughts that are kept while they arrive."""

SHOWN = 300
"""Characters of each of them that are shown."""


@dataclass(slots=True, kw_only=True)
class Reasoning:
    """The thoughts of a model, of which the beginning and the end may be shown and nothing is stored."""

    _head: str = ""
    _tail: str = ""
    _length: int = 0

    def add(self, piece: str) -> None:
        room = KEPT - len(self._head)
        self._length += len(piece)
        self._head += piece[:room]
        self._tail = (self._tail + piece[room:])[-KEPT:]

    def quoted(self, heading: str, words: SensitiveWords) -> str:
        """A block quote of a bounded length, masked; empty without thoughts."""
        is_whole = self._length == len(self._head) + len(self._tail)
        # Masked with more around it than is shown: a word on the edge would not be whole.
        text = words.mask_typed(self._head + ("" if is_whole else " … ") + self._tail)
        text = " ".join(text.split())
        if len(text) > 2 * SHOWN:
            text = f"{text[:SHOWN]} … {text[-SHOWN:]}"
        return f"> **{heading}**\n>\n> {literal(text, longest=len(text))}" if text else ""


@dataclass(slots=True, kw_only=True)
class StreamedAnswer:
    """`text` is the whole answer, masked; or once all tries have failed, the longest part of one.

    `text` is Markdown to be shown, `repeated` what a model is told that it has said.
    """

    words: SensitiveWords
    asked_at: datetime
    text: str = ""
    repeated: str = ""
    finish: Finish | None = None
    source: Attempt | None = None
    """The attempt that the text is from."""
    first_piece_at: datetime | None = None
    attempts: list[Attempt] = field(default_factory=list)
    reasoning: Reasoning = field(default_factory=Reasoning)
    _pieces: list[str] = field(default_factory=list)

    def take(self, item: ModelOutput | Attempt, now: datetime) -> None:
        match item:
            case Attempt():
                self._end(item)
            case Reset():
                self._pieces.clear()
                self.reasoning = Reasoning()
            case Finish():
                self.finish = item
            case Thought():
                self.first_piece_at = self.first_piece_at or now
                self.reasoning.add(item.text)
            case _:
                self.first_piece_at = self.first_piece_at or now
                self._pieces.append(item)

    @property
    def size(self) -> int:
        """Characters that have arrived in this attempt."""
        return sum(map(len, self._pieces))

    @property
    def is_whole(self) -> bool:
        """Whether a provider has given all of it; a blank one is none."""
        return self.source is not None and self.source.outcome == ANSWERED

    @property
    def is_blank(self) -> bool:
        return not trimmed(self.text)

    @property
    def reached_limit(self) -> bool:
        return self.finish is not None and self.finish.reason is FinishReason.LENGTH

    def _end(self, attempt: Attempt) -> None:
        """An attempt has ended. If it failed, its words count only if no other brings a whole answer."""
        self.attempts.append(attempt)
        whole = "".join(self._pieces)
        self._pieces.clear()
        if attempt.outcome == ANSWERED:
            if trimmed(whole):
                self._keep(whole, attempt)
            return
        self.reasoning = Reasoning()
        if not attempt.was_asked:
            return
        if not RULES[FailureKind(attempt.outcome)].keeps_partial:
            self.text = self.repeated = ""
            self.source = None
        elif len(trimmed(whole)) > len(trimmed(self.text)):
            self._keep(whole, attempt)

    def _keep(self, whole: str, attempt: Attempt) -> None:
        self.text = self.words.mask_as_shown(whole)
        # What shows no word when it is laid out holds none as it was typed.
        self.repeated = whole if self.text == whole else self.words.mask_typed(whole)
        self.source = attempt

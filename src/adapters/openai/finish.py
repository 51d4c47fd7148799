"""Why a model stopped: the words for it at OpenAI and at servers like it, and how sure they are."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Ending(Enum):
    """What a finish reason says of an answer."""

    COMPLETE = "complete"
    TOOLS = "tools"
    """It wants to call tools, which nobody offered it; text beside that is an answer."""
    LENGTH = "length"
    DECLINED = "declined"
    FAILED = "failed"


WORDS: Mapping[Ending, str] = MappingProxyType(
    {
        Ending.COMPLETE: """
            stop stop_sequence stop_word stop_token stopped end_turn eos eos_token endoftext end normal
            complete completed finish finished done
        """,
        Ending.TOOLS: "tool_calls tool_call tool_use function_call function_call_filter",
        Ending.LENGTH: """
            length max_tokens max_length max_output max_output_tokens max_completion_tokens max_new_tokens
            token_limit model_length model_context_window_exceeded context_length context_length_exceeded
        """,
        Ending.DECLINED: """
            content_filter contentfilter content_filtered safety recitation sensitive prohibited_content
            blocklist spii refusal guardrail_intervened image_safety data_inspection_failed error_toxic
        """,
    }
)
NOT_YET = frozenset({"", "null", "none", "nil", "undefined", "unspecified"})
"""Words of servers that mean to send no reason."""

_BY_WORD = {word: ending for ending, words in WORDS.items() for word in words.split()}


def ending_of(reason: str) -> Ending | None:
    """What the word says; None if it is no reason. What is not known is taken for a failure.

    Services report their own failures so: `insufficient_system_resource`, `network_error`, `abort`, `error`.
    """
    word = reason.strip().casefold().removeprefix("finishreason.").removeprefix("finish_reason_")
    if word in NOT_YET:
        return None
    # Google says behind a colon which filter it was.
    return _BY_WORD.get(word) or _BY_WORD.get(word.partition(":")[0]) or Ending.FAILED


class FinishTracker:
    """What the finish reasons of a stream add up to.

    A reason holds until text follows without one: some gateways put `stop` on every chunk.
    """

    __slots__ = ("_is_alone", "_is_usual", "ending", "word")

    def __init__(self) -> None:
        self.ending: Ending | None = None
        self.word = ""
        self._is_usual = False
        self._is_alone = False

    @property
    def is_certain(self) -> bool:
        """Whether the answer has surely ended: after text without a reason comes a reason without text."""
        return self.ending is not None and self._is_usual and self._is_alone

    @property
    def is_likely(self) -> bool:
        """Whether it has ended unless the server is an odd one: the reason came with the last text."""
        return self.ending is not None and self._is_usual and not self._is_alone

    def note(self, reason: object, *, has_text: bool) -> None:
        """What one chunk said, with text or without."""
        if isinstance(reason, Mapping):
            reason = reason.get("type")  # SGLang's own
        ending = ending_of(reason) if isinstance(reason, str) else None
        if ending is None:
            if has_text:
                self.ending, self._is_usual = None, True
            return
        # A gateway may put its own `stop` behind the reason of the server behind it.
        repeats = ending is Ending.COMPLETE and self.ending is not None and not has_text
        if not repeats:
            self.ending, self.word = ending, str(reason)
        self._is_alone = not has_text

"""What an answer cost, in tokens, as servers tell it in one chunk or in several."""

from collections.abc import Iterable
from dataclasses import dataclass

from adapters.openai.protocol import Usage, read_as, token_count


@dataclass(slots=True)
class TokenUsage:
    """Counts are None where no server told them. `answer` counts thoughts too, `thoughts` are those in it."""

    prompt: int | None = None
    answer: int | None = None
    thoughts: int | None = None

    def add(self, told: object) -> None:
        """The last count that is not zero holds: counts grow, and some servers end with an empty one."""
        usage = read_as(Usage, told) if told else None
        if usage is None:
            return
        prompt = _count(usage.prompt_tokens, usage.input_tokens)
        answer = _count(usage.completion_tokens, usage.output_tokens)
        details = (usage.completion_tokens_details, usage.output_tokens_details)
        within = [one.get("reasoning_tokens") for one in details if isinstance(one, dict)]
        thoughts = _count(*within, usage.reasoning_tokens)
        total = token_count(usage.total_tokens)
        if total and prompt and answer and thoughts and total == prompt + answer + thoughts:
            # xAI counts them beside the answer.
            answer += thoughts
        self.prompt = _later(self.prompt, prompt)
        self.answer = _later(self.answer, answer)
        self.thoughts = _later(self.thoughts, thoughts)


def _count(*told: object) -> int | None:
    return _first(token_count(one) for one in told)


def _first(counts: Iterable[int | None]) -> int | None:
    return next((one for one in counts if one is not None), None)


def _later(before: int | None, now: int | None) -> int | None:
    return now if now or before is None else before

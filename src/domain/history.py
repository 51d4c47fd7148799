"""Questions with their answers, and what each cost."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question and what became of it. The words are masked before they get here."""

    nick: str
    room_title: str
    question: str
    answer: str
    provider: str = ""
    model: str = ""
    prompt_tokens: int = 0
    answer_tokens: int = 0
    first_token_after: timedelta | None = None
    took: timedelta = timedelta()

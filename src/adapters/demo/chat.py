"""Answers as a model would, from what it was asked alone."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta

from adapters.demo.sentences import CHINESE, ENGLISH, Sentences
from application.errors import ModelUnavailable
from application.ports import Finish, FinishReason
from domain.conversation import MESSAGE_TOKENS, REPLY_TOKENS, CountTokens, Prompt

MODEL = "demo"

MOST_PIECES = 120
SMALLEST_PIECE = 8
PAUSE = timedelta(milliseconds=15)
LONG_PAUSE = timedelta(milliseconds=120)

LONG_ANSWER = 32 * 1024
"""Bytes, so that it takes several messages of DingTalk."""

SHORT_QUESTION = 24
"""Characters. In longer ones these words are more likely what the question is about."""

ASKS_FOR_CODE = re.compile(r"代码|\bcode\b", re.IGNORECASE)
ASKS_FOR_LENGTH = re.compile(r"^长$|很长|长(?:一点|一些|回答|答案|文|篇)|\blong\b", re.IGNORECASE)
ASKS_FOR_ERROR = re.compile(r"出错|\berror\b", re.IGNORECASE)
ASKS_FOR_PATIENCE = re.compile(r"慢|\bslow\b", re.IGNORECASE)

CHINESE_LETTER = re.compile("[\u3400-\u9fff]")
LATIN_LETTER = re.compile("[A-Za-z]")

Sleep = Callable[[timedelta], Awaitable[None]]


async def _sleep(pause: timedelta) -> None:
    await asyncio.sleep(pause.total_seconds())


class DemoChatModel:
    """Shows what the chat can show, and fails or dawdles on request. It knows nothing of answer limits."""

    def __init__(self, count: CountTokens, *, sleep: Sleep = _sleep) -> None:
        self._count = count
        self._sleep = sleep

    async def answer(self, prompt: Prompt) -> AsyncGenerator[str | Finish]:
        if asks(ASKS_FOR_ERROR, prompt.question):
            raise ModelUnavailable("the demo was asked to fail")
        text = answer_to(prompt)
        pause = LONG_PAUSE if asks(ASKS_FOR_PATIENCE, prompt.question) else PAUSE
        size = max(SMALLEST_PIECE, -(-len(text) // MOST_PIECES))
        for start in range(0, len(text), size):
            await self._sleep(pause)
            yield text[start : start + size]
        yield Finish(
            reason=FinishReason.COMPLETE,
            model=MODEL,
            prompt_tokens=self._tokens_of(prompt),
            answer_tokens=self._count(text),
        )

    def _tokens_of(self, prompt: Prompt) -> int:
        said = [prompt.system] if prompt.system else []
        for turn in prompt.turns:
            said += [turn.question, turn.answer]
        said.append(prompt.question)
        return sum(self._count(text) + MESSAGE_TOKENS for text in said) + REPLY_TOKENS


def answer_to(prompt: Prompt) -> str:
    """The whole answer, in Markdown and in the language of the question."""
    sentences = language_of(prompt.question)
    if asks(ASKS_FOR_LENGTH, prompt.question):
        return long_answer(sentences)
    parts = [
        sentences.greeting,
        sentences.echo(prompt.question),
        sentences.context(len(prompt.turns)),
    ]
    if ASKS_FOR_CODE.search(prompt.question):
        parts.append(sentences.code)
    else:
        parts += [sentences.menu, sentences.advice]
    return "\n\n".join(parts)


def language_of(question: str) -> Sentences:
    """English only for who writes with Latin letters and no Chinese ones."""
    is_english = LATIN_LETTER.search(question) and not CHINESE_LETTER.search(question)
    return ENGLISH if is_english else CHINESE


def long_answer(sentences: Sentences) -> str:
    sections = [sentences.long_opening]
    size = len(sections[0].encode())
    while size <= LONG_ANSWER:
        sections.append(sentences.long_section(len(sections)))
        size += len(sections[-1].encode()) + 2
    return "\n\n".join(sections)


def asks(wish: re.Pattern[str], question: str) -> bool:
    return len(question.strip()) <= SHORT_QUESTION and bool(wish.search(question.strip()))

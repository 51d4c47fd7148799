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

ASKS_FOR_CODE = re.compile(r"代码|编程|\bcode\b", re.IGNORECASE)
ASKS_FOR_SORTING = re.compile(r"排序|\bsort", re.IGNORECASE)
ASKS_FOR_TABLE = re.compile(r"表格|对比|比较|\btable\b|\bcompar", re.IGNORECASE)
ASKS_FOR_STEPS = re.compile(
    r"步骤|计划|清单|怎么做|如何|\bsteps?\b|\bplan\b|\bchecklist\b|\bhow to\b", re.IGNORECASE
)
ASKS_FOR_PICTURE = re.compile(
    r"画(?:一|个|张|只|幅)|图片|\bdraw\b|\bpicture\b|\bimage\b", re.IGNORECASE
)
ASKS_FOR_TRANSLATION = re.compile(r"翻译|译成|\btranslat", re.IGNORECASE)
ASKS_FOR_WRITING = re.compile(
    r"写(?:一|首|篇|封|个)|诗|故事|邮件|周报|\bpoem\b|\bstory\b|\bwrite\b|\be-?mail\b",
    re.IGNORECASE,
)
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
    example = example_for(prompt.question, sentences)
    parts = [
        sentences.example_mark if example else sentences.greeting,
        sentences.echo(prompt.question),
        sentences.context(len(prompt.turns)),
        *([example] if example else [sentences.menu, sentences.advice]),
    ]
    return "\n\n".join(parts)


def example_for(question: str, sentences: Sentences) -> str | None:
    """What is shown for that kind of request; None for a question of no kind that the demo knows."""
    is_table = ASKS_FOR_TABLE.search(question)
    kinds = (
        (ASKS_FOR_CODE.search(question), sentences.code),
        (is_table and ASKS_FOR_SORTING.search(question), sentences.sorting_table),
        (is_table, sentences.table),
        (ASKS_FOR_TRANSLATION.search(question), sentences.translation),
        (ASKS_FOR_PICTURE.search(question), sentences.picture),
        (ASKS_FOR_WRITING.search(question), sentences.writing),
        (ASKS_FOR_STEPS.search(question), sentences.steps),
    )
    return next((example for is_asked, example in kinds if is_asked), None)


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

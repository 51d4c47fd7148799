"""No text of a stranger or a model costs more than a plain one of the same length, but for a factor."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.dingtalk.inbound.callback import read_callback
from adapters.dingtalk.inbound.robots import UNSIGNED
from adapters.dingtalk.layout.layout import Layout
from adapters.dingtalk.layout.mention import mention_for
from adapters.dingtalk.markdown.rendering import render
from adapters.dingtalk.markdown.title import title_of
from adapters.shown_text import shown_texts
from adapters.tokens.toktok import ToktokCounter
from adapters.transcripts import FORMATS
from adapters.words.finder import aho_corasick
from application.wording import CHINESE
from application.wording.literal import literal
from application.wording.quotation import as_code
from domain.command import parse, trimmed
from domain.history import Person, Record
from domain.inbox import State
from domain.message import RoomKind, staff_key
from domain.prompts import PromptBook, PromptTemplate
from domain.sensitive_words import SensitiveWords, fold
from domain.site import site_in
from entrypoints.web.history.markdown import LONGEST, AnswerMarkdown
from tests.contracts.messenger import IN_GROUP
from tests.strategies import NOON

MEGABYTE = 1_000_000
SMALLER = 25_000
"""Characters for what takes a second for a megabyte of any kind."""

PLAIN = "word 字。"
NASTY = [
    *(
        " \u200b",
        "\u200b",
        " ",
        "\t",
        "\n",
        "\r\n",
        "\u2028",
        "\x1b[",
        "\x1b]",
        "\u0301",
        "\u3164",
        "\ufffe",
    ),
    *(
        "[x]\n",
        "||\n",
        "|a|\n",
        "[",
        "](",
        "![",
        "[a](",
        "[a][b]",
        "[a]: b\n",
        "](()",
        "[x](javascript:a)",
    ),
    *(
        "<",
        "<a ",
        "<b x=",
        "<b>",
        "<b>x</b>",
        "<table><tr><td>",
        "<!--",
        "<a@",
        "<a:",
        "`",
        "``a`",
        "\\`",
        "`\\",
        "\\",
    ),
    *(
        "&",
        "&#",
        "&lt;",
        "&amp;",
        "%4",
        "%41",
        "> ",
        "> > ",
        "- ",
        "- - ",
        "1. ",
        "# ",
        " #",
        "=\n",
        "~~~\n",
        "```\n",
    ),
    *(
        "*a ",
        "_*",
        "**a",
        "***",
        "~",
        "http://",
        "http://a.b ",
        "@",
        "@a",
        "坏",
        "词",
        "坏词",
        "坏[",
        "vp",
        "𝐯",
        "👨\u200d",
        "🇨",
    ),
]

WORDS = SensitiveWords(["坏词", "vpn", "词" * 40], aho_corasick, shown_texts)
LAYOUT = Layout(wording=lambda: CHINESE, words=lambda: WORDS)
PROMPTS = PromptBook.of(PromptTemplate(title=f"t{number}", prefix="x") for number in range(9))
TOKENS = ToktokCounter("gpt-4o")
PERSON = Person(
    key=staff_key("a"),  # type: ignore[arg-type] # a text is one
    nick="a",
    staff_id=None,
    questions=1,
    first_asked=NOON,
    last_asked=NOON,
)
RECORD = Record(
    id=1,
    asked_at=NOON,
    nick="a",
    room_kind=RoomKind.GROUP,
    room_title="",
    state=State.ANSWERED,
    reason="answered",
    question="",
    answer="",
    picture="",
    provider="",
    model="",
    prompt_tokens=1,
    answer_tokens=1,
    first_token_after=None,
    took=timedelta(),
)


def streamed(text: str) -> None:
    stream = WORDS.masking()
    for start in range(0, len(text), 1000):
        stream.feed(text[start : start + 1000])
    stream.close()


def exported(form: str) -> Callable[[str], object]:
    def export(text: str) -> object:
        record = replace(RECORD, question=text, answer=text)
        return FORMATS[form].entry(record, PERSON, ZoneInfo("UTC"), "")

    return export


def named(text: str) -> object:
    sender = replace(IN_GROUP.sender, nick=text, staff_id=None)
    return mention_for(replace(IN_GROUP, sender=sender))


ENTRIES: dict[str, Callable[[str], object]] = {
    "trimmed": trimmed,
    "command": lambda text: parse(text, PROMPTS),
    "command with words": lambda text: parse(f"#域名 {text}", PROMPTS),
    "template": lambda text: parse(f"#t1 {text}", PROMPTS),
    "person looked up": lambda text: parse(f"#查对话 username:{text}", PROMPTS),
    "quotation": lambda text: parse("x", PROMPTS, quoted=text),
    "site": site_in,
    "tokens": TOKENS.count,
    "fold": fold,
    "mask": WORDS.mask,
    "mask of Markdown": WORDS.mask_as_shown,
    "mask of a question": WORDS.mask_typed,
    "question": WORDS.shown_by,
    "question with letters": lambda text: WORDS.shown_by(f"坏-词 {text}"),
    "stream": streamed,
    "rendering": render,
    "title": lambda text: title_of(text, fallback="x"),
    "reply": lambda text: LAYOUT.parts_of(text, IN_GROUP),
    "reply with letters": lambda text: LAYOUT.parts_of(f"坏-词 {text}", IN_GROUP),
    "nickname": named,
    "literal": lambda text: literal(text, longest=300),
    "quotation in code": as_code,
    "Markdown file": exported("md"),
    "CSV file": exported("csv"),
    "JSON file": exported("jsonl"),
    "page": lambda text: AnswerMarkdown(CHINESE.pages).html(text[:LONGEST]),
}


LABORIOUS = {
    *(
        "mask",
        "mask of Markdown",
        "mask of a question",
        "question with letters",
        "stream",
        "rendering",
    ),
    *("reply", "reply with letters", "Markdown file", "title", "question", "CSV file"),
}


def cost_of(work: Callable[[str], object], text: str) -> float:
    begun = time.process_time()
    work(text)
    return time.process_time() - begun


def of_a_megabyte(unit: str) -> str:
    return repeated(unit, MEGABYTE)


def repeated(unit: str, size: int) -> str:
    return unit * (size // len(unit))


@pytest.mark.parametrize("name", ENTRIES)
def test_a_nasty_text_costs_no_more_than_many_times_a_plain_one(name: str) -> None:
    """A step that is quadratic costs thousands of times as much."""
    work, size = ENTRIES[name], SMALLER if name in LABORIOUS else MEGABYTE
    plain = repeated(PLAIN, size)
    most = 80 * max(cost_of(work, plain), cost_of(fold, of_a_megabyte(PLAIN)))

    costs = {unit: cost_of(work, repeated(unit, size)) for unit in NASTY}

    assert {unit: cost for unit, cost in costs.items() if cost > most} == {}


def test_a_callback_of_a_megabyte_is_read_at_once() -> None:
    def read(text: str) -> None:
        body = b'{"msgId":"a","conversationId":"c","senderId":"s","msgtype":"text","text":{"content":"%s"}}'
        read_callback(body % text.replace("\\", "").encode()).to_message(UNSIGNED, received_at=NOON)

    most = 80 * max(cost_of(read, of_a_megabyte("word 字")), cost_of(fold, of_a_megabyte(PLAIN)))

    assert all(cost_of(read, of_a_megabyte(unit)) < most for unit in (" \u200b", "a", "\u0301"))

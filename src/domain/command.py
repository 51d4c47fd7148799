"""What a message asks: one of the commands, or a question."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from domain.prompts import PromptBook, PromptTemplate

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
"""Zero-width characters, which chat programs leave behind and nobody sees."""


class Mode(Enum):
    """How much of the conversation goes along with a question."""

    SINGLE_TURN = "单聊"
    MULTI_TURN = "串聊"


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """Tell what the robot can do."""


@dataclass(frozen=True, slots=True)
class SwitchMode:
    mode: Mode


@dataclass(frozen=True, slots=True)
class ResetSession:
    """Back to the default mode, with an empty context."""


@dataclass(frozen=True, slots=True)
class ListTemplates:
    """Tell which prompt templates there are."""


@dataclass(frozen=True, slots=True)
class ShowTemplate:
    template: PromptTemplate


@dataclass(frozen=True, slots=True)
class ReportUsage:
    """Tell the author's own use of today."""


@dataclass(frozen=True, slots=True)
class ShowGroupId:
    """Tell the conversation's id, which the operator needs for `allow_groups`."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Put a question to the model. `text` is what the model gets, templates expanded."""

    text: str


Command: TypeAlias = (
    ShowHelp
    | SwitchMode
    | ResetSession
    | ListTemplates
    | ShowTemplate
    | ReportUsage
    | ShowGroupId
    | Ask
)

EXACT: dict[str, Command] = {
    "": ShowHelp(),
    "帮助": ShowHelp(),
    "单聊": SwitchMode(Mode.SINGLE_TURN),
    "串聊": SwitchMode(Mode.MULTI_TURN),
    "重置": ResetSession(),
    "退出": ResetSession(),
    "结束": ResetSession(),
    "模板": ListTemplates(),
    "用量": ReportUsage(),
    "群ID": ShowGroupId(),
    "群id": ShowGroupId(),
}
"""The commands that are one exact word. Everything people type as a command stands in this file."""


def trimmed(text: str) -> str:
    """The text without white space and invisible characters around it."""
    while (shorter := text.strip().strip(INVISIBLE)) != text:
        text = shorter
    return text


def parse(text: str, prompts: PromptBook, *, quoted: str = "") -> Command:
    """Read a message. Whatever is no command is a question.

    Only the author's own words can be a command: `quoted` goes along with a question, unread.
    """
    words = trimmed(text)
    if words in EXACT:
        return EXACT[words]
    if words.startswith("#") and (named := prompts.named_in(words[1:])):
        template, question = named
        if not question and not quoted:
            return ShowTemplate(template)
        return Ask(template.around(with_quote(question, quoted)))
    return Ask(with_quote(words, quoted))


def with_quote(words: str, quoted: str) -> str:
    """The question with the message it refers to above it, marked as a quotation."""
    if not quoted:
        return words
    lines = "\n".join(f"> {line}" for line in quoted.splitlines())
    return f"{lines}\n\n{words}".rstrip()

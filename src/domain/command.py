"""What a message asks: one of the commands, or a question."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from domain.prompts import PromptBook, PromptTemplate, words_after

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
"""Zero-width characters, which chat programs leave behind and nobody sees."""

WHITE_SPACE = "".join(
    filter(str.isspace, map(chr, [*range(0x100), 0x1680, *range(0x2000, 0x2030), 0x205F, 0x3000]))
)
"""Every character that is white space to `str.isspace`."""

AROUND = WHITE_SPACE + INVISIBLE


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
class ShowUserId:
    """Show the author's own userid, which the operator needs for the lists of users."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Put a question to the model. `text` is what the model gets, templates expanded."""

    text: str


@dataclass(frozen=True, slots=True)
class ExplainPictures:
    """Tell how to ask for a picture."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Have a picture drawn after these words."""

    text: str


@dataclass(frozen=True, slots=True)
class ReportBalance:
    """Tell what the account has left, or what was spent."""


@dataclass(frozen=True, slots=True)
class ExplainHistory:
    """Tell how to look up a person's conversation."""


@dataclass(frozen=True, slots=True)
class LookUpHistory:
    """Show what a person asked. `name` is a nickname or a staff id; empty if none could be read."""

    name: str


@dataclass(frozen=True, slots=True)
class RevokeHistoryLinks:
    """End all links to history that the author has asked for."""


@dataclass(frozen=True, slots=True)
class InspectDomain:
    """Tell who registered a domain; `address` is as it was typed, perhaps empty."""

    address: str


@dataclass(frozen=True, slots=True)
class InspectCertificate:
    """Tell what certificate a site shows; `address` is as it was typed, perhaps empty."""

    address: str


Command: TypeAlias = (
    ShowHelp
    | SwitchMode
    | ResetSession
    | ListTemplates
    | ShowTemplate
    | ReportUsage
    | ShowGroupId
    | ShowUserId
    | ExplainPictures
    | Draw
    | ReportBalance
    | ExplainHistory
    | LookUpHistory
    | RevokeHistoryLinks
    | InspectDomain
    | InspectCertificate
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
    "我的ID": ShowUserId(),
    "我的id": ShowUserId(),
    "图片": ExplainPictures(),
    "余额": ReportBalance(),
    "查对话": ExplainHistory(),
}
"""The commands that are one exact word. Everything people type as a command stands in this file."""


NAMED = re.compile(r"username\s*[:：]", re.IGNORECASE)
REVOKE = frozenset({"撤销", "revoke"})


def looked_up(words: str) -> Command:
    """`username:张三`, with either colon; or the word that ends the links."""
    if words in REVOKE:
        return RevokeHistoryLinks()
    named = NAMED.match(words)
    return LookUpHistory(trimmed(words[named.end() :]) if named else "")


WITH_WORDS: dict[str, Callable[[str], Command]] = {
    "图片": lambda words: Draw(words) if words else ExplainPictures(),
    "查对话": looked_up,
    "域名": InspectDomain,
    "证书": InspectCertificate,
}
"""The commands that begin with # and go on with words of the author. They win over templates."""

TAKES_QUOTATIONS = frozenset({"图片"})
"""What is quoted with them is part of what they are about; the others are about the typed words alone."""


def trimmed(text: str) -> str:
    """The text without white space and invisible characters around it."""
    return text.strip(AROUND)


def parse(text: str, prompts: PromptBook, *, quoted: str = "") -> Command:
    """Read a message. Whatever is no command is a question.

    Only the author's own words can be a command: `quoted` goes along with a question, unread.
    """
    words = trimmed(text)
    if words in EXACT:
        return EXACT[words]
    # A Chinese keyboard types the full-width sign; a question keeps it.
    marked = f"#{words[1:]}" if words.startswith("＃") else words
    if command := _with_words(marked, quoted):
        return command
    if marked.startswith("#") and (named := prompts.named_in(marked[1:])):
        template, question = named
        if not question and not quoted:
            return ShowTemplate(template)
        return Ask(template.around(with_quote(question, quoted)))
    return Ask(with_quote(words, quoted))


def _with_words(words: str, quoted: str) -> Command | None:
    for name, command_with in WITH_WORDS.items():
        rest = words_after(f"#{name}", words)
        if rest is None:
            continue
        if name in TAKES_QUOTATIONS:
            rest = with_quote(trimmed(rest), quoted)
        return command_with(trimmed(rest))
    return None


def with_quote(words: str, quoted: str) -> str:
    """The question with the message it refers to above it, marked as a quotation."""
    if not quoted:
        return words
    lines = "\n".join(f"> {line}" for line in quoted.splitlines())
    return f"{lines}\n\n{words}".rstrip()

"""Prompt templates from the operator's file, or our own."""

from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from domain.prompts import PromptTemplate
from entrypoints.settings.files import LARGEST_YAML, text_of
from entrypoints.settings.reading.mistakes import ConfigurationError, Mistake, UnfitError, quoted
from entrypoints.settings.reading.readers import single
from entrypoints.settings.reading.structures import Key, list_of, structure
from entrypoints.settings.reading.yaml_text import ListNode, Node, parse
from entrypoints.settings.texts import say

NUMBER_SIGNS = ("#", "＃")
"""One of them begins the message that calls a template; in files of the Go version, its title as well."""

IN_QUOTES = "; a title that begins with # needs quotes, or YAML takes it for a comment"


def _title(typed: str) -> str:
    title = typed.strip()
    if title.startswith(NUMBER_SIGNS):
        title = title[1:].lstrip()
    if not title or any(letter.isspace() for letter in title):
        raise UnfitError(say("not_title", found=quoted(typed)))
    return title


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A template as it is written in the file; `content` is the older name of `prefix`."""

    title: Annotated[str, Key(single(_title, empty_is_unset=False, is_prose=True))] = ""
    prefix: Annotated[str, Key(single(str, is_prose=True))] = ""
    content: Annotated[str, Key(single(str, is_prose=True))] = ""
    suffix: Annotated[str, Key(single(str, is_prose=True))] = ""


_entries = list_of(structure(_Entry))


def templates_in(path: Path) -> tuple[PromptTemplate, ...]:
    """The templates of a file, in its order.

    Raises:
        ConfigurationError: it cannot be read, or an entry breaks a rule.
    """
    return _templates(text_of(path, at_most=LARGEST_YAML), str(path))


def built_in_templates() -> tuple[PromptTemplate, ...]:
    """The templates that come with the program."""
    own = resources.files("entrypoints.settings") / "prompt.yml"
    return _templates(own.read_text(encoding="utf-8"), "built-in prompt.yml")


def _templates(text: str, source: str) -> tuple[PromptTemplate, ...]:
    node = parse(text, source)
    if node is None:
        return ()
    entries = _entries.parse(node, "")
    mistakes = [*_title_mistakes(node, entries), *_prefix_mistakes(node, entries)]
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(
        PromptTemplate(title=entry.title, prefix=entry.prefix or entry.content, suffix=entry.suffix)
        for entry in entries
    )


def _title_mistakes(node: Node, entries: tuple[_Entry, ...]) -> list[Mistake]:
    nodes = _items_of(node)
    titles = [entry.title.casefold() for entry in entries]
    mistakes = []
    for index, (title, item) in enumerate(zip(titles, nodes, strict=True)):
        path = f"[{index}].title"
        if not title:
            mistakes.append(Mistake(place=item.place, path=path, problem=say("missing_title")))
        elif title in titles[:index]:
            first = nodes[titles.index(title)].place
            problem = say("title_twice", found=quoted(entries[index].title), first=first)
            mistakes.append(Mistake(place=item.place, path=path, problem=problem))
    return mistakes


def _prefix_mistakes(node: Node, entries: tuple[_Entry, ...]) -> list[Mistake]:
    problem = say("two_prefixes")
    return [
        Mistake(place=item.place, path=f"[{index}].content", problem=problem)
        for index, (entry, item) in enumerate(zip(entries, _items_of(node), strict=True))
        if entry.prefix and entry.content
    ]


def _items_of(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, ListNode) else ()

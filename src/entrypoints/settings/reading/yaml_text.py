"""YAML as it was typed: the text of each value and its line, with nothing guessed from it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from entrypoints.settings.reading.mistakes import ConfigurationError, Place, refusal

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML was built without libyaml.
    from yaml import SafeLoader as Loader  # type: ignore[assignment]  # same events, slower

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
DEEPEST = 8
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """A single value. `is_plain` says that it was typed without quotes."""

    text: str
    place: Place
    is_plain: bool = False

    @property
    def is_null(self) -> bool:
        return self.is_plain and self.text in NULLS


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNode:
    items: tuple["Node", ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """Keys and values in the order typed; a key that was typed twice is there twice."""

    entries: tuple[tuple[ScalarNode, "Node"], ...]
    place: Place


Node: TypeAlias = ScalarNode | ListNode | MapNode


def parse(text: str, source: str) -> Node | None:
    """Read one YAML document; None if there is nothing in it.

    Aliases, anchors and tags are refused: a configuration needs none, and they can hide or multiply.

    Raises:
        ConfigurationError: the text is not such a document.
    """
    if control := CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise refusal(
            Place(source=source, line=line), "a control character is in this line; delete it"
        )
    try:
        return _document(_events(text, source), source)
    except yaml.MarkedYAMLError as error:
        raise _in_plain_words(error, text, source) from None
    except yaml.YAMLError:
        raise refusal(Place(source=source), "this is not YAML") from None


def _events(text: str, source: str) -> Iterator[yaml.Event]:
    for event in yaml.parse(text, Loader=Loader):
        problem = _forbidden(event)
        if problem:
            raise refusal(_place(event, source), problem)
        yield event


def _forbidden(event: yaml.Event) -> str:
    if getattr(event, "anchor", None) is not None:
        return "anchors (&) and aliases (*) are not supported; put a value that begins so in quotes"
    if getattr(event, "tag", None) is not None:
        return "tags (!) are not supported; put a value that begins so in quotes"
    return ""


def _document(events: Iterator[yaml.Event], source: str) -> Node | None:
    root: Node | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise refusal(_place(event, source), "a second document (---) begins; allowed: one")
        if isinstance(event, (yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            root = _node(event, events, source, 0)
    return None if isinstance(root, ScalarNode) and root.is_null else root


def _node(event: yaml.Event, events: Iterator[yaml.Event], source: str, depth: int) -> Node:
    place = _place(event, source)
    if depth > DEEPEST:
        raise refusal(place, f"values are nested too deeply; allowed: {DEEPEST} levels")
    if isinstance(event, yaml.ScalarEvent):
        return ScalarNode(text=event.value, place=place, is_plain=not event.style)
    if isinstance(event, yaml.SequenceStartEvent):
        items = _children(events, source, depth)
        return ListNode(items=tuple(items), place=place)
    return MapNode(entries=tuple(_entries(events, source, depth)), place=place)


def _children(events: Iterator[yaml.Event], source: str, depth: int) -> Iterator[Node]:
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            return
        yield _node(event, events, source, depth + 1)


def _entries(
    events: Iterator[yaml.Event], source: str, depth: int
) -> Iterator[tuple[ScalarNode, Node]]:
    children = _children(events, source, depth)
    for key in children:
        if not isinstance(key, ScalarNode):
            raise refusal(key.place, "a list or a mapping stands where a key is expected")
        # YAML gives every key a value, an empty one if need be.
        yield key, next(children)


def _place(event: yaml.Event, source: str) -> Place:
    mark = event.start_mark
    return Place(source=source, line=mark.line + 1 if mark else None)


def _in_plain_words(error: yaml.MarkedYAMLError, text: str, source: str) -> ConfigurationError:
    line = error.problem_mark.line if error.problem_mark else 0
    near = "\n".join(text.split("\n")[max(line - 1, 0) : line + 1])
    problem = without_quotations(str(error.problem))
    return refusal(Place(source=source, line=line + 1), f"this is not YAML: {problem}{_hint(near)}")


def without_quotations(message: str) -> str:
    """The library's message without words of the file, any of which may be a secret."""
    return re.sub(r"'[^']{2,}'", "…", message)


def _hint(near: str) -> str:
    if re.search(r"^ *\t", near, re.MULTILINE):
        return "; a line begins with a tab: indent with spaces"
    if "：" in near:
        return "; there is a full-width colon (：): write an ordinary one and a space (: )"
    if re.search(r":\s*[@`%*&!|>]", near):
        return "; put a value that begins with @ ` % * & ! in quotes"
    return ""

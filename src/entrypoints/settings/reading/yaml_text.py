"""YAML as it was typed: the text of each value and its line, with nothing guessed from it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from entrypoints.settings.reading.mistakes import ConfigurationError, Place, refusal
from entrypoints.settings.reading.odd_characters import hint_for, odd_in_line
from entrypoints.settings.texts import Text, say

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML was built without libyaml.
    from yaml import SafeLoader as Loader  # type: ignore[assignment]  # same events, slower

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
DEEPEST = 8
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
"""Also a byte order mark within, as two files put together have it."""

UNCLOSED = say("yaml_quote")
BEGINS_BEFORE = frozenset({UNCLOSED, say("yaml_no_colon"), say("yaml_bracket")})
"""What is noticed further down, or at the end of the file: to blame is where it was begun."""

PROBLEMS = {
    "could not find expected ':'": "yaml_no_colon",
    "mapping values are not allowed": "yaml_second_colon",
    "did not find expected key": "yaml_indent",
    "did not find expected '-'": "yaml_list",
    "did not find expected <document start>": "yaml_indent",
    "did not find expected ','": "yaml_bracket",
    "found character that cannot start": "yaml_start",
    "found unexpected end of stream": "yaml_quote",
    "did not find expected node content": "yaml_bracket",
    "found unknown escape character": "yaml_escape",
    "block sequence entries are not allowed": "yaml_list_place",
    "found a tab character": "yaml_tab",
}
"""What libyaml and PyYAML say, by its beginning, and the sentence for it."""


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
        column = control.start() - text.rfind("\n", 0, control.start())
        character = f"U+{ord(control[0]):04X}"
        problem = say("control_character", character=character, column=column)
        raise refusal(Place(source=source, line=line), problem)
    lines = text.split("\n")
    try:
        return _document(_events(text, source, lines), source)
    except yaml.MarkedYAMLError as error:
        raise _in_plain_words(error, lines, source) from None
    except yaml.YAMLError:
        raise refusal(Place(source=source), say("no_yaml")) from None


def _events(text: str, source: str, lines: list[str]) -> Iterator[yaml.Event]:
    for event in yaml.parse(text, Loader=Loader):
        if problem := _forbidden(event):
            raise refusal(_place(event, source), problem)
        _refuse_swallowed_key(event, source, lines)
        yield event


def _forbidden(event: yaml.Event) -> Text | None:
    if getattr(event, "anchor", None) is not None:
        return say("anchors")
    if getattr(event, "tag", None) is not None:
        return say("tags")
    return None


def _refuse_swallowed_key(event: yaml.Event, source: str, lines: list[str]) -> None:
    """A key with a full-width colon below a value is no key to YAML, but more lines of the value."""
    if not isinstance(event, yaml.ScalarEvent) or event.style:
        return
    if not event.start_mark or not event.end_mark:
        return
    # With nothing before it the first line is no value of a key either.
    first = event.start_mark.line + (1 if event.start_mark.column else 0)
    for number in range(first, min(event.end_mark.line + 1, len(lines))):
        odd = odd_in_line(lines[number])
        if odd and odd.fixed == ": ":
            is_below = number > event.start_mark.line
            hint = odd.in_a_line()
            problem = say("not_yaml", column="", problem="", hint=hint)
            if is_below:
                problem = say("not_a_key", hint=hint)
            raise refusal(Place(source=source, line=number + 1), problem)


def _document(events: Iterator[yaml.Event], source: str) -> Node | None:
    root: Node | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise refusal(_place(event, source), say("second_document"))
        if isinstance(event, (yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            root = _node(event, events, source, 0)
    return None if isinstance(root, ScalarNode) and root.is_null else root


def _node(event: yaml.Event, events: Iterator[yaml.Event], source: str, depth: int) -> Node:
    place = _place(event, source)
    if depth > DEEPEST:
        raise refusal(place, say("too_deep", most=DEEPEST))
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
            raise refusal(key.place, say("key_is_no_text"))
        # YAML gives every key a value, an empty one if need be.
        yield key, next(children)


def _place(event: yaml.Event, source: str) -> Place:
    mark = event.start_mark
    return Place(source=source, line=mark.line + 1 if mark else None)


def _in_plain_words(
    error: yaml.MarkedYAMLError, lines: list[str], source: str
) -> ConfigurationError:
    """The line that is to blame is often one above that at which YAML gives up."""
    last = min(error.problem_mark.line, len(lines) - 1) if error.problem_mark else 0
    first = min(error.context_mark.line, last) if error.context_mark else last
    for number in range(max(min(first, last - 1), 0), last + 1):
        if hint := hint_for(lines[number]):
            place = Place(source=source, line=number + 1)
            return refusal(place, say("not_yaml", column="", problem="", hint=hint))
    mark, problem = error.problem_mark, _problem_of(error)
    begun = error.context_mark if problem in BEGINS_BEFORE else None
    if begun and (begun.line < last or problem == UNCLOSED):
        mark, last = begun, begun.line
    column = mark.column + 1 if mark else 1
    begins_oddly = re.search(r"(?:^|[:-])\s*[@`%*&!|>]", lines[last])
    return refusal(
        Place(source=source, line=last + 1),
        say(
            "not_yaml",
            column=say("at_column", column=column),
            problem=problem,
            hint=say("hint_quotes") if begins_oddly and problem != say("yaml_start") else "",
        ),
    )


def _problem_of(error: yaml.MarkedYAMLError) -> Text:
    for beginning, key in PROBLEMS.items():
        if str(error.problem).startswith(beginning):
            return say(key)
    return say("yaml_other")


def shape_mistake(text: str, root: ScalarNode | ListNode) -> Text:
    """Why a document that should have keys has none."""
    lines = text.split("\n")
    hint = hint_for(lines[(root.place.line or 1) - 1])
    return say("not_a_key", hint=hint) if hint else say("no_keys")

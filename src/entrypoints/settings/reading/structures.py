"""Keys declared once as annotated fields of a struct, and the reading of whole structs and lists."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from functools import cache
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec

from entrypoints.settings.reading.mistakes import (
    ConfigurationError,
    Mistake,
    Place,
    did_you_mean,
    nearest,
    printable_key,
    refusal,
)
from entrypoints.settings.reading.odd_characters import odd_in_value
from entrypoints.settings.reading.readers import Reader, T
from entrypoints.settings.reading.yaml_text import ListNode, MapNode, Node, ScalarNode, parse
from entrypoints.settings.texts import Text, say

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Key:
    """What a field's annotation declares besides its type.

    `environment` is the variable's name, the key in capitals if not given; a `live` key takes
    effect on a reload, any other one on a restart.
    """

    reader: Reader[object]
    _: KW_ONLY
    environment: str = ""
    live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredKey:
    """A key of a struct with all that is known of it."""

    name: str
    reader: Reader[object]
    environment: str
    live: bool
    default: object


@cache
def keys_of(struct: type[msgspec.Struct]) -> Mapping[str, DeclaredKey]:
    """The keys that a struct declares, by name, in its order."""
    hints = get_type_hints(struct, include_extras=True)
    keys = {}
    for field in msgspec.structs.fields(struct):
        (key,) = (extra for extra in hints[field.name].__metadata__ if isinstance(extra, Key))
        keys[field.name] = DeclaredKey(
            name=field.name,
            reader=key.reader,
            environment=key.environment or field.name.upper(),
            live=key.live,
            default=field.default,
        )
    return keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings(Generic[S]):
    """A struct as far as it could be read, where each given value stood, and what was wrong.

    `blanks` are the places of keys that were given without a value.
    """

    struct: S
    places: Mapping[str, Place]
    blanks: Mapping[str, Place]
    mistakes: tuple[Mistake, ...]


def readings(struct: type[S], node: MapNode, path: str = "") -> Readings[S]:
    """Read every key that can be read; the others keep their default and become mistakes."""
    known = keys_of(struct)
    seen: dict[str, Place] = {}
    values: dict[str, Any] = {}  # Each has the type of its field, by the field's own reader.
    mistakes: list[Mistake] = []
    for name, value in node.entries:
        try:
            key = _key_named(name, known, seen, path)
            if not _is_unset(value, key):
                values[key.name] = key.reader.parse(value, _joined(path, key.name))
        except ConfigurationError as error:
            mistakes += error.mistakes
    places = {name: seen[name] for name in values}
    blanks = {name: place for name, place in seen.items() if name not in values}
    return Readings(struct=struct(**values), places=places, blanks=blanks, mistakes=tuple(mistakes))


def _key_named(
    name: ScalarNode, known: Mapping[str, DeclaredKey], seen: dict[str, Place], path: str
) -> DeclaredKey:
    where = _joined(path, printable_key(name.text))
    if name.text not in known:
        near = did_you_mean(name.text, known)
        problem = say("unknown_key", hint=near)
        if path and not near:
            problem = say("unknown_key_there", keys=", ".join(known))
        if odd := odd_in_value(name.text):
            problem = say("with_hint", problem=problem, hint=odd.in_a_value())
        meant = nearest(name.text, known)
        raise ConfigurationError(
            [Mistake(place=name.place, path=where, problem=problem, meant=meant)]
        )
    if name.text in seen:
        raise refusal(name.place, say("given_twice", first=seen[name.text]), where)
    seen[name.text] = name.place
    return known[name.text]


def _is_unset(value: Node, key: DeclaredKey) -> bool:
    if not isinstance(value, ScalarNode):
        return False
    return value.is_null or (not value.text and key.reader.empty_is_unset)


def _with_hint(problem: Text, node: Node) -> Text:
    """With what makes a list or a mapping one value, such as a full-width bracket or a dash."""
    if not isinstance(node, ScalarNode):
        return problem
    if odd := odd_in_value(node.text):
        return say("with_hint", problem=problem, hint=odd.in_a_value())
    if node.text.startswith("-"):
        return say("with_hint", problem=problem, hint=say("dash_without_space"))
    return problem


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def structure(struct: type[S]) -> Reader[S]:
    """A reader of a mapping with the struct's keys."""

    def parse(node: Node, path: str) -> S:
        if not isinstance(node, MapNode):
            keys = ", ".join(keys_of(struct))
            raise refusal(node.place, _with_hint(say("not_mapping", keys=keys), node), path)
        found = readings(struct, node, path)
        if found.mistakes:
            raise ConfigurationError(found.mistakes)
        return found.struct

    return Reader(parse, empty_is_unset=False)


def list_of(
    reader: Reader[T], *, blanks_are_dropped: bool = False, example: str = "[a, b]"
) -> Reader[tuple[T, ...]]:
    """A reader of a list, which looks like `example`; in the environment its entries are parted by commas."""

    def parse(node: Node, path: str) -> tuple[T, ...]:
        if not isinstance(node, ListNode):
            raise refusal(node.place, _with_hint(say("not_list", example=example), node), path)
        values: list[T] = []
        mistakes: list[Mistake] = []
        for index, item in enumerate(node.items):
            if blanks_are_dropped and _is_blank(item):
                continue
            try:
                values.append(reader.parse(item, f"{path}[{index}]"))
            except ConfigurationError as error:
                mistakes += error.mistakes
        if mistakes:
            raise ConfigurationError(mistakes)
        return tuple(values)

    return Reader(parse, from_environment=comma_separated, empty_is_unset=False)


def comma_separated(text: str, place: Place) -> Node | None:
    """A list from the environment: parted at commas, trimmed, empty entries dropped."""
    entries = [entry.strip() for entry in text.split(",")]
    items = tuple(ScalarNode(text=entry, place=place) for entry in entries if entry)
    return ListNode(items=items, place=place)


def without_twins(
    items: Reader[tuple[T, ...]], key: str, key_of: Callable[[T], Hashable]
) -> Reader[tuple[T, ...]]:
    """The reader of a list in which no two entries may have one `key`."""

    def parse_list(node: Node, path: str) -> tuple[T, ...]:
        values = items.parse(node, path)
        keys = [key_of(value) for value in values]
        twins = [index for index, one in enumerate(keys) if one in keys[:index]]
        if twins and isinstance(node, ListNode):
            raise ConfigurationError(
                Mistake(
                    place=node.items[index].place,
                    path=f"{path}[{index}].{key}",
                    problem=say("same_as", other=f"{path}[{keys.index(keys[index])}]"),
                )
                for index in twins
            )
        return values

    return replace(items, parse=parse_list)


def as_yaml(text: str, place: Place) -> Node | None:
    """A variable that holds a list as YAML or JSON."""
    try:
        return parse(text, place.source)
    except ConfigurationError:
        raise refusal(place, say("not_yaml_or_json")) from None


def _is_blank(node: Node) -> bool:
    return isinstance(node, ScalarNode) and (node.is_null or not node.text.strip())

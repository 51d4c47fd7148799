"""Readers of single values: from the text that was typed to a typed value."""

import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from entrypoints.settings.reading.mistakes import Place, UnfitError, did_you_mean, quoted, refusal
from entrypoints.settings.reading.odd_characters import QUOTES, odd_in_value
from entrypoints.settings.reading.yaml_text import Node, ScalarNode
from entrypoints.settings.texts import Text, say

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
NUMBERED_SWITCHES = {"1": "true", "t": "true", "0": "false", "f": "false"}
UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
NOTHING_ELSE: Mapping[str, str] = MappingProxyType({})
LARGEST = 1_000_000_000
LONGEST = timedelta(days=3650)


def as_typed(text: str, place: Place) -> Node | None:
    """An environment variable as the value it would be in the file."""
    return ScalarNode(text=text, place=place)


@dataclass(frozen=True, slots=True)
class Reader(Generic[T_co]):
    """How a key's value is read.

    `parse` takes the node and its path and raises ConfigurationError; `from_environment` makes the
    node out of a variable's text, or None if the variable is to be ignored. Where `empty_is_unset`,
    an empty text in the file is the same as the key left out.
    """

    parse: Callable[[Node, str], T_co]
    _: KW_ONLY
    from_environment: Callable[[str, Place], Node | None] = as_typed
    empty_is_unset: bool = True


def single(
    convert: Callable[[str], T],
    *,
    from_environment: Callable[[str, Place], Node | None] = as_typed,
    empty_is_unset: bool = True,
    is_prose: bool = False,
    is_secret: bool = False,
) -> Reader[T]:
    """A reader of one value; `convert` raises UnfitError.

    Prose may begin with any quotation mark; of a secret nothing is quoted.
    """

    def parse(node: Node, path: str) -> T:
        if not isinstance(node, ScalarNode):
            raise refusal(node.place, say("not_single"), path)
        if not is_prose:
            _refuse_odd_quotes(node, path, is_secret=is_secret)
        try:
            return convert(node.text)
        except UnfitError as error:
            problem, odd = error.text, odd_in_value(node.text)
            if odd and not is_prose and not (is_secret and odd.fixed):
                problem = say("with_hint", problem=problem, hint=odd.in_a_value())
            raise refusal(node.place, problem, path) from None

    return Reader(parse, from_environment=from_environment, empty_is_unset=empty_is_unset)


def _refuse_odd_quotes(node: ScalarNode, path: str, *, is_secret: bool) -> None:
    text = node.text.strip()
    marks = " ".join(dict.fromkeys(mark for mark in (text[:1], text[-1:]) if mark in QUOTES))
    if not marks:
        return
    if is_secret:
        raise refusal(node.place, say("quoted_secret", marks=marks), path)
    inner = quoted(text.strip("".join(QUOTES)))
    raise refusal(
        node.place, say("in_odd_quotes", found=quoted(text), marks=marks, fixed=inner), path
    )


def word(typed: str) -> str:
    """A text on one line, without blanks around it."""
    text = typed.strip()
    if not text or not text.isprintable():
        raise UnfitError(say("not_one_line", found=quoted(typed)))
    return text


def model_name(typed: str) -> str:
    """A model's id; hyphens that a web page has typeset, and full-width letters, are in none."""
    text = word(typed)
    if odd_in_value(text):
        raise UnfitError(say("not_model", found=quoted(typed)))
    return text


def prose(typed: str) -> str:
    """A text that may have many lines, kept as it is."""
    if not typed.strip():
        raise UnfitError(say("blank_prose", found=quoted(typed)))
    return typed


def with_line_breaks(text: str, place: Place) -> Node | None:
    """In a variable, `\\n` stands for a line break."""
    return ScalarNode(text=text.replace("\\n", "\n"), place=place)


def identifier(typed: str) -> str:
    """An id that DingTalk gave, exactly as typed."""
    text = typed.strip()
    if re.search(r"[\s,，、;；]", text) or not text.isprintable():
        raise UnfitError(say("not_one_id", found=quoted(typed)))
    return text


def file_path(typed: str) -> Path:
    return Path(word(typed))


def listening_host(typed: str) -> str:
    text = typed.strip()
    if not re.fullmatch(r"[\w.:-]+", text):
        raise UnfitError(say("not_listening_host", found=quoted(typed)))
    return text


def whole_number(
    *, at_least: int, at_most: int = LARGEST, note: Text | None = None, empty_is_unset: bool = False
) -> Reader[int]:
    """Plain decimal digits; what YAML would read as octal, or programs as 1e3, is refused."""
    meaning = say("note", meaning=note) if note else ""
    allowed = say("from_to", least=at_least, most=at_most, note=meaning)
    if at_most == LARGEST:
        allowed = say("or_more", least=at_least, note=meaning)

    def convert(typed: str) -> int:
        if re.fullmatch(r"0[0-9]+", typed):
            raise UnfitError(say("leading_zeros", found=quoted(typed), allowed=allowed))
        if not re.fullmatch(r"-?[0-9]{1,18}", typed):
            raise UnfitError(say("not_whole", found=quoted(typed), allowed=allowed))
        if not at_least <= int(typed) <= at_most:
            raise UnfitError(say("out_of_range", found=quoted(typed), allowed=allowed))
        return int(typed)

    return single(convert, empty_is_unset=empty_is_unset)


def decimal(*, at_least: float, at_most: float) -> Reader[float]:
    allowed = say("from_to_decimal", least=f"{at_least:g}", most=f"{at_most:g}")

    def convert(typed: str) -> float:
        is_number = re.fullmatch(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?", typed)
        if not is_number or not at_least <= float(typed) <= at_most:
            raise UnfitError(say("not_decimal", found=quoted(typed), allowed=allowed))
        return float(typed)

    return single(convert, empty_is_unset=False)


def _switch(typed: str) -> bool:
    if typed.lower() not in SWITCHES:
        raise UnfitError(say("not_switch", found=quoted(typed)))
    return SWITCHES[typed.lower()]


def _numbered_switch(text: str, place: Place) -> Node | None:
    return ScalarNode(text=NUMBERED_SWITCHES.get(text.strip().lower(), text.strip()), place=place)


switch = single(_switch, from_environment=_numbered_switch, empty_is_unset=False)


def _duration(typed: str) -> timedelta:
    found = re.fullmatch(r"(0|[1-9][0-9]{0,9})([smhd]?)", typed)
    if not found:
        raise UnfitError(say("not_duration", found=quoted(typed)))
    length = int(found[1])
    if not 0 < length <= LONGEST / UNITS[found[2] or "s"]:
        raise UnfitError(say("duration_range", found=quoted(typed), most=LONGEST.days))
    return length * UNITS[found[2] or "s"]


duration = single(_duration, empty_is_unset=False)


def one_of(
    *choices: str,
    as_value: Callable[[str], T],
    from_environment: Callable[[str, Place], Node | None] = as_typed,
    also: Mapping[str, str] = NOTHING_ELSE,
    note: Text | None = None,
) -> Reader[T]:
    """One of the named choices, turned into a value by `as_value`.

    `also` has what people call them, in small letters, for a hint; `note` says what they mean.
    """

    def convert(typed: str) -> T:
        if typed.strip() not in choices:
            called = also.get(typed.strip().lower())
            hint = say("did_you_mean", near=called) if called else did_you_mean(typed, choices)
            listed: Text | str = ", ".join(choices)
            listed = say("choices_meaning", choices=listed, meaning=note) if note else listed
            raise UnfitError(say("unknown_choice", found=quoted(typed), choices=listed, hint=hint))
        return as_value(typed.strip())

    return single(convert, from_environment=from_environment)


def only_if_among(*choices: str) -> Callable[[str, Place], Node | None]:
    """A variable that other programs use as well: it counts if it is exactly one of the choices."""

    def from_environment(text: str, place: Place) -> Node | None:
        return as_typed(text, place) if text in choices else None

    return from_environment


def _time_zone(typed: str) -> ZoneInfo:
    try:
        return ZoneInfo(typed.strip())
    except (ValueError, OSError, KeyError):
        # Unknown names, paths out of the database, directories of it: all are no zone.
        hint = did_you_mean(typed, available_timezones())
        if re.search(r"beijing|peking|[\u4e00-\u9fff]|\+0?8", typed, re.IGNORECASE):
            hint = say("did_you_mean", near="Asia/Shanghai")
        raise UnfitError(say("not_zone", found=quoted(typed), hint=hint)) from None


time_zone = single(_time_zone)

"""Readers of single values: from the text that was typed to a typed value."""

import re
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from entrypoints.settings.reading.mistakes import Place, UnfitError, did_you_mean, quoted, refusal
from entrypoints.settings.reading.yaml_text import Node, ScalarNode

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
) -> Reader[T]:
    """A reader of one value; `convert` raises UnfitError."""

    def parse(node: Node, path: str) -> T:
        if not isinstance(node, ScalarNode):
            raise refusal(node.place, "a list or a mapping; allowed: a single value", path)
        try:
            return convert(node.text)
        except UnfitError as error:
            raise refusal(node.place, str(error), path) from None

    return Reader(parse, from_environment=from_environment, empty_is_unset=empty_is_unset)


def word(typed: str) -> str:
    """A text on one line, without blanks around it."""
    text = typed.strip()
    if not text or not text.isprintable():
        raise UnfitError(f"{quoted(typed)} is blank or has line breaks; allowed: one line of text")
    return text


def prose(typed: str) -> str:
    """A text that may have many lines, kept as it is."""
    if not typed.strip():
        raise UnfitError(f"{quoted(typed)} is blank; allowed: some text, or leave the key out")
    return typed


def with_line_breaks(text: str, place: Place) -> Node | None:
    """In a variable, `\\n` stands for a line break."""
    return ScalarNode(text=text.replace("\\n", "\n"), place=place)


def identifier(typed: str) -> str:
    """An id that DingTalk gave, exactly as typed."""
    text = typed.strip()
    if re.search(r"[\s,，、;；]", text) or not text.isprintable():
        raise UnfitError(f"{quoted(typed)} is not one id; allowed: ids parted by ordinary commas")
    return text


def file_path(typed: str) -> Path:
    return Path(word(typed))


def listening_host(typed: str) -> str:
    text = typed.strip()
    if not re.fullmatch(r"[\w.:-]+", text):
        raise UnfitError(
            f"{quoted(typed)} is not a host; allowed: an address such as 0.0.0.0 or ::"
        )
    return text


def whole_number(
    *, at_least: int, at_most: int = LARGEST, note: str = "", empty_is_unset: bool = False
) -> Reader[int]:
    """Plain decimal digits; what YAML would read as octal, or programs as 1e3, is refused."""
    end = "or more" if at_most == LARGEST else f"to {at_most}"
    allowed = f"allowed: {at_least} {end}" + (f" ({note})" if note else "")

    def convert(typed: str) -> int:
        if re.fullmatch(r"0[0-9]+", typed):
            raise UnfitError(f"{quoted(typed)} has leading zeros; {allowed}")
        if not re.fullmatch(r"-?[0-9]{1,18}", typed):
            raise UnfitError(f"{quoted(typed)} is not a whole number; {allowed}")
        if not at_least <= int(typed) <= at_most:
            raise UnfitError(f"{quoted(typed)} is out of range; {allowed}")
        return int(typed)

    return single(convert, empty_is_unset=empty_is_unset)


def decimal(*, at_least: float, at_most: float) -> Reader[float]:
    allowed = f"allowed: {at_least:g} to {at_most:g}, such as 0.7"

    def convert(typed: str) -> float:
        is_number = re.fullmatch(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?", typed)
        if not is_number or not at_least <= float(typed) <= at_most:
            raise UnfitError(f"{quoted(typed)} is not a number in range; {allowed}")
        return float(typed)

    return single(convert, empty_is_unset=False)


def _switch(typed: str) -> bool:
    if typed.lower() not in SWITCHES:
        raise UnfitError(f"{quoted(typed)} is neither true nor false; allowed: true or false")
    return SWITCHES[typed.lower()]


def _numbered_switch(text: str, place: Place) -> Node | None:
    return ScalarNode(text=NUMBERED_SWITCHES.get(text.strip().lower(), text.strip()), place=place)


switch = single(_switch, from_environment=_numbered_switch, empty_is_unset=False)


def _duration(typed: str) -> timedelta:
    found = re.fullmatch(r"(0|[1-9][0-9]{0,9})([smhd]?)", typed)
    if not found:
        raise UnfitError(
            f"{quoted(typed)} is not a duration; allowed: 600 (seconds), 600s, 10m, 1h, 7d"
        )
    length = int(found[1])
    if not 0 < length <= LONGEST / UNITS[found[2] or "s"]:
        raise UnfitError(f"{quoted(typed)} is out of range; allowed: 1s to {LONGEST.days}d")
    return length * UNITS[found[2] or "s"]


duration = single(_duration, empty_is_unset=False)


def one_of(
    *choices: str,
    as_value: Callable[[str], T],
    from_environment: Callable[[str, Place], Node | None] = as_typed,
) -> Reader[T]:
    """One of the named choices, turned into a value by `as_value`."""

    def convert(typed: str) -> T:
        if typed.strip() not in choices:
            hint = did_you_mean(typed, choices)
            raise UnfitError(f"{quoted(typed)} is unknown; allowed: {_listed(choices)}{hint}")
        return as_value(typed.strip())

    return single(convert, from_environment=from_environment)


def _listed(choices: Iterable[str]) -> str:
    return ", ".join(choices)


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
        raise UnfitError(
            f"{quoted(typed)} is not a time zone; allowed: a name such as Asia/Shanghai{hint}"
        ) from None


time_zone = single(_time_zone)

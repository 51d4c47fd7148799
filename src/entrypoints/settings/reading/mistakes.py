"""Mistakes in a configuration: where they are, what was found, what is allowed."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from entrypoints.settings.texts import Language, Text, say

ENVIRONMENT = "environment "
LONGEST_QUOTE = 60
PRINTABLE_KEY = re.compile(r"[A-Za-z_]\w{0,39}|[\u4e00-\u9fff]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value was written: a file and perhaps a line, or an environment variable."""

    source: str
    line: int | None = None

    def told(self, language: Language) -> str:
        if self.is_environment:
            name = self.source.removeprefix(ENVIRONMENT)
            return say("environment", name=name).told(language)
        return self.source if self.line is None else f"{self.source}:{self.line}"

    def __str__(self) -> str:
        return self.told("en")

    @property
    def is_environment(self) -> bool:
        return self.source.startswith(ENVIRONMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing to put right, printed as one line; it never quotes a secret.

    `meant` is the key that an unknown one probably stands for.
    """

    place: Place
    problem: Text
    path: str = ""
    meant: str = ""

    def told(self, language: Language) -> str:
        # The name of a variable already says which key is meant, unless the mistake is inside it.
        is_named_by_place = self.place.is_environment and not re.search(r"[.\[]", self.path)
        where = [self.place.told(language)]
        if self.path and not is_named_by_place:
            where.append(self.path)
        return ": ".join([*where, self.problem.told(language)])

    def __str__(self) -> str:
        """In English, as the log has it."""
        return self.told("en")


class ConfigurationError(Exception):
    """The configuration cannot be used, for each of the reasons in `mistakes`."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class UnfitError(ValueError):
    """A text is not a value of its key; `text` says what was found and what is allowed."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(str(text))


def refusal(place: Place, problem: Text, path: str = "") -> ConfigurationError:
    return ConfigurationError([Mistake(place=place, path=path, problem=problem)])


def quoted(text: str) -> str:
    """The text in quotes, shortened, on one line, with nothing invisible in it."""
    cut = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    shown = (escapes.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in cut)
    return f'"{"".join(shown)}"'


def nearest(word: str, known: Iterable[str]) -> str:
    """The nearest known word; empty if none is near."""
    names = {name.lower(): name for name in known}
    typed = unicodedata.normalize("NFKC", word).lower()
    near = difflib.get_close_matches(typed, names, n=1, cutoff=0.6)
    return names[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> Text | str:
    """`; did you mean …?` with the nearest known word, or nothing if none is near."""
    near = nearest(word, known)
    return say("did_you_mean", near=near) if near else ""


def printable_key(name: str) -> str:
    """A key as it may be printed: what does not look like a key could be a misplaced secret."""
    return name if PRINTABLE_KEY.fullmatch(name) else "(…)"

"""Characters that look like others, or like nothing at all, and what to type instead.

Chinese keyboards and copied web pages leave them in configurations, where they mean something else to YAML.
"""

import re
import unicodedata
from dataclasses import dataclass

from entrypoints.settings.texts import Text, say

QUOTES = frozenset("“”„‟‘’‚‛＂＇「」『』«»｢｣")
"""Quotation marks that are letters to YAML."""

LOOKALIKES = {
    "：": ": ",
    "，": ", ",
    "、": ", ",
    "【": "[",
    "】": "]",
    "〔": "[",
    "〕": "]",
    "。": ".",
    "｡": ".",
}
LOOKALIKES |= dict.fromkeys(QUOTES, '"') | dict.fromkeys("‐‑‒–—―−", "-")
FULL_WIDTH = range(0xFF01, 0xFF5F)
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters to Unicode, and nothing to the eye."""

BEFORE_COLON = re.compile(r"""^\s*(?:-\s+)*["']?[A-Za-z_][\w-]*["']?\s*$""")
BEFORE_VALUE = re.compile(r"""(?:^|[:：,，\[{-])\s*$""")
NO_SPACE = re.compile(r"""^\s*(?:-\s+)*[A-Za-z_]\w*(:)(?![\s/]|$)""")
EQUALS = re.compile(r"""^\s*(?:-\s+)*[A-Za-z_]\w*\s*(=)""")
SLASHES = re.compile(r"""^\s*(//|/\*)""")
HIDDEN = re.compile(r"""(?:^|(?<=[\s\[{,]))(?:"[^"]*"|'[^']*')|(?:^|(?<=\s))#.*""")
"""What a line has in quotes or in a comment, where any character may stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OddCharacter:
    """A character at a column of a line (from 1); `fixed` is empty where it has to go."""

    character: str
    column: int
    fixed: str

    @property
    def name(self) -> str:
        code = f"U+{ord(self.character):04X}"
        if not self.fixed:
            return f"{code} {unicodedata.name(self.character, '')}".rstrip()
        return f"{self.character} ({code})"

    def in_a_line(self) -> Text:
        """What to do about it, where it stands in a line of a file."""
        if not self.fixed:
            return say("hint_invisible", column=self.column, character=self.name)
        fixed = f"`{self.fixed}`"
        return say("hint_character", column=self.column, character=self.name, fixed=fixed)

    def in_a_value(self) -> Text:
        """The same, where it stands within a value."""
        if not self.fixed:
            return say("value_invisible", character=self.name)
        return say("value_character", character=self.name, fixed=f"`{self.fixed.strip()}`")


def odd_in_value(text: str) -> OddCharacter | None:
    """The first odd character of a value that could not be read."""
    for index, character in enumerate(text):
        if is_invisible(character):
            return OddCharacter(character=character, column=index + 1, fixed="")
        if fixed := _fixed(character):
            return OddCharacter(character=character, column=index + 1, fixed=fixed)
    return None


def odd_in_line(line: str) -> OddCharacter | None:
    """The first odd character that stands where YAML takes it for something else than was meant."""
    shown = HIDDEN.sub(lambda found: " " * len(found[0]), line)
    for index, character in enumerate(shown):
        if is_invisible(character):
            return OddCharacter(character=character, column=index + 1, fixed="")
        fixed = _fixed(character)
        if fixed and _is_structural(character, shown[:index]):
            return OddCharacter(character=character, column=index + 1, fixed=fixed)
    return None


def hint_for(line: str) -> Text | None:
    """What is odd in a line that is not YAML."""
    if tab := re.match(r" *\t", line):
        return say("hint_tab", column=len(tab[0]))
    if odd := odd_in_line(line):
        return odd.in_a_line()
    if found := NO_SPACE.match(line):
        return say("hint_no_space", column=found.start(1) + 1)
    if found := EQUALS.match(line):
        return say("hint_equals", column=found.start(1) + 1)
    if found := SLASHES.match(line):
        return say("hint_comment", column=found.start(1) + 1)
    return None


def is_invisible(character: str) -> bool:
    """Whether nothing is seen of it, although it is no ordinary space, tab or line break."""
    if character in " \t\r\n":
        return False
    return unicodedata.category(character) in {"Cf", "Zs", "Zl", "Zp"} or character in BLANK_LETTERS


def _fixed(character: str) -> str:
    if character in LOOKALIKES:
        return LOOKALIKES[character]
    if ord(character) in FULL_WIDTH:
        return unicodedata.normalize("NFKC", character)
    return ""


def _is_structural(character: str, before: str) -> bool:
    if character == "：":
        return BEFORE_COLON.match(before) is not None
    if character in "，、":
        return re.search(r"[\[［【{｛]", before) is not None
    return BEFORE_VALUE.search(before) is not None

"""Conversations written down as people read them, in files that end in `.chat`.

    # a comment
    张三> what somebody says in private
    张三@项目群> what somebody says in a group
    bot> a reply, word for word, without the mention at its end
    bot~ words that the reply has somewhere
    bot/ a regular expression that is found in the reply

Each line of the robot is about what was said last; what stands indented continues the line above.
"""

import re
from dataclasses import dataclass
from pathlib import Path

SAID = re.compile(r"(?P<who>[^\s@>]+)(?:@(?P<group>[^\s>]+))?> ?(?P<text>.*)")
HEARD = re.compile(r"bot(?P<how>[>~/]) ?(?P<text>.*)")
INDENTED = "    "


@dataclass(slots=True, kw_only=True)
class Line:
    """One line of a conversation; `who` is empty where the robot speaks."""

    number: int
    who: str = ""
    group: str = ""
    how: str = ""
    text: str

    def fits(self, reply: str) -> bool:
        """Whether the robot said what stands here."""
        match self.how:
            case "~":
                return self.text in reply
            case "/":
                return re.search(self.text, reply) is not None
            case _:
                return reply == self.text


def lines_of(file: Path) -> list[Line]:
    """Raises ValueError where a line is none of those above."""
    lines: list[Line] = []
    for number, written in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if written.startswith(INDENTED) and lines:
            lines[-1].text += "\n" + written.removeprefix(INDENTED)
        elif written.strip() and not written.startswith("#"):
            lines.append(_line(written, number, file))
    return lines


def _line(written: str, number: int, file: Path) -> Line:
    if heard := HEARD.fullmatch(written):
        return Line(number=number, how=heard["how"], text=heard["text"])
    if said := SAID.fullmatch(written):
        return Line(number=number, who=said["who"], group=said["group"] or "", text=said["text"])
    raise ValueError(f"{file.name}:{number}: nobody says this: {written}")

"""Conversations written down as people read them, in files that end in `.chat`.

    # a comment
    张三> what somebody says in private
    张三@项目群> what somebody says in a group
    bot> a reply, word for word, without the mention at its end
    bot~ words that the reply has somewhere
    bot/ a regular expression that is found in the reply
    bot2~ the same of the second part of a long reply; any of the three signs, any number
    张三> [语音] what speech recognition made of a voice message; [图片] is a picture
    张三> words that are said many times（×2000）

Each line of the robot is about what was said last; what stands indented continues the line above.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SAID = re.compile(r"(?P<who>[^\s@>]+)(?:@(?P<group>[^\s>]+))?> ?(?P<text>.*)")
HEARD = re.compile(r"bot(?P<part>[1-9]?)(?P<how>[>~/]) ?(?P<text>.*)")
REPEATED = re.compile(r"(?P<text>.*)（×(?P<times>\d+)）", re.DOTALL)
Kind = Literal["text", "picture", "audio"]
KINDS: dict[str, Kind] = {"[图片]": "picture", "[语音]": "audio"}
"""What stands before words that are not written, and DingTalk's name for it."""

INDENTED = "    "


@dataclass(slots=True, kw_only=True)
class Line:
    """One line of a conversation; `who` is empty where the robot speaks."""

    number: int
    who: str = ""
    group: str = ""
    how: str = ""
    part: int = 1
    """Which message of the reply this is about."""
    text: str

    @property
    def msgtype(self) -> Kind:
        return KINDS.get(self.text[:4], "text")

    @property
    def words(self) -> str:
        """All that is said."""
        text = self.text if self.msgtype == "text" else self.text[4:].strip()
        repeated = REPEATED.fullmatch(text)
        return repeated["text"] * int(repeated["times"]) if repeated else text

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
        part = int(heard["part"] or 1)
        return Line(number=number, how=heard["how"], part=part, text=heard["text"])
    if said := SAID.fullmatch(written):
        return Line(number=number, who=said["who"], group=said["group"] or "", text=said["text"])
    raise ValueError(f"{file.name}:{number}: nobody says this: {written}")

"""The predecessor's history: what of it becomes an exchange, and what cannot."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from domain.history import IMPORTED
from domain.inbox import State
from domain.message import RoomKind, UserKey
from domain.sensitive_words import SensitiveWords


class Oddity(Enum):
    """Why a row is not taken over; the value says it of some number of rows."""

    DELETED = "deleted by the predecessor"
    NO_NICKNAME = "questions without a nickname"
    NO_TIME = "questions without a readable time"
    BLANK = "blank questions"
    NO_QUESTION = "answers whose question is not there"
    SECOND_ANSWER = "further answers to a question that has one"
    NEITHER = "neither question nor answer"


DRAWN = re.compile(r"!\[[^\[\]]*\]\((?:[^()\s/]*/)*images/(?P<file>\d{8}-\d{6}\.png)\)")
"""How an answer shows the picture that was drawn for it: a file at the service, named by the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyExchange:
    """A question of the predecessor's history with its answer, which is empty where none came.

    `identity` is the same whenever the same row is read, and another for any other row of any file.
    """

    identity: str
    asked_at: datetime
    nick: str
    room_kind: RoomKind
    room_title: str
    question: str
    answer: str
    picture: str = ""
    """The name under which its picture is kept now, or empty."""

    @property
    def picture_file(self) -> str | None:
        """The predecessor's file that the answer shows."""
        found = DRAWN.search(self.answer)
        return found["file"] if found else None

    def showing(self, picture: str) -> "LegacyExchange":
        """With the picture that is kept under this name, in place of the link to the predecessor's file."""
        return replace(self, picture=picture, answer=DRAWN.sub("", self.answer, count=1).strip())

    @property
    def is_answered(self) -> bool:
        return bool(self.answer or self.picture)

    @property
    def person(self) -> UserKey:
        """All that is known is a nickname: who has the same one is taken for the same person."""
        return UserKey(IMPORTED + self.nick)

    @property
    def state(self) -> State:
        return State.ANSWERED if self.is_answered else State.FAILED

    def masked(self, words: SensitiveWords) -> "LegacyExchange":
        """As it may be kept: the predecessor stored its answers unmasked."""
        return replace(
            self,
            nick=words.mask_typed(self.nick),
            room_title=words.mask_typed(self.room_title),
            question=words.mask_typed(self.question),
            answer=words.mask_as_shown(self.answer),
        )


PRIVATE_SOURCE = "{nick}_私聊"
"""How the predecessor marked what was said in private, where there is no title."""


def room_of(source: str, nick: str) -> tuple[RoomKind, str]:
    """The kind and the title of the room that the predecessor's `source` stands for."""
    if source == PRIVATE_SOURCE.format(nick=nick):
        return RoomKind.PRIVATE, ""
    return (RoomKind.GROUP, source) if source else (RoomKind.UNKNOWN, "")

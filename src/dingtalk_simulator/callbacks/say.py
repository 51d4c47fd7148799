"""What a person does in a room: says something, sends something, mentions and quotes somebody."""

from typing import Annotated, Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal["text", "richText", "picture", "audio", "video", "file", "unknownMsgType"]
Words = Annotated[str, msgspec.Meta(max_length=100_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]

ONLY_PRIVATE = frozenset({"audio", "video", "file"})
"""Kinds of messages that do not reach a robot in a group. Source: DingTalk, "receive-message"."""


MEDIA_KINDS = frozenset({"picture", "audio", "video", "file"})
"""Kinds of messages that consist of a medium."""


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a rich text: words, a picture, or somebody who is mentioned."""

    text: Words | None = None
    media: Name | None = None
    at: Name | None = None


class Say(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said by whom and where; `docs/simulator.md` tells what each kind of message uses."""

    person: Name
    room: Name | None = None
    robot: Name | None = None
    msgtype: Kind = "text"
    text: Words = ""
    pieces: Annotated[list[Piece], msgspec.Meta(max_length=100)] = []
    mentions_robot: bool = True
    mentions: Annotated[list[Name], msgspec.Meta(max_length=50)] = []
    quotes: Name | None = None
    media: Name | None = None
    duration: Annotated[int, msgspec.Meta(ge=0, le=3_600_000)] = 4000
    wait: bool = True
    more: dict[str, object] = {}

"""Replies on their way to DingTalk."""

from collections.abc import Sequence
from typing import Protocol

from domain.message import IncomingMessage, RobotId
from domain.picture import Picture
from domain.reply import ReplyPart, SendResult


class Messenger(Protocol):
    def parts_of(
        self,
        text: str,
        message: IncomingMessage,
        *,
        picture: str = "",
        preface: str = "",
        addresses: Sequence[str] = (),
    ) -> tuple[ReplyPart, ...]:
        """A reply in Markdown to that message as the messages of DingTalk that carry it, at least one.

        `picture` is where the image above the text comes from: a media id (see `PictureUpload`) or this
        service's own address; the text itself cannot show a media id. `preface` is Markdown that stands above
        all and gives no title. Nothing that is shown holds a sensitive word, except for `addresses`: links of
        this service in the text, which lead nowhere when changed. The same always gives the same parts, as
        long as the rules are the same.
        """
        ...

    async def send(self, part: ReplyPart, message: IncomingMessage, *, key: str) -> SendResult:
        """Deliver one part as an answer to a message. `key` is the same when the same part is tried again."""
        ...


class PictureUpload(Protocol):
    def takes_from(self, robot: RobotId) -> bool:
        """Whether the robot may upload at all: it has credentials."""
        ...

    async def upload(self, picture: Picture, robot: RobotId) -> str:
        """Give the picture to DingTalk; returns the media id, which Markdown takes as an image's source.

        Raises:
            UploadFailed: DingTalk did not take it.
        """
        ...

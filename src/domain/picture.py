"""A picture: its bytes and what they are."""

from dataclasses import dataclass, field
from enum import Enum


class PictureKind(Enum):
    """The kinds that are shown; the value is the media type, `suffix` ends a file's name."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    GIF = "image/gif"

    @property
    def suffix(self) -> str:
        return {"image/jpeg": ".jpg"}.get(self.value, f".{self.value.removeprefix('image/')}")


MAX_BYTES = 20 * 1024 * 1024
"""What DingTalk takes as one image."""

MAX_PIXELS = 50_000_000
"""More is no picture for a chat, and would fill the memory of whoever opens it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture whose header was read and found to be of this kind and size in pixels."""

    kind: PictureKind
    content: bytes = field(repr=False)
    width: int
    height: int

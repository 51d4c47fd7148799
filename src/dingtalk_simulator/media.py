"""Images, recordings and files, with the codes and URLs by which robots download them."""

import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from uuid import uuid4

import msgspec

from dingtalk_simulator.stores import BoundedDict

MAX_BYTES = 64 * 1024 * 1024
"""The size limit of all media files together; the oldest are dropped first."""

MAX_CODES = 2000

RECORDINGS = Path(__file__).with_name("recordings")
TEXT = "示例文件：用来试试机器人收到文件时怎么做。\nA sample file, to see what a robot does with one.\n"


class Medium(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    media_id: str
    file_name: str
    content_type: str
    content: bytes
    is_of_person: bool = False


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """The media file that a download code or URL gives access to, and its expiry."""

    medium: str
    robot: str
    expires_at: int
    is_preview: bool = False


class Media:
    """The newest media files, and the codes and URLs to download them."""

    def __init__(self, now: Callable[[], int], limit: int) -> None:
        self._now = now
        self._media: BoundedDict[str, Medium] = BoundedDict(limit)
        self._by_media_id: BoundedDict[str, str] = BoundedDict(limit)
        self._codes: BoundedDict[str, Grant] = BoundedDict(MAX_CODES)
        self._addresses: BoundedDict[str, Grant] = BoundedDict(MAX_CODES)
        self._size = 0

    def __len__(self) -> int:
        return len(self._media)

    def keep(
        self, content: bytes, *, file_name: str, content_type: str, is_of_person: bool = False
    ) -> Medium:
        """Store a media file; the oldest ones are dropped for it."""
        name = uuid4().hex
        medium = Medium(
            id=name,
            media_id=f"@lADP{name}",
            file_name=file_name,
            content_type=content_type,
            content=content,
            is_of_person=is_of_person,
        )
        while len(self._media) and (
            self._size + len(content) > MAX_BYTES or len(self._media) >= self._media.limit
        ):
            oldest = next(iter(self._media))
            self._media.pop(oldest.id)
            self._by_media_id.pop(oldest.media_id)
            self._size -= len(oldest.content)
        self._size += len(content)
        self._by_media_id.put(medium.media_id, medium.id)
        return self._media.put(medium.id, medium)

    def find(self, name: str) -> Medium | None:
        """Look up by id or `media_id`."""
        return self._media.get(self._by_media_id.get(name) or name)

    def code(self, medium: Medium, robot: str, *, life_ms: int, is_preview: bool = False) -> str:
        """Create a code that the robot can exchange for a URL."""
        code = f"mIofN{uuid4().hex}"
        grant = Grant(
            medium=medium.id, robot=robot, expires_at=self._now() + life_ms, is_preview=is_preview
        )
        self._codes.put(code, grant)
        return code

    def granted(self, code: str) -> Grant | None:
        """The grant of a code that has not expired."""
        return self._if_alive(self._codes.get(code))

    def address(self, grant: Grant, *, life_ms: int) -> tuple[str, int]:
        """Create a download URL: the last part of its path, and its expiry."""
        name = uuid4().hex
        ends = self._now() + life_ms
        self._addresses.put(name, msgspec.structs.replace(grant, expires_at=ends))
        return name, ends

    def at_address(self, name: str) -> Medium | None:
        grant = self._if_alive(self._addresses.get(name))
        return self._media.get(grant.medium) if grant else None

    def _if_alive(self, grant: Grant | None) -> Grant | None:
        return grant if grant is not None and self._now() < grant.expires_at else None

    def expire_grants(self, name: str | None) -> int:
        """Expire one code or URL, or all; returns their number."""
        ended = 0
        for grants in (self._codes, self._addresses):
            if name is None:
                ended += len(grants)
                while len(grants):
                    grants.pop(next(grants.keys()))
            elif grants.pop(name) is not None:
                ended += 1
        return ended


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    file_name: str
    content_type: str
    content: bytes


@cache
def sample_for(kind: str, *, voice: str = "amr") -> Sample:
    """The sample for a kind of message; by default the image."""
    match kind:
        case "audio":
            name = f"voice.{voice}"
            return Sample(
                file_name=name,
                content_type=f"audio/{voice}",
                content=(RECORDINGS / name).read_bytes(),
            )
        case "video":
            content = (RECORDINGS / "video.mp4").read_bytes()
            return Sample(file_name="video.mp4", content_type="video/mp4", content=content)
        case "file":
            return Sample(file_name="示例.txt", content_type="text/plain", content=TEXT.encode())
        case _:
            return Sample(
                file_name="picture.png", content_type="image/png", content=small_picture()
            )


def small_picture() -> bytes:
    """A blue PNG of eight by eight pixels."""
    size = 8
    rows = b"".join(b"\x00" + b"\x16\x77\xff" * size for _ in range(size))
    header = size.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(part).to_bytes(4, "big") + kind + part + zlib.crc32(kind + part).to_bytes(4, "big")
        for kind, part in chunks
    )

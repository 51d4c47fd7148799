"""A picture, a voice message, a video and a file, for people who have none at hand.

The files in `recordings` are four seconds of four tones, as long as a voice message of the
simulator says that it lasts, and were made by FFmpeg: AMR-NB and Opus in Ogg, the two formats in which
DingTalk's clients were seen to send voice, and H.264 with AAC in MP4.
"""

import zlib
from functools import cache
from pathlib import Path

import msgspec

RECORDINGS = Path(__file__).with_name("recordings")

TEXT = "示例文件：用来试试机器人收到文件时怎么做。\nA sample file, to see what a robot does with one.\n"


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    file_name: str
    content_type: str
    content: bytes


@cache
def sample_for(kind: str, *, voice: str = "amr") -> Sample:
    """The sample for a kind of message; the picture for any that has no other."""
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
    """A PNG of eight by eight blue points."""
    size = 8
    rows = b"".join(b"\x00" + b"\x16\x77\xff" * size for _ in range(size))
    header = size.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(part).to_bytes(4, "big") + kind + part + zlib.crc32(kind + part).to_bytes(4, "big")
        for kind, part in chunks
    )

"""Small real pictures, and a shelf, an upload and a model without disk or network."""

import io
import itertools
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from PIL import Image

from application.errors import ModelFailure, StorageFailed, UploadFailed
from application.ports import Drawing
from domain.message import RobotId
from domain.picture import Picture, PictureKind

FORMATS = {
    PictureKind.PNG: "PNG",
    PictureKind.JPEG: "JPEG",
    PictureKind.WEBP: "WEBP",
    PictureKind.GIF: "GIF",
}


@cache
def picture_bytes(kind: PictureKind = PictureKind.PNG, width: int = 6, height: int = 4) -> bytes:
    """A picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", (width, height), (200, 80, 20)).save(written, FORMATS[kind])
    return written.getvalue()


def picture_of(kind: PictureKind = PictureKind.PNG, width: int = 6, height: int = 4) -> Picture:
    content = picture_bytes(kind, width, height)
    return Picture(kind=kind, content=content, width=width, height=height)


@dataclass
class InMemoryShelf:
    """Keeps pictures in a dictionary, unless it is told to fail."""

    pictures: dict[str, Picture] = field(default_factory=dict)
    put_at: dict[str, datetime] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    is_broken: bool = False
    keeps_all: bool = False
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def put(self, picture: Picture) -> str:
        self._check()
        name = f"{next(self._numbers):032x}{picture.kind.suffix}"
        self.pictures[name] = picture
        self.put_at[name] = self.now()
        return name

    async def get(self, name: str) -> Picture | None:
        return self.pictures.get(name)

    async def discard(self, name: str) -> None:
        self._check()
        if self.keeps_all:
            raise StorageFailed("the shelf lets nothing go")
        self.pictures.pop(name, None)

    async def put_before(self, moment: datetime) -> AsyncGenerator[str]:
        for name in [name for name in self.pictures if self.put_at[name] < moment]:
            yield name

    def _check(self) -> None:
        if self.is_broken:
            raise StorageFailed("the shelf is broken")


@dataclass
class ScriptedUpload:
    """Takes pictures from the robots that have credentials, unless it is told to refuse them."""

    robots: frozenset[RobotId] = frozenset({RobotId("robot")})
    refusals: int = 0
    taken: list[Picture] = field(default_factory=list)

    def takes_from(self, robot: RobotId) -> bool:
        return robot in self.robots

    async def upload(self, picture: Picture, robot: RobotId) -> str:
        if self.refusals or not self.takes_from(robot):
            self.refusals = max(0, self.refusals - 1)
            raise UploadFailed("errcode 40004")
        self.taken.append(picture)
        return f"@lADPexample{len(self.taken)}"


@dataclass
class ScriptedImageModel:
    """Each wish is met by the next of the script; the last one stays."""

    script: list[Drawing | ModelFailure] = field(default_factory=list)
    wishes: list[tuple[str, str]] = field(default_factory=list)

    async def draw(self, prompt: str, *, asker: str) -> Drawing:
        self.wishes.append((prompt, asker))
        take = self.script[min(len(self.wishes), len(self.script)) - 1]
        if isinstance(take, ModelFailure):
            raise take
        return take


def drawing(kind: PictureKind = PictureKind.PNG) -> Drawing:
    return Drawing(picture=picture_of(kind), model="m-1", prompt_tokens=7, answer_tokens=3)

"""Pictures as an image model would send them, made from the words of the prompt alone."""

import asyncio
import hashlib
import io
from datetime import timedelta
from pathlib import Path

from adapters.demo.chat import ASKS_FOR_ERROR, ASKS_FOR_PATIENCE, MODEL, Sleep, asks
from application.errors import ModelUnavailable
from application.ports import Drawing
from domain.picture import Picture, PictureKind

SIDE = 384
LONG_PAUSE = timedelta(seconds=3)

LABEL = Path(__file__).with_name("label.png")
"""演示图片 · DEMO, light on dark, so that nobody takes the picture for a model's."""

LABEL_PLACE = (16, SIDE - 38)
BAND = (0, SIDE - 54, SIDE, SIDE)
BAND_COLOUR = (24, 28, 34)

CIRCLE = 5
"""Bytes of the digest that make one circle: place, size and two of its colours."""


async def _sleep(pause: timedelta) -> None:
    await asyncio.sleep(pause.total_seconds())


class DemoImageModel:
    """The same words always give the same picture; it fails or dawdles on request, as the demo chat does."""

    def __init__(self, *, sleep: Sleep = _sleep) -> None:
        self._sleep = sleep

    async def draw(self, prompt: str, *, asker: str) -> Drawing:  # noqa: ARG002 - the demo knows nobody
        if asks(ASKS_FOR_ERROR, prompt):
            raise ModelUnavailable("the demo was asked to fail")
        if asks(ASKS_FOR_PATIENCE, prompt):
            await self._sleep(LONG_PAUSE)
        content = await asyncio.to_thread(_painted, prompt)
        picture = Picture(kind=PictureKind.PNG, content=content, width=SIDE, height=SIDE)
        return Drawing(picture=picture, model=MODEL)


def _painted(prompt: str) -> bytes:
    """Circles on a gradient, with a label below that says what it is, as a PNG."""
    # Pillow takes its time to import, and most days nobody wants a picture.
    from PIL import Image, ImageDraw, ImageOps  # noqa: PLC0415 - see above

    seed = hashlib.sha256(prompt.encode("utf-8", "replace")).digest()
    gradient = Image.linear_gradient("L").resize((SIDE, SIDE))
    painting = ImageOps.colorize(gradient, black=(*seed[:3],), white=(*seed[3:6],))
    brush = ImageDraw.Draw(painting)
    for start in range(6, len(seed) - CIRCLE, CIRCLE):
        left, top, size, red, blue = seed[start : start + CIRCLE]
        centre, radius = (left * SIDE // 256, top * SIDE // 256), 12 + size // 4
        brush.circle(centre, radius, fill=(red, 255 - red, blue))
    brush.rectangle(BAND, fill=BAND_COLOUR)
    with Image.open(LABEL) as label:
        painting.paste("white", LABEL_PLACE, mask=label.convert("L"))
    written = io.BytesIO()
    painting.save(written, "PNG")
    return written.getvalue()

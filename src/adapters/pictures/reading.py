"""Bytes as a picture, if that is what they are; Pillow reads them."""

import io
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from domain.picture import MAX_BYTES, MAX_PIXELS, Picture, PictureKind

if TYPE_CHECKING:
    from PIL.Image import Image

KINDS = {
    "PNG": PictureKind.PNG,
    "JPEG": PictureKind.JPEG,
    "MPO": PictureKind.JPEG,  # what Pillow calls a JPEG that has further pictures behind it
    "WEBP": PictureKind.WEBP,
    "GIF": PictureKind.GIF,
}
READERS = ("PNG", "JPEG", "WEBP", "GIF")


def identified(content: bytes) -> Picture | None:
    """What the header tells; None if it tells of no picture that is shown, or of one too large."""
    with _opened(content) as image:
        return _picture(image, content) if image else None


def verified(content: bytes) -> Picture | None:
    """As `identified`, with every pixel (of the first frame) read: a broken picture is none."""
    with _opened(content) as image:
        if image is None or (picture := _picture(image, content)) is None:
            return None
        return picture if _is_whole(image, content) else None


def as_png(picture: Picture) -> Picture:
    """The picture as a PNG, which all clients show; of an animation the first frame."""
    with _opened(picture.content) as image:
        if image is None:
            raise ValueError("the picture was not verified")
        written = io.BytesIO()
        image.convert("RGBA").save(written, "PNG")
    return Picture(
        kind=PictureKind.PNG,
        content=written.getvalue(),
        width=picture.width,
        height=picture.height,
    )


@contextmanager
def _opened(content: bytes) -> Generator["Image | None"]:
    # Pillow takes its time to import, and most days nobody wants a picture.
    from PIL import Image  # noqa: PLC0415 - see above

    # Its own limit warns and goes on; `_picture` refuses before a pixel is read.
    Image.MAX_IMAGE_PIXELS = None
    try:
        image = Image.open(io.BytesIO(content), formats=READERS) if _is_of_size(content) else None
    except Exception:  # noqa: BLE001 - a parser of foreign bytes fails in many ways, and all mean the same
        image = None
    try:
        yield image
    finally:
        if image is not None:
            image.close()


def _is_of_size(content: bytes) -> bool:
    return 0 < len(content) <= MAX_BYTES


def _picture(image: "Image", content: bytes) -> Picture | None:
    kind = KINDS.get(image.format or "")
    if kind is None or not 0 < image.width * image.height <= MAX_PIXELS:
        return None
    return Picture(kind=kind, content=content, width=image.width, height=image.height)


def _is_whole(image: "Image", content: bytes) -> bool:
    try:
        image.load()
        with _opened(content) as again:
            if again is not None:
                again.verify()  # the checksums of a PNG, which `load` passes over
    except Exception:  # noqa: BLE001 - as above
        return False
    return True

"""Bytes are a picture only if a picture of a kind and size that is shown is in them, whole."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adapters.pictures.reading import as_png, identified, verified
from domain.picture import MAX_BYTES, MAX_PIXELS, PictureKind
from tests.fakes.pictures import picture_bytes, picture_of


def chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


def png_that_claims(width: int, height: int) -> bytes:
    """A well-formed file whose pixels are not all there."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def written(form: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (6, 4)).save(content, form)
    return content.getvalue()


@pytest.mark.parametrize("kind", PictureKind)
def test_every_kind_is_known_by_its_header_and_its_pixels(kind: PictureKind) -> None:
    assert identified(picture_bytes(kind)) == picture_of(kind)
    assert verified(picture_bytes(kind)) == picture_of(kind)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 1000,
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        b"GIF89a",
        written("BMP"),
        written("TIFF"),
        written("ICO"),
        png_that_claims(30_000, 30_000),
        png_that_claims(MAX_PIXELS + 1, 1),
        png_that_claims(0, 5),
        picture_bytes() + b"\0" * MAX_BYTES,
    ],
    ids=lambda content: repr(content[:8]),
)
def test_whatever_else_it_is_it_is_no_picture(content: bytes) -> None:
    assert identified(content) is None
    assert verified(content) is None


def test_the_largest_picture_is_one() -> None:
    assert identified(png_that_claims(MAX_PIXELS, 1)) is not None


def test_a_picture_whose_pixels_are_missing_is_seen_through_only_when_they_are_read() -> None:
    assert identified(png_that_claims(100, 100)) is not None
    assert verified(png_that_claims(100, 100)) is None


@pytest.mark.parametrize("kind", [PictureKind.PNG, PictureKind.JPEG, PictureKind.WEBP])
def test_a_picture_that_broke_off_is_none(kind: PictureKind) -> None:
    content = picture_bytes(kind, 200, 200)

    assert verified(content[: len(content) // 2]) is None


def test_a_checksum_that_is_wrong_is_noticed() -> None:
    content = bytearray(picture_bytes())
    content[-13] ^= 1  # the last of the pixels' checksum

    assert verified(bytes(content)) is None


@given(st.binary(max_size=60), st.sampled_from(PictureKind), st.integers(0, 40))
def test_broken_bytes_break_nothing(noise: bytes, kind: PictureKind, start: int) -> None:
    content = picture_bytes(kind)

    verified(content[:start] + noise + content[start + len(noise) :])


def test_a_picture_with_a_page_behind_it_is_still_a_picture() -> None:
    """Its type is what makes it harmless, not its bytes."""
    picture = verified(picture_bytes() + b"<script>alert(1)</script>")

    assert picture is not None
    assert picture.kind is PictureKind.PNG


def test_a_webp_becomes_a_png_of_the_same_size() -> None:
    picture = as_png(picture_of(PictureKind.WEBP))

    assert verified(picture.content) == picture
    assert (picture.kind, picture.width, picture.height) == (PictureKind.PNG, 6, 4)


def test_what_is_no_picture_is_not_converted() -> None:
    with pytest.raises(ValueError, match="not verified"):
        as_png(picture_of().__class__(kind=PictureKind.PNG, content=b"x", width=1, height=1))

"""Pictures over HTTP: what was kept, as what it is, and nothing else."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from adapters.pictures.reading import identified
from adapters.shelf.folder import PictureFolder
from domain.picture import PictureKind
from entrypoints.web.app import web_app
from entrypoints.web.images import image_route
from entrypoints.web.transfers import Transfers
from tests.fakes.pictures import picture_bytes, picture_of
from tests.integration.web.service import Address, House, serving

pytestmark = pytest.mark.anyio


@dataclass(kw_only=True)
class Gallery(House):
    """A house that shows pictures, and nothing besides."""

    folder: Path
    transfers: Transfers = field(default_factory=Transfers)

    def __post_init__(self) -> None:
        self.shelf = PictureFolder(self.folder, identified)

    def app(self) -> Litestar:
        return web_app(image_route(self.shelf.get, self.transfers), [])


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(folder=tmp_path / "data" / "images")


@pytest.fixture
async def address(gallery: Gallery) -> AsyncIterator[Address]:
    async with serving(gallery) as address:
        yield address


@pytest.mark.parametrize("kind", PictureKind)
async def test_a_picture_is_served_as_what_it_is(
    gallery: Gallery, client: httpx.AsyncClient, kind: PictureKind
) -> None:
    name = await gallery.shelf.put(picture_of(kind))

    response = await client.get(f"/images/{name}")

    assert (response.status_code, response.content) == (200, picture_bytes(kind))
    assert response.headers["content-type"] == kind.value
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in response.headers["x-robots-tag"]


async def test_head_tells_the_same_without_the_bytes(
    gallery: Gallery, client: httpx.AsyncClient
) -> None:
    name = await gallery.shelf.put(picture_of())

    got, head = await client.get(f"/images/{name}"), await client.head(f"/images/{name}")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["content-type"] == got.headers["content-type"]


NAMES = [
    "",
    ".",
    "..",
    "%2e%2e%2fsecret.png",
    "%252e%252e%252fsecret.png",
    "..%5csecret.png",
    "../secret.png",
    "..;/secret.png",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "CON",
    "a" * 300,
    "{name}.",
    "{name}%20",
    "{name}%00",
    "{name}%00.png",
    "{name}.part",
    "{name}/x",
    "./{name}x",
    "{stem}.html",
    "{stem}.jpg",
    "{stem}.PNG",
    "{stem}",
    "link.png",
    "0000000000000000000000000000000a.png",
    "%ff%fe.png",
]


@pytest.mark.parametrize("name", NAMES)
async def test_every_other_name_is_not_found_and_opens_nothing_outside(
    gallery: Gallery, address: Address, name: str
) -> None:
    kept = await gallery.shelf.put(picture_of())
    outside = gallery.folder.parent / "secret.png"
    outside.write_bytes(picture_bytes(PictureKind.PNG, 9, 9))
    (gallery.folder / "link.png").symlink_to(outside)
    (gallery.folder / f"{'0' * 31}a.png").symlink_to(outside)
    path = f"/images/{name.format(name=kept, stem=kept.partition('.')[0])}"

    for method in (b"GET", b"HEAD"):
        async with address.line() as line:
            await line.send(method + b" " + path.encode() + b" HTTP/1.1\r\nhost: x\r\n\r\n")
            head = (await line.reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]

        assert head.split()[1] == b"404"


async def test_guesses_find_nothing(gallery: Gallery, client: httpx.AsyncClient) -> None:
    await gallery.shelf.put(picture_of())

    for _ in range(50):
        names = [f"{secrets.token_hex(16)}.png" for _ in range(20)]
        found = await asyncio.gather(*(client.get(f"/images/{name}") for name in names))
        assert {response.status_code for response in found} == {404}


async def test_what_others_put_into_the_folder_is_served_only_if_it_is_a_picture(
    gallery: Gallery, client: httpx.AsyncClient
) -> None:
    await gallery.shelf.put(picture_of())
    page = gallery.folder / f"{'b' * 32}.png"
    page.write_text("<script>alert(1)</script>")

    assert (await client.get(f"/images/{page.name}")).status_code == 404


async def test_a_page_hidden_behind_a_picture_is_served_as_the_picture(
    gallery: Gallery, client: httpx.AsyncClient
) -> None:
    polyglot = identified(picture_bytes(PictureKind.GIF) + b"<script>alert(1)</script>")
    assert polyglot is not None
    name = await gallery.shelf.put(polyglot)

    response = await client.get(f"/images/{name}")

    assert response.headers["content-type"] == "image/gif"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_pictures_are_only_looked_at(
    gallery: Gallery, client: httpx.AsyncClient, method: str
) -> None:
    name = await gallery.shelf.put(picture_of())

    response = await client.request(method, f"/images/{name}")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"
    assert await gallery.shelf.get(name) is not None

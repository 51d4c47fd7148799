"""A folder keeps the promises of a shelf, and opens nothing outside of itself."""

import os
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.pictures.reading import identified
from adapters.shelf.folder import PictureFolder
from application.errors import StorageFailed
from application.ports import Shelf
from domain.picture import MAX_BYTES
from tests.contracts.pictures import ShelfContract
from tests.fakes.pictures import InMemoryShelf, picture_bytes, picture_of

pytestmark = pytest.mark.anyio

NAME = f"{'0123456789abcdef' * 2}.png"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "images"


@pytest.fixture
def shelf(folder: Path) -> PictureFolder:
    return PictureFolder(folder, identified)


class TestPictureFolder(ShelfContract):
    @pytest.fixture
    def shelf(self, tmp_path: Path) -> Shelf:
        return PictureFolder(tmp_path / "images", identified)


class TestInMemoryShelf(ShelfContract):
    @pytest.fixture
    def shelf(self) -> Shelf:
        return InMemoryShelf()


async def test_nobody_else_may_read_what_is_kept(shelf: PictureFolder, folder: Path) -> None:
    name = await shelf.put(picture_of())

    assert (mode_of(folder), mode_of(folder / name)) == (0o700, 0o600)
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "..",
        "/etc/passwd",
        f"../images/{NAME}",
        f"{NAME}\n",
        f"{NAME} ",
        f"{NAME}.",
        NAME.upper(),
        NAME.replace(".png", ".html"),
        NAME.replace(".png", ".jpg"),
        f"{NAME}\0",
        "CON",
        "a" * 300,
    ],
)
async def test_a_name_that_was_never_given_opens_nothing(
    shelf: PictureFolder, folder: Path, name: str
) -> None:
    await shelf.put(picture_of())
    for place in (folder / NAME, folder.parent / "secret.png"):
        place.write_bytes(picture_bytes())

    assert await shelf.get(NAME) is not None
    assert await shelf.get(name) is None
    await shelf.discard(name)
    assert await shelf.get(NAME) is not None
    assert (folder.parent / "secret.png").exists()


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "text", "large"])
async def test_what_is_no_picture_file_is_not_given_out(
    shelf: PictureFolder, folder: Path, kind: str
) -> None:
    folder.mkdir(parents=True)
    place, outside = folder / NAME, folder.parent / "outside.png"
    outside.write_bytes(picture_bytes())
    match kind:
        case "link":
            place.symlink_to(outside)
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case "text":
            place.write_text("<script>alert(1)</script>")
        case _:
            place.write_bytes(picture_bytes())
            os.truncate(place, MAX_BYTES + 1)

    assert await shelf.get(NAME) is None


async def test_a_place_that_takes_nothing_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("in the way")
    shelf = PictureFolder(tmp_path / "images", identified)

    with pytest.raises(StorageFailed):
        await shelf.put(picture_of())
    with pytest.raises(StorageFailed):
        await shelf.discard(NAME)


async def test_what_a_dead_process_left_half_written_is_told_of_and_can_be_discarded(
    shelf: PictureFolder, folder: Path
) -> None:
    name = await shelf.put(picture_of())
    half, foreign = folder / f".{NAME}.0123abcd.part", folder / "notes.txt"
    for path in (half, foreign):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - 7200,) * 2)

    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    old = [one async for one in shelf.put_before(hour_ago)]
    for one in old:
        await shelf.discard(one)

    assert old == [half.name]
    assert {path.name for path in folder.iterdir()} == {foreign.name, name}


async def test_a_folder_that_is_not_there_yet_has_nothing_old(shelf: PictureFolder) -> None:
    assert [one async for one in shelf.put_before(datetime.now(UTC))] == []

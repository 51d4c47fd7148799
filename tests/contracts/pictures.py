"""What every `ImageModel`, `Shelf` and `PictureUpload` promises."""

import asyncio
import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from application.errors import UploadFailed
from application.ports import ImageModel, PictureUpload, Shelf
from domain.message import RobotId
from domain.picture import Picture, PictureKind
from tests.fakes.pictures import picture_of

ROBOT = RobotId("robot")
STRANGER = RobotId("a robot without credentials")


@pytest.mark.anyio
class ImageModelContract:
    """An heir makes the model."""

    @pytest.fixture
    def image_model(self) -> ImageModel:
        raise NotImplementedError

    async def test_what_comes_is_the_picture_that_it_says_it_is(
        self, image_model: ImageModel
    ) -> None:
        drawing = await image_model.draw("雪山 & 木屋", asker="somebody")

        with Image.open(io.BytesIO(drawing.picture.content)) as image:
            image.load()
            assert image.get_format_mimetype() == drawing.picture.kind.value
            assert image.size == (drawing.picture.width, drawing.picture.height)
        assert drawing.model

    async def test_it_can_draw_several_at_once(self, image_model: ImageModel) -> None:
        drawings = await asyncio.gather(
            *(image_model.draw(f"画{number}", asker="") for number in range(3))
        )

        assert all(drawing.picture.content for drawing in drawings)


@pytest.mark.anyio
class ShelfContract:
    """An heir makes the shelf, which is empty."""

    @pytest.fixture
    def shelf(self) -> Shelf:
        raise NotImplementedError

    @pytest.mark.parametrize("kind", PictureKind)
    async def test_a_picture_is_found_as_it_was_put(self, shelf: Shelf, kind: PictureKind) -> None:
        name = await shelf.put(picture_of(kind))

        assert name.endswith(kind.suffix)
        assert await shelf.get(name) == picture_of(kind)

    async def test_the_same_picture_put_twice_is_there_twice(self, shelf: Shelf) -> None:
        names = await asyncio.gather(*(shelf.put(picture_of()) for _ in range(20)))

        await shelf.discard(names[0])

        assert len(set(names)) == 20
        assert await shelf.get(names[0]) is None
        assert await shelf.get(names[1]) == picture_of()

    async def test_what_was_never_put_is_not_there_and_can_be_discarded(self, shelf: Shelf) -> None:
        for name in (f"{'0' * 31}a.png", "", "a", "../secret.png", "x\0.png", "名.png"):
            assert await shelf.get(name) is None
            await shelf.discard(name)

    async def test_what_was_put_before_a_moment_can_be_found_and_discarded(
        self, shelf: Shelf
    ) -> None:
        names = {await shelf.put(picture_of()) for _ in range(3)}
        now = datetime.now(UTC)

        assert [name async for name in shelf.put_before(now - timedelta(hours=1))] == []
        found = {name async for name in shelf.put_before(now + timedelta(hours=1))}
        assert found == names
        for name in found:
            await shelf.discard(name)
        assert [name async for name in shelf.put_before(now + timedelta(hours=1))] == []


@pytest.mark.anyio
class PictureUploadContract:
    """An heir makes the upload, in which only `ROBOT` has credentials, and shows what arrived."""

    @pytest.fixture
    def upload(self) -> PictureUpload:
        raise NotImplementedError

    def arrived(self) -> list[Picture]:
        """The pictures that the other side took."""
        raise NotImplementedError

    def next_upload_fails(self) -> None:
        raise NotImplementedError

    async def test_only_a_robot_with_credentials_may_upload(self, upload: PictureUpload) -> None:
        assert upload.takes_from(ROBOT)
        assert not upload.takes_from(STRANGER)
        with pytest.raises(UploadFailed):
            await upload.upload(picture_of(), STRANGER)
        assert self.arrived() == []

    @pytest.mark.parametrize("kind", [PictureKind.PNG, PictureKind.JPEG, PictureKind.GIF])
    async def test_a_picture_arrives_and_has_a_name(
        self, upload: PictureUpload, kind: PictureKind
    ) -> None:
        media_id = await upload.upload(picture_of(kind), ROBOT)

        assert media_id[0] in "@$"
        assert [(one.kind, one.content) for one in self.arrived()] == [
            (kind, picture_of(kind).content)
        ]

    async def test_one_that_failed_can_be_uploaded_again(self, upload: PictureUpload) -> None:
        self.next_upload_fails()
        with pytest.raises(UploadFailed):
            await upload.upload(picture_of(), ROBOT)

        assert await upload.upload(picture_of(), ROBOT)

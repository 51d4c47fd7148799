"""The demo draws without a network, the same picture for the same words."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from adapters.demo.pictures import LABEL, LABEL_PLACE, DemoImageModel
from adapters.pictures.reading import verified
from application.errors import ModelUnavailable
from application.ports import ImageModel
from tests.contracts.pictures import ImageModelContract

pytestmark = pytest.mark.anyio


class TestDemoImageModel(ImageModelContract):
    @pytest.fixture
    def image_model(self) -> ImageModel:
        return DemoImageModel()


async def test_the_words_alone_decide_what_is_drawn() -> None:
    model = DemoImageModel()

    first = await model.draw("雪山", asker="a")
    again = await model.draw("雪山", asker="b")
    other = await model.draw("大海", asker="a")

    assert first == again
    assert first.picture.content != other.picture.content
    assert verified(first.picture.content) == first.picture


@pytest.mark.parametrize("prompt", ["雪山", "a cat", ""])
async def test_every_picture_is_labelled_as_a_demo(prompt: str) -> None:
    drawing = await DemoImageModel().draw(prompt, asker="")

    with (
        Image.open(io.BytesIO(drawing.picture.content)) as picture,
        Image.open(LABEL) as label,
    ):
        left, top = LABEL_PLACE
        shown = picture.convert("L").crop((left, top, left + label.width, top + label.height))
        strokes = [place for place, ink in enumerate(label.convert("L").tobytes()) if ink > 250]
        inks = shown.tobytes()
    assert strokes
    assert all(inks[place] > 240 for place in strokes)


async def test_it_fails_and_dawdles_on_request() -> None:
    pauses: list[timedelta] = []

    async def note(pause: timedelta) -> None:
        pauses.append(pause)

    model = DemoImageModel(sleep=note)
    with pytest.raises(ModelUnavailable):
        await model.draw("出错", asker="")
    await model.draw("慢一点", asker="")

    assert len(pauses) == 1

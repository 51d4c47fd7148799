"""Pictures on their way to DingTalk: the token, the form, what is tried again and what is not."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from adapters.dingtalk.outbound.access_tokens import Credentials
from adapters.dingtalk.outbound.http_client import dingtalk_client
from adapters.dingtalk.outbound.media import DingTalkMedia
from adapters.dingtalk.outbound.oapi_tokens import OapiTokens
from adapters.pictures.reading import as_png, identified
from application.errors import UploadFailed
from application.ports import PictureUpload
from dingtalk_simulator.records import Call
from dingtalk_simulator.simulator import Simulator
from domain.message import RobotId
from domain.picture import MAX_BYTES, Picture, PictureKind
from tests.contracts.pictures import ROBOT, PictureUploadContract
from tests.fakes.clock import ManualClock
from tests.fakes.pictures import ScriptedUpload, picture_of
from tests.integration.dingtalk.outbound.dingtalk import (
    CLIENT_ID,
    CLOSE,
    OLD_TOKEN,
    SECRET,
    UNKNOWN,
    UPLOAD,
    Fault,
    answer,
    body_of,
    errcode,
    html,
    redirect,
    will,
)

pytestmark = pytest.mark.anyio


def credentials_of(robot: RobotId) -> Credentials | None:
    if robot != ROBOT:
        return None
    return Credentials(client_id=CLIENT_ID, client_secret=SECRET)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def media(dingtalk: Simulator, clock: ManualClock) -> AsyncIterator[DingTalkMedia]:
    client, url = dingtalk_client(), httpx.URL(dingtalk.origin)
    yield DingTalkMedia(
        client=client,
        oapi_url=url,
        tokens=OapiTokens(client, url, clock),
        clock=clock,
        credentials_of=credentials_of,
        as_png=as_png,
    )
    await client.aclose()


def pictures_at(dingtalk: Simulator) -> list[Picture]:
    """What DingTalk has taken, oldest first."""
    media = [dingtalk.state.media.find(media_id_of(call)) for call in dingtalk.calls(UPLOAD)]
    found = [identified(medium.content) for medium in media if medium]
    return [picture for picture in found if picture]


def media_id_of(call: Call) -> str:
    """The name that DingTalk gave to what this call brought."""
    return str(json.loads(call.answer_body).get("media_id", ""))


class TestDingTalkMedia(PictureUploadContract):
    @pytest.fixture(autouse=True)
    def _look_at(self, dingtalk: Simulator) -> None:
        self.dingtalk = dingtalk

    @pytest.fixture
    def upload(self, media: DingTalkMedia) -> PictureUpload:
        return media

    def arrived(self) -> list[Picture]:
        return pictures_at(self.dingtalk)

    def next_upload_fails(self) -> None:
        will(self.dingtalk, UPLOAD, errcode(40004))


class TestScriptedUpload(PictureUploadContract):
    @pytest.fixture
    def upload(self) -> PictureUpload:
        self.scripted = ScriptedUpload()
        return self.scripted

    def arrived(self) -> list[Picture]:
        return self.scripted.taken

    def next_upload_fails(self) -> None:
        self.scripted.refusals = 1


async def test_the_form_is_the_one_that_dingtalk_describes(
    media: DingTalkMedia, dingtalk: Simulator
) -> None:
    media_id = await media.upload(picture_of(), ROBOT)

    (token,), (upload,) = dingtalk.calls(OLD_TOKEN), dingtalk.calls(UPLOAD)
    # The record blots the secret out; DingTalk took it.
    assert (token.method, token.query) == ("GET", {"appkey": CLIENT_ID, "appsecret": "***"})
    given = json.loads(token.answer_body)["access_token"]
    assert upload.query == {"access_token": given, "type": "image"}
    assert upload.request_headers["content-type"].startswith("multipart/form-data; boundary=")
    assert body_of(upload) == {
        "type": "image",
        "media": {
            "file_name": "picture.png",
            "content_type": "image/png",
            "size": len(picture_of().content),
        },
    }
    assert media_id == media_id_of(upload)
    assert [one.content for one in pictures_at(dingtalk)] == [picture_of().content]


async def test_a_webp_goes_as_a_png(media: DingTalkMedia, dingtalk: Simulator) -> None:
    await media.upload(picture_of(PictureKind.WEBP), ROBOT)

    (arrived,) = pictures_at(dingtalk)
    assert (arrived.kind, arrived.width, arrived.height) == (PictureKind.PNG, 6, 4)


async def test_uploads_at_once_share_one_token_which_lasts(
    media: DingTalkMedia, dingtalk: Simulator, clock: ManualClock
) -> None:
    await asyncio.gather(*(media.upload(picture_of(), ROBOT) for _ in range(10)))
    clock.pass_by(timedelta(seconds=6800))
    await media.upload(picture_of(), ROBOT)
    assert len(dingtalk.calls(OLD_TOKEN)) == 1

    clock.pass_by(timedelta(seconds=200))
    await media.upload(picture_of(), ROBOT)
    assert len(dingtalk.calls(OLD_TOKEN)) == 2


@pytest.mark.parametrize("number", [40014, 42001, 88, "40014"])
async def test_a_token_that_is_not_accepted_is_replaced_once(
    media: DingTalkMedia, dingtalk: Simulator, number: int | str
) -> None:
    will(dingtalk, UPLOAD, errcode(number))

    assert await media.upload(picture_of(), ROBOT)
    assert len(dingtalk.calls(OLD_TOKEN)) == 2

    will(dingtalk, UPLOAD, errcode(number), errcode(number))
    with pytest.raises(UploadFailed, match="token not accepted"):
        await media.upload(picture_of(), ROBOT)
    assert len(dingtalk.calls(UPLOAD)) == 4


async def test_a_token_that_was_revoked_is_fetched_anew(
    media: DingTalkMedia, dingtalk: Simulator
) -> None:
    await media.upload(picture_of(), ROBOT)
    dingtalk.state.tokens.expire(None)

    assert await media.upload(picture_of(), ROBOT)
    first, second, third = (call.query["access_token"] for call in dingtalk.calls(UPLOAD))
    assert first == second != third
    assert [call.errcode for call in dingtalk.calls(UPLOAD)] == [0, 42001, 0]


@pytest.mark.parametrize(
    "fault", [errcode(-1), errcode(90018), html(502), html(), answer(429, {}), CLOSE]
)
async def test_what_may_pass_is_tried_again(
    media: DingTalkMedia, dingtalk: Simulator, clock: ManualClock, fault: Fault
) -> None:
    will(dingtalk, UPLOAD, fault, fault)

    assert await media.upload(picture_of(), ROBOT)
    assert clock.slept == [timedelta(seconds=1), timedelta(seconds=2)]


async def test_what_does_not_pass_is_given_up(media: DingTalkMedia, dingtalk: Simulator) -> None:
    will(dingtalk, UPLOAD, *[errcode(-1)] * 5)

    with pytest.raises(UploadFailed, match="errcode -1"):
        await media.upload(picture_of(), ROBOT)
    assert len(dingtalk.calls(UPLOAD)) == 3


@pytest.mark.parametrize(
    "fault",
    [
        errcode(40004),
        errcode(90020),
        answer(200, {"errcode": 0}),
        answer(200, {"errcode": 0, "media_id": 5}),
        answer(200, {"errcode": 0, "media_id": ""}),
        answer(200, {"errcode": 0, "media_id": "https://evil.example/a.png"}),
        answer(200, {"errcode": 0, "media_id": "@lA)![x](https://evil.example"}),
    ],
)
async def test_what_is_refused_or_cannot_be_shown_is_not_tried_again(
    media: DingTalkMedia, dingtalk: Simulator, fault: Fault
) -> None:
    will(dingtalk, UPLOAD, fault)

    with pytest.raises(UploadFailed):
        await media.upload(picture_of(), ROBOT)
    assert len(dingtalk.calls(UPLOAD)) == 1


async def test_a_redirect_is_not_followed(media: DingTalkMedia, dingtalk: Simulator) -> None:
    will(dingtalk, UPLOAD, *[redirect(f"{dingtalk.origin}/elsewhere")] * 3)

    with pytest.raises(UploadFailed):
        await media.upload(picture_of(), ROBOT)
    assert dingtalk.calls(UNKNOWN) == []


@pytest.mark.parametrize(
    ("fault", "tries"), [(errcode(40096), 1), (errcode(-1), 3), (html(503), 3)]
)
async def test_without_a_token_nothing_is_uploaded(
    media: DingTalkMedia, dingtalk: Simulator, fault: Fault, tries: int
) -> None:
    will(dingtalk, OLD_TOKEN, *[fault] * tries)

    with pytest.raises(UploadFailed) as raised:
        await media.upload(picture_of(), ROBOT)

    assert SECRET not in str(raised.value)
    assert (len(dingtalk.calls(OLD_TOKEN)), dingtalk.calls(UPLOAD)) == (tries, [])
    assert await media.upload(picture_of(), ROBOT)


async def test_a_picture_that_grew_too_large_is_not_sent(
    media: DingTalkMedia, dingtalk: Simulator
) -> None:
    large = Picture(kind=PictureKind.PNG, content=b"x" * (MAX_BYTES + 1), width=1, height=1)

    with pytest.raises(UploadFailed, match="too large"):
        await media.upload(large, ROBOT)
    assert dingtalk.calls() == []


async def test_a_picture_of_twenty_megabytes_gets_through(
    media: DingTalkMedia, dingtalk: Simulator
) -> None:
    content = picture_of().content + b"\0" * (MAX_BYTES - len(picture_of().content))
    large = Picture(kind=PictureKind.PNG, content=content, width=6, height=4)

    assert await media.upload(large, ROBOT)
    assert dingtalk.calls(UPLOAD)[0].request_size > MAX_BYTES

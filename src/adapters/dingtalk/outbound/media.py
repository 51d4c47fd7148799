"""Pictures that are given to DingTalk, to be shown by their media ids."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx

from adapters.dingtalk.outbound.access_tokens import (
    Credentials,
    TokenRefused,
    TokenUnavailable,
    below,
)
from adapters.dingtalk.outbound.errcodes import errcode, is_passing
from adapters.dingtalk.outbound.exchange import Answer, NoAnswer, answered
from adapters.dingtalk.outbound.messenger import CredentialsOf
from adapters.dingtalk.outbound.oapi_tokens import OapiTokens
from application.errors import UploadFailed
from application.ports import Clock
from domain.message import RobotId
from domain.picture import MAX_BYTES, Picture, PictureKind

MOST_TRIES = 3
PAUSE = timedelta(seconds=1)
DEADLINE = timedelta(seconds=60)
"""For one try: twenty megabytes take a while."""

TOKEN_REJECTED = frozenset({88, 40014, 42001})

MEDIA_ID = re.compile(r"[@$][A-Za-z0-9_.+/=-]{1,500}")


class Unaccepted(Exception):  # noqa: N818 - reads as what it says
    """The access token is not accepted any more."""


class Passing(Exception):  # noqa: N818 - reads as what it says
    """It failed, and a little later it may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DingTalkMedia:
    """Satisfies `PictureUpload`: `POST /media/upload`, which takes JPEG, GIF and PNG (and BMP).

    `as_png` converts what it does not take. A token that is not accepted is replaced once.
    """

    client: httpx.AsyncClient
    oapi_url: httpx.URL
    tokens: OapiTokens
    clock: Clock
    credentials_of: CredentialsOf
    as_png: Callable[[Picture], Picture]

    def takes_from(self, robot: RobotId) -> bool:
        return self.credentials_of(robot) is not None

    async def upload(self, picture: Picture, robot: RobotId) -> str:
        credentials = self.credentials_of(robot)
        if credentials is None:
            raise UploadFailed("the robot has no credentials")
        if picture.kind is PictureKind.WEBP:
            picture = await asyncio.to_thread(self.as_png, picture)
        if len(picture.content) > MAX_BYTES:
            raise UploadFailed("the picture is too large")
        return await self._insist(picture, credentials)

    async def _insist(self, picture: Picture, credentials: Credentials) -> str:
        attempt, has_new_token = 1, False
        while True:
            try:
                return await self._try(picture, credentials)
            except Unaccepted as error:
                if has_new_token:
                    raise UploadFailed("access token not accepted") from error
                has_new_token = True
            except Passing as error:
                if attempt == MOST_TRIES:
                    raise UploadFailed(str(error)) from error
                await self.clock.sleep(PAUSE * attempt)
                attempt += 1

    async def _try(self, picture: Picture, credentials: Credentials) -> str:
        try:
            token = await self.tokens.token_for(credentials)
            request = self._request(picture, token)
            answer = await answered(self.client, request, deadline=DEADLINE)
        except TokenRefused as error:
            raise UploadFailed(f"credentials refused: {error}") from error
        except (TokenUnavailable, NoAnswer) as error:
            raise Passing(f"no answer: {error}") from error
        if answer.body is not None and errcode(answer.body) in TOKEN_REJECTED:
            self.tokens.forget(credentials, token)
            raise Unaccepted
        return _media_id(answer)

    def _request(self, picture: Picture, token: str) -> httpx.Request:
        name = f"picture{picture.kind.suffix}"
        return self.client.build_request(
            "POST",
            below(self.oapi_url, "/media/upload"),
            params={"access_token": token, "type": "image"},
            data={"type": "image"},
            files={"media": (name, picture.content, picture.kind.value)},
            timeout=DEADLINE.total_seconds(),
        )


def _media_id(answer: Answer) -> str:
    """What the answer calls the picture; raises UploadFailed, or Passing where another try may help."""
    body = answer.body or {}
    number, media_id = errcode(body), body.get("media_id")
    if answer.is_success and number == 0 and isinstance(media_id, str):
        if MEDIA_ID.fullmatch(media_id):
            return media_id
        raise UploadFailed("the media id cannot be shown")
    fact = f"HTTP {answer.status}, errcode {number}"
    raise Passing(fact) if is_passing(number) else UploadFailed(fact)

"""Replies by DingTalk's OpenAPI, for when the session of a message has ended."""

import httpx
import msgspec

from adapters.dingtalk.layout.mention import mention_for
from adapters.dingtalk.outbound.access_tokens import (
    AccessTokens,
    Credentials,
    TokenRefused,
    TokenUnavailable,
    below,
)
from adapters.dingtalk.outbound.errcodes import Detour, api_verdict
from adapters.dingtalk.outbound.exchange import NoAnswer, posted
from domain.message import IncomingMessage, RoomKind
from domain.reply import Busy, ReplyPart, SendResult, Undeliverable

_GROUP = "/v1.0/robot/groupMessages/send"
_PRIVATE = "/v1.0/robot/oToMessages/batchSend"


class OpenApiReplies:
    """`groupMessages/send` and `oToMessages/batchSend`. Neither can mention anybody."""

    def __init__(self, client: httpx.AsyncClient, api_url: httpx.URL, tokens: AccessTokens) -> None:
        self._client = client
        self._api_url = api_url
        self._tokens = tokens

    async def send(
        self, part: ReplyPart, message: IncomingMessage, credentials: Credentials
    ) -> SendResult:
        """Send to the room of the message. A token that is not accepted is replaced once."""
        address = _address(message)
        if address is None:
            return Undeliverable(reason="the OpenAPI has no address for this room")
        path, receiver = address
        body = {
            "robotCode": credentials.client_id,
            "msgKey": "sampleMarkdown",
            "msgParam": _parameters(part, message),
            **receiver,
        }
        verdict = await self._post(path, body, credentials)
        if verdict is Detour.NEW_TOKEN:
            verdict = await self._post(path, body, credentials)
        if isinstance(verdict, Detour):
            return Undeliverable(reason="access token not accepted")
        return verdict

    async def _post(
        self, path: str, body: dict[str, object], credentials: Credentials
    ) -> SendResult | Detour:
        try:
            token = await self._tokens.token_for(credentials)
            headers = {"x-acs-dingtalk-access-token": token}
            url = below(self._api_url, path)
            verdict = api_verdict(await posted(self._client, url, body, headers=headers))
        except TokenRefused as error:
            return Undeliverable(reason=f"credentials refused: {error}")
        except (TokenUnavailable, NoAnswer) as error:
            return Busy(reason=f"no answer: {error}")
        if verdict is Detour.NEW_TOKEN:
            self._tokens.forget(credentials, token)
        return verdict


def _address(message: IncomingMessage) -> tuple[str, dict[str, object]] | None:
    """Path and receiver. Custom group robots have no OpenAPI, and strangers no staff id."""
    if message.room.outgoing:
        return None
    if message.room.kind is RoomKind.GROUP:
        return _GROUP, {"openConversationId": message.room.id}
    if message.room.kind is RoomKind.PRIVATE and message.sender.staff_id is not None:
        return _PRIVATE, {"userIds": [message.sender.staff_id]}
    return None


def _parameters(part: ReplyPart, message: IncomingMessage) -> str:
    text = mention_for(message).in_silence(part.text)
    return msgspec.json.encode({"title": part.title, "text": text}).decode()

"""Answers on their way into DingTalk's chats."""

import logging
from collections.abc import Callable, Sequence

from adapters.dingtalk.layout.layout import Layout
from adapters.dingtalk.outbound.access_tokens import Credentials
from adapters.dingtalk.outbound.openapi import OpenApiReplies
from adapters.dingtalk.outbound.webhook import Obstacle, WebhookReplies
from domain.message import IncomingMessage, RobotId
from domain.reply import ReplyPart, SendResult, Undeliverable

logger = logging.getLogger(__name__)

CredentialsOf = Callable[[RobotId], Credentials | None]
"""A robot's credentials as they are configured now."""


class DingTalkMessenger:
    """Replies by the session webhook, and by the OpenAPI where that is gone and the robot has credentials."""

    def __init__(
        self,
        layout: Layout,
        *,
        webhook: WebhookReplies,
        openapi: OpenApiReplies,
        credentials_of: CredentialsOf,
    ) -> None:
        self._layout = layout
        self._webhook = webhook
        self._openapi = openapi
        self._credentials_of = credentials_of

    def parts_of(
        self,
        text: str,
        message: IncomingMessage,
        *,
        picture: str = "",
        preface: str = "",
        addresses: Sequence[str] = (),
    ) -> tuple[ReplyPart, ...]:
        return self._layout.parts_of(
            text, message, picture=picture, preface=preface, addresses=addresses
        )

    async def send(self, part: ReplyPart, message: IncomingMessage, *, key: str) -> SendResult:
        result = await self._webhook.send(part, message, key=key)
        if not isinstance(result, Obstacle):
            return result
        credentials = self._credentials_of(message.robot)
        if credentials is None:
            return Undeliverable(reason=result.value)
        facts = {"msg_id": message.id, "robot": message.robot, "reason": result.value}
        logger.info("reply_by_openapi", extra=facts)
        return await self._openapi.send(part, message, credentials)

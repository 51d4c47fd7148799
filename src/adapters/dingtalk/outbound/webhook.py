"""Replies by the session webhook that comes with a message."""

from datetime import timedelta
from enum import Enum

import httpx

from adapters.dingtalk.layout.mention import mention_for
from adapters.dingtalk.outbound.errcodes import Detour, webhook_verdict
from adapters.dingtalk.outbound.exchange import NoAnswer, posted
from adapters.dingtalk.outbound.origins import AllowedOrigins
from adapters.dingtalk.outbound.reply_permit import ReplyPermits
from application.ports import Clock
from domain.message import IncomingMessage
from domain.reply import Busy, ReplyPart, SendResult

MARGIN = timedelta(seconds=60)
"""A webhook that ends so soon is not tried."""


class Obstacle(Enum):
    """Why a webhook takes nothing, or nothing any more."""

    MISSING = "no webhook"
    FOREIGN = "webhook not allowed"
    EXPIRED = "webhook expired"
    ENDED = "session expired"


class WebhookReplies:
    """`POST {sessionWebhook}`; only to allowed origins and permitted listeners, whatever the message says."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        origins: AllowedOrigins,
        permits: ReplyPermits,
        clock: Clock,
    ) -> None:
        self._client = client
        self._origins = origins
        self._permits = permits
        self._clock = clock

    def target_of(self, message: IncomingMessage) -> httpx.URL | Obstacle:
        """Where to post, or why the webhook cannot be used."""
        webhook = message.webhook
        if not webhook.url:
            return Obstacle.MISSING
        if webhook.expires_at is not None and self._clock.now() >= webhook.expires_at - MARGIN:
            return Obstacle.EXPIRED
        allowed = self._origins.target(webhook.url) or self._permits.target(message)
        return allowed or Obstacle.FOREIGN

    async def send(
        self, part: ReplyPart, message: IncomingMessage, *, key: str
    ) -> SendResult | Obstacle:
        """Post one part, unless there is an obstacle or the session turns out to have ended."""
        target = self.target_of(message)
        if isinstance(target, Obstacle):
            return target
        body = {
            "msgtype": "markdown",
            "markdown": {"title": part.title, "text": part.text},
            "at": {"atUserIds": mention_for(message).called_in(part.text), "isAtAll": False},
            "msgUuid": key,
        }
        try:
            verdict = webhook_verdict(await posted(self._client, target, body))
        except NoAnswer as error:
            return Busy(reason=f"no answer: {error}")
        return Obstacle.ENDED if isinstance(verdict, Detour) else verdict

"""A robot's connection: one websocket after another, the next one up before the last is dropped."""

import asyncio
import logging
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.dingtalk.outbound.access_tokens import Credentials
from adapters.dingtalk.stream.backoff import Backoff
from adapters.dingtalk.stream.gateway import GatewayRefused, GatewayUnavailable, StreamGateway
from adapters.dingtalk.stream.handshake import connected
from adapters.dingtalk.stream.link import RENEWED, ROTATED, SILENT, Link, Topics
from adapters.dingtalk.stream.timings import Timings
from application.ports import Clock

logger = logging.getLogger(__name__)

MEND = (
    "check client_id and client_secret; in DingTalk's console the app must be published, set to Stream mode,"
    " and allow this machine's address"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a robot is connected; `fact` says why it is not, or not with its newest secret."""

    client_id: str
    connected_since: datetime | None = None
    fact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What every connection needs from outside."""

    gateway: StreamGateway
    certificates: ssl.SSLContext
    clock: Clock
    timings: Timings


class StreamConnection:
    """Keeps one robot connected for as long as `run` runs."""

    def __init__(self, credentials: Credentials, topics: Topics, outside: Outside) -> None:
        self._client_id = credentials.client_id
        self._credentials = credentials
        self._topics = topics
        self._outside = outside
        self._backoff = Backoff(timings=outside.timings)
        self._link: Link | None = None
        self._links: set[Link] = set()
        self._retiring: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._said = ""
        self.standing = Standing(client_id=credentials.client_id, fact="not connected yet")

    @property
    def credentials(self) -> Credentials:
        return self._credentials

    def change(self, credentials: Credentials) -> None:
        """Connect with another secret of the same robot; what is connected stays until that has succeeded."""
        self._credentials = credentials
        self._backoff.succeeded()
        self._said = ""
        self._changed.set()
        if self._link is not None:
            self._link.leave(RENEWED)

    async def run(self) -> None:
        """Stay connected until it is cancelled; then finish what is under way and close."""
        try:
            while True:
                link = await self._next_link()
                self._retire(self._link)
                self._link = link
                why = await link.left()
                self._note(link, why)
        finally:
            await self._end()

    async def _next_link(self) -> Link:
        """Try until a websocket is up."""
        while True:
            await self._wait(self._backoff.pause)
            try:
                return await self._open()
            except GatewayRefused as error:
                self._backoff.refused()
                if self._is_news(str(error)):
                    facts = {"client_id": self._client_id, "fact": str(error), "mend": MEND}
                    logger.error("stream_refused", extra=facts)  # noqa: TRY400 - the fact says all
            except GatewayUnavailable as error:
                self._backoff.failed(at_least=error.retry_after)
                if self._is_news(str(error)):
                    facts = {"client_id": self._client_id, "fact": str(error)}
                    logger.warning("stream_unavailable", extra=facts)
            except Exception as error:  # A mistake of ours must not disconnect a robot for ever.
                self._backoff.failed()
                if self._is_news(type(error).__name__):
                    logger.exception("stream_opening_broke", extra={"client_id": self._client_id})

    async def _open(self) -> Link:
        self._changed.clear()
        outside, credentials = self._outside, self._credentials
        ticket = await outside.gateway.ticket_for(credentials, self._topics)
        socket = await connected(ticket, outside.timings, outside.certificates)
        link = Link(socket, self._topics, timings=outside.timings, client_id=self._client_id)
        if credentials != self._credentials:
            link.leave(RENEWED)
        self._links.add(link)
        self._said = ""
        self.standing = Standing(client_id=self._client_id, connected_since=outside.clock.now())
        logger.info("stream_connected", extra={"client_id": self._client_id})
        return link

    def _note(self, link: Link, why: str) -> None:
        """A link needs a successor: at once if it was a good one, and later if none ever is."""
        up_for = link.up_for
        was_steady = up_for >= self._outside.timings.steady and (link.has_heard or why == SILENT)
        if why == RENEWED or was_steady:
            self._backoff.succeeded()
        elif link.has_heard:
            self._backoff.ended_early()
        else:
            self._backoff.failed()
        if why not in {ROTATED, RENEWED}:
            self.standing = Standing(client_id=self._client_id, fact=why)
        after = round(up_for.total_seconds())
        facts = {"client_id": self._client_id, "reason": why, "after_s": after}
        logger.info("stream_connection_ends", extra=facts)

    def _is_news(self, fact: str) -> bool:
        """Note why there is no connection; whether it was not said yet since there was one."""
        self.standing = Standing(client_id=self._client_id, fact=fact)
        is_news, self._said = fact != self._said, fact
        return is_news

    async def _wait(self, pause: timedelta) -> None:
        """Wait, unless the credentials were changed since the last try."""
        with suppress(TimeoutError):
            async with asyncio.timeout(pause.total_seconds()):
                await self._changed.wait()

    def _retire(self, link: Link | None) -> None:
        if link is not None:
            task = asyncio.create_task(self._retired(link))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def _retired(self, link: Link) -> None:
        await link.retire()
        self._links.discard(link)

    async def _end(self) -> None:
        closing = [link.close() for link in self._links]
        # Those that retire are through as soon as their links are closed.
        await asyncio.gather(*closing, *self._retiring, return_exceptions=True)

"""The door DingTalk knocks on: checked, stored, acknowledged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from litestar import Request, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from adapters.dingtalk.inbound.callback import BadCallback, read_callback
from adapters.dingtalk.inbound.robots import UNSIGNED, Caller, Robots
from application.errors import StorageFailed
from application.ports import Acceptance, Arrival, Clock
from application.rate_limited_logger import RateLimitedLogger
from entrypoints.callback_reports import CallbackReports
from entrypoints.web.answers import (
    BAD_REQUEST,
    NOTHING_TO_SAY,
    TIMED_OUT,
    UNAUTHORIZED,
    UNAVAILABLE,
    UNSUPPORTED_TYPE,
    ready,
)
from entrypoints.web.peers import Requester, from_scope, objection_to

_logger = logging.getLogger(__name__)

Headers = Mapping[str, Sequence[str]]
Receive = Callable[[Arrival], Awaitable[Acceptance]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long a callback may take, `body`: from its headers to the end of its body, `store`: to be stored.

    DingTalk waits for little longer than `store`; after it, it had better knock again.
    """

    body: timedelta = timedelta(seconds=10)
    store: timedelta = timedelta(seconds=2)


DEADLINES = Deadlines()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Who may come in, by the headers alone."""

    robots: Callable[[], Robots]
    allow_unsigned: Callable[[], bool]
    clock: Clock
    logger: RateLimitedLogger = field(default_factory=partial(RateLimitedLogger, _logger))

    def caller(self, asking: Requester) -> Caller | None:
        """Who calls; None if nobody vouches for it.

        Where no robot is configured, this machine itself may call without a signature.
        """
        robots, now = self.robots(), self.clock.now()
        if caller := robots.caller(asking.headers, now=now):
            return caller
        if not robots.is_empty:
            self.logger.warning(
                "callback_refused", reason=robots.objection(asking.headers, now=now)
            )
            return None
        objection = objection_to(asking)
        if objection is None or self.allow_unsigned():
            return UNSIGNED
        remedy = f"{objection}; set app_secrets (or credentials) to the secret of your robot"
        self.logger.warning("unsigned_callback_refused", reason=remedy)
        return None


def dingtalk_door(
    gate: Gate,
    receive: Receive,
    *,
    reports: CallbackReports | None = None,
    deadlines: Deadlines = DEADLINES,
) -> HTTPRouteHandler:
    """The route that takes DingTalk's callbacks."""
    noted = reports or CallbackReports(logger=gate.logger)

    @post("/", status_code=200, include_in_schema=False)
    async def knock(request: Request[None, None, State]) -> ASGIResponse:
        asking = from_scope(request.scope)
        caller = gate.caller(asking)
        if caller is None:
            return ready(UNAUTHORIZED)
        if not _is_json(asking.headers):
            return ready(UNSUPPORTED_TYPE)
        try:
            async with asyncio.timeout(deadlines.body.total_seconds()):
                body = await request.body()
        except TimeoutError:
            return ready(TIMED_OUT, connection="close")
        return await _take(body, caller)

    async def _take(body: bytes, caller: Caller) -> ASGIResponse:
        try:
            callback = read_callback(body)
            message = callback.to_message(caller, received_at=gate.clock.now())
        except BadCallback as error:
            noted.unreadable(caller.robot, error)
            return ready(BAD_REQUEST)
        noted.read(caller.robot, callback)
        arrival = Arrival(message=message, signed_at=caller.signed_at)
        try:
            async with asyncio.timeout(deadlines.store.total_seconds()):
                acceptance = await receive(arrival)
        except (StorageFailed, TimeoutError):
            gate.logger.error("message_not_stored", robot=caller.robot)  # noqa: TRY400 - the cause is logged where it happened
            return ready(UNAVAILABLE)
        if acceptance is Acceptance.REPLAYED:
            gate.logger.warning("signature_replayed", robot=caller.robot)
            return ready(UNAUTHORIZED)
        return ready(NOTHING_TO_SAY)

    return knock


def _is_json(headers: Headers) -> bool:
    kinds = [kind.split(";")[0].strip().lower() for kind in headers.get("content-type", ())]
    encodings = {encoding.strip().lower() for encoding in headers.get("content-encoding", ())}
    return kinds == ["application/json"] and encodings <= {"", "identity"}

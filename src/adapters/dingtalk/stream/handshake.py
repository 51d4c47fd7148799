"""From a ticket to an open websocket, straight and within limits."""

import logging
import ssl

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from adapters.dingtalk.stream.frames import LARGEST_FRAME
from adapters.dingtalk.stream.gateway import GatewayUnavailable, Ticket
from adapters.dingtalk.stream.timings import Timings

_silent = logging.getLogger(f"{__name__}.wire")
_silent.disabled = True
"""The library would write the ticket, and what people say, wherever the level is `debug`."""


class _Straight(connect):
    """Goes nowhere but where the ticket says."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def connected(
    ticket: Ticket, timings: Timings, certificates: ssl.SSLContext
) -> ClientConnection:
    """An open websocket, without any proxy of the environment.

    Raises:
        GatewayUnavailable: whatever went wrong; the ticket is used up.
    """
    try:
        return await _Straight(
            ticket.address,
            ssl=certificates if ticket.address.startswith("wss:") else None,
            proxy=None,
            compression=None,
            user_agent_header=None,
            open_timeout=timings.handshake.total_seconds(),
            ping_interval=timings.ping_interval.total_seconds(),
            ping_timeout=timings.ping_patience.total_seconds(),
            close_timeout=timings.closing.total_seconds(),
            max_size=LARGEST_FRAME,
            logger=_silent,
        )
    except InvalidStatus as error:
        fact = f"the websocket was answered with HTTP {error.response.status_code}"
        raise GatewayUnavailable(fact) from error
    except (WebSocketException, OSError, EOFError, ValueError) as error:
        # Their words may hold the address, and with it the ticket.
        raise GatewayUnavailable(f"no websocket: {type(error).__name__}") from error

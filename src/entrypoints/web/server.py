"""uvicorn, started and stopped by this program alone."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import uvicorn
from litestar import Litestar

from application.rate_limited_logger import RateLimitedLogger
from entrypoints.web.connection import TimeoutProtocol
from entrypoints.web.connections import (
    MOST_CONNECTIONS,
    TIMEOUTS,
    ClientConnections,
    Timeouts,
)

_logger = logging.getLogger(__name__)

LEFT_FOR_REQUESTS = timedelta(seconds=3)
"""What requests under way have when the service stops."""

BACKLOG = 2048


class WebServer(uvicorn.Server):
    """Leaves the process's signals to the program, which stops other things as well."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Take no more connections, finish what is under way, and return from `serve`."""
        self.should_exit = True


def web_server(
    app: Litestar,
    *,
    logger: RateLimitedLogger | None = None,
    most_connections: int = MOST_CONNECTIONS,
    timeouts: Timeouts = TIMEOUTS,
) -> WebServer:
    """A server of this application."""
    logger = logger or RateLimitedLogger(_logger)
    clients = ClientConnections(most_connections, logger=logger, timeouts=timeouts)
    return WebServer(
        uvicorn.Config(
            app,
            http=partial(TimeoutProtocol, clients=clients),  # type: ignore[arg-type] # uvicorn only calls it
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=round(timeouts.keep_alive.total_seconds()),
            timeout_graceful_shutdown=round(LEFT_FOR_REQUESTS.total_seconds()),
        )
    )


def listening_socket(host: str, port: int, *, backlog: int = BACKLOG) -> socket.socket:
    """A socket that takes connections there. Raises OSError if the address is taken or is none of ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=backlog)
    # asyncio sets this only where a socket names its protocol, which this one does not. Without it an answer,
    # written in two pieces, waits 40 ms for the client to acknowledge the first. Connections inherit it.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening

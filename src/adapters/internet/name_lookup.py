"""Ask the system's resolver without holding up anybody else's names."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from threading import Thread
from typing import TypeAlias

FindAddresses: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]
"""The IP addresses of a host, none if there are none; OSError if nobody answers."""

UNKNOWN = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


class NameLookup:
    """The system's resolver, which cannot be interrupted, in threads of its own.

    A name whose servers are silent holds a thread for half a minute. In the pool of the event loop a few
    of them would stop every other lookup of the process. Daemons, so that they do not delay its end.
    """

    def __init__(self, *, threads: int = 8) -> None:
        self._free = asyncio.Semaphore(threads)

    async def __call__(self, host: str) -> Sequence[str]:
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def done(found: Sequence[str], error: OSError | None) -> None:
            self._free.release()
            if answer.done():
                return
            if error is None:
                answer.set_result(found)
            else:
                answer.set_exception(error)

        def look_up() -> None:
            found, error = _addresses_of(host)
            with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                loop.call_soon_threadsafe(done, found, error)

        Thread(target=look_up, daemon=True, name="name-lookup").start()
        return await answer


def _addresses_of(host: str) -> tuple[Sequence[str], OSError | None]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return (), None if error.errno in UNKNOWN else error
    except (OSError, UnicodeError) as error:
        return (), error if isinstance(error, OSError) else None
    return tuple(str(address[0]) for *_, address in found), None

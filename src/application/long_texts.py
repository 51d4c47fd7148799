"""Work on texts of which a long one would keep everybody else waiting."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

LONG = 10_000
"""Characters from which on a text is worked on in a thread."""


async def worked_on(size: int, work: Callable[[], Result]) -> Result:
    """What `work` gives, which reads a text of that size and changes nothing that others read meanwhile."""
    return await asyncio.to_thread(work) if size > LONG else work()

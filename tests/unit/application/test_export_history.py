"""A whole history is given out in order, part by part."""

import pytest

from application.history.export_history import AT_ONCE, records_of
from tests.fakes.numbered_history import ZHANG, NumberedHistory


@pytest.mark.anyio
@pytest.mark.parametrize("count", [0, 1, AT_ONCE, 2 * AT_ONCE + 1])
async def test_every_record_comes_once_and_in_order(count: int) -> None:
    history = NumberedHistory(count)

    given = [record.id async for record in records_of(history, ZHANG)]

    assert given == list(range(1, count + 1))
    assert history.most_at_once <= AT_ONCE

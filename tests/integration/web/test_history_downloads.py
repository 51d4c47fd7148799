"""A whole conversation as a file."""

import re
import tracemalloc
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import httpx
import pytest

from adapters.transcripts import FORMATS
from entrypoints.web.history.download import STEP, Download
from tests.fakes.clock import ManualClock
from tests.fakes.numbered_history import ZHANG, NumberedHistory, record
from tests.integration.web.reading import Library

pytestmark = pytest.mark.anyio


async def download(
    library: Library, asked: str = "?format=md", method: str = "GET"
) -> httpx.Response:
    token = library.links.issue()
    async with library.open() as address, address.client() as client:
        return await client.request(method, f"/download/{token}{asked}", timeout=60)


@pytest.mark.parametrize(
    ("asked", "kind", "suffix"),
    [
        ("?format=md", "text/markdown; charset=utf-8", ".md"),
        ("?format=csv", "text/csv; charset=utf-8", ".csv"),
        ("", "text/markdown; charset=utf-8", ".md"),
    ],
)
async def test_all_questions_come_as_they_were_asked(asked: str, kind: str, suffix: str) -> None:
    library = Library(history=NumberedHistory(count=2 * STEP + 1))

    response = await download(library, asked)

    assert response.status_code == 200
    assert response.headers["content-type"] == kind
    numbers = [int(number) for number in re.findall(r"问题 (\d+)", response.text)]
    assert numbers == list(range(1, 2 * STEP + 2))
    assert suffix in response.headers["content-disposition"]


async def test_the_file_is_named_after_whose_it_is_and_the_day_in_the_zone() -> None:
    library = Library(history=NumberedHistory(nick='张"三\r\nx: y'), clock=ManualClock())

    response = await download(library)

    name = response.headers["content-disposition"]
    assert name.startswith('attachment; filename="conversations-2026-03-01.md"; filename*=')
    assert unquote(name.rpartition("''")[2]) == "张-三-x-y-conversations-2026-03-01.md"
    assert "x" not in response.headers


@pytest.mark.parametrize("asked", ["?format=jsonl", "?format=", "?format=../md", "?format=MD"])
async def test_other_formats_are_not_there(asked: str) -> None:
    response = await download(Library(), asked)

    assert response.status_code == 404
    assert "可以下载的格式：md, csv。" in response.text


async def test_head_names_the_file_and_reads_nothing() -> None:
    library = Library(history=NumberedHistory(count=1000))

    head = await download(library, method="HEAD")

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "conversations-" in head.headers["content-disposition"]
    assert library.history.most_at_once == 0


async def test_a_download_that_breaks_off_does_not_pass_for_a_whole_one() -> None:
    library = Library(history=NumberedHistory(count=10_000, fails_after=5000))

    with pytest.raises(httpx.RemoteProtocolError):
        await download(library)


@pytest.mark.parametrize("name", ["md", "csv"])
async def test_x7_a_long_history_passes_through_a_small_memory(name: str) -> None:
    history = NumberedHistory(count=5000, make=lambda number: record(number, answer="长" * 4000))
    person = await history.person(ZHANG)
    assert person is not None
    whole = Download(
        history=history,
        person=person,
        format=FORMATS[name],
        zone=ZoneInfo("Asia/Shanghai"),
        pictures="",
    )
    size = 0
    tracemalloc.start()
    try:
        async for chunk in whole._chunks():  # noqa: SLF001 - what the response sends
            size += len(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert size > 60_000_000
    assert peak < 5_000_000
    assert history.most_at_once == STEP

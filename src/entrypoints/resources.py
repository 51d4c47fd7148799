"""What has to be opened before the service runs, and closed after it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from adapters.clock import SystemClock
from adapters.dingtalk.outbound.http_client import dingtalk_client
from adapters.dingtalk.stream.nameplates import Nameplates
from adapters.internet.reach import Reach
from adapters.internet.records import InternetSiteRecords
from adapters.internet.sparing import SparingSiteRecords
from adapters.metrics.breakers import BreakerMetrics
from adapters.metrics.instruments import Instruments
from adapters.metrics.models import CountedChatModel, CountedImageModel
from adapters.pseudonyms import KeyedPseudonyms
from adapters.shelf.folder import PictureFolder
from adapters.sql.database import Database, Limits, open_database
from adapters.sql.keys import SqlKeys, identity_of
from adapters.sql.shared_clock import SharedClock
from adapters.sql.shelf import SqlShelf
from adapters.tokens.toktok import ToktokCounter
from application.ports import ChatModel, Clock, ImageModel, Shelf, TokenCounter
from application.provider import Provider, warnings_of
from domain.picture import Picture
from entrypoints.providers import ProviderOptions, asked_urls, build

CLOSING_DEADLINE = timedelta(seconds=2)
PSEUDONYM_KEY = "pseudonyms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models of all providers in the order of the providers. Not every provider draws."""

    chat: tuple[Provider[ChatModel], ...]
    images: tuple[Provider[ImageModel], ...]

    def warnings(self) -> tuple[str, ...]:
        """What an operator has to mend at a provider, for `/readyz`."""
        return tuple(dict.fromkeys(warnings_of((*self.chat, *self.images))))


async def opened_database(url: str, limits: Limits) -> AsyncGenerator[Database]:
    database = open_database(url, limits)
    try:
        yield database
    finally:
        await database.close(deadline=CLOSING_DEADLINE)


async def opened_clock(database: Database) -> AsyncGenerator[Clock]:
    """This machine's clock where it is the only one, else that of the database."""
    if not database.is_shared:
        yield SystemClock()
        return
    clock = SharedClock(database)
    await clock.compare()
    keeping = asyncio.create_task(clock.keep_time())
    try:
        yield clock
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


async def opened_nameplates(database: Database, url: str, dingtalk: str) -> Nameplates:
    """What shows this process to the others of its machine, which may be at work on the same database."""
    return Nameplates(dingtalk=dingtalk, storage=await identity_of(database, url))


def shelf_on(
    database: Database,
    clock: Clock,
    folder: Path,
    identified: Callable[[bytes], Picture | None],
) -> Shelf:
    """A folder of this machine, or where several share a database that one."""
    if database.is_shared:
        return SqlShelf(database, clock, identified)
    return PictureFolder(folder, identified)


def loaded_tokens(model: str) -> ToktokCounter:
    """Loading the table stops every thread for half a second: so it is done before anybody knocks."""
    counter = ToktokCounter(model)
    counter.warm_up()
    return counter


async def opened_client(connections: int) -> AsyncGenerator[httpx.AsyncClient]:
    client = dingtalk_client(connections=connections)
    try:
        yield client
    finally:
        await client.aclose()


async def opened_models(
    chosen: Sequence[ProviderOptions], tokens: TokenCounter, instruments: Instruments
) -> AsyncGenerator[Models]:
    """Those of each provider; there are as many image models as providers that draw."""
    async with AsyncExitStack() as opened:
        chat: list[Provider[ChatModel]] = []
        images: list[Provider[ImageModel]] = []
        for one in chosen:
            made = build(one, tokens)
            opened.push_async_callback(made.aclose)
            name, places = one.name, one.concurrency
            chat.append(
                Provider(
                    name=name,
                    model=CountedChatModel(made.chat, name, instruments),
                    concurrency=places,
                    model_name=one.asked_for,
                    url=asked_urls(one).chat,
                    context_length=one.context_length,
                    first_token_timeout=one.first_token_timeout,
                    observer=BreakerMetrics(instruments=instruments, use="chat"),
                )
            )
            if made.images is not None:
                images.append(
                    Provider(
                        name=name,
                        model=CountedImageModel(made.images, name, instruments),
                        concurrency=places,
                        model_name=one.image_model,
                        url=asked_urls(one).images,
                        observer=BreakerMetrics(instruments=instruments, use="images"),
                    )
                )
        yield Models(chat=tuple(chat), images=tuple(images))


async def opened_pseudonyms(database: Database) -> AsyncGenerator[KeyedPseudonyms]:
    yield KeyedPseudonyms(await SqlKeys(database).kept_key(PSEUDONYM_KEY))


async def opened_site_records(reach: Reach, clock: Clock) -> AsyncGenerator[SparingSiteRecords]:
    records = InternetSiteRecords(reach, clock)
    try:
        yield SparingSiteRecords(records, clock)
    finally:
        await records.aclose()

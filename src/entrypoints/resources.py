"""What has to be opened before the service runs, and closed after it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import httpx

from adapters.dingtalk.outbound.http_client import dingtalk_client
from adapters.internet.reach import Reach
from adapters.internet.records import InternetSiteRecords
from adapters.internet.sparing import SparingSiteRecords
from adapters.pseudonyms import KeyedPseudonyms
from adapters.sql.database import Database, open_database
from adapters.sql.keys import SqlKeys
from adapters.tokens.toktok import ToktokCounter
from application.ports import Clock
from application.questions.ask_image_models import ImageProvider
from application.questions.ask_models import Provider
from entrypoints.settings import ProviderSettings
from entrypoints.vendors import VendorModel

CLOSING_DEADLINE = timedelta(seconds=2)
PSEUDONYM_KEY = "pseudonyms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models of all providers in the order of the providers."""

    chat: tuple[Provider, ...]
    images: tuple[ImageProvider, ...]


async def opened_database(url: str) -> AsyncGenerator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        await database.close(deadline=CLOSING_DEADLINE)


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
    chosen: Sequence[ProviderSettings], vendor_of: Callable[..., VendorModel]
) -> AsyncGenerator[Models]:
    """`vendor_of(kind, settings)` makes the models of one provider."""
    async with AsyncExitStack() as opened:
        chat, images = [], []
        for one in chosen:
            vendor = vendor_of(one.kind, one)
            opened.push_async_callback(vendor.aclose)
            name, places = one.name, one.concurrency
            chat.append(Provider(name=name, model=vendor.model, concurrency=places))
            images.append(ImageProvider(name=name, model=vendor.images, concurrency=places))
        yield Models(chat=tuple(chat), images=tuple(images))


async def opened_pseudonyms(database: Database) -> AsyncGenerator[KeyedPseudonyms]:
    yield KeyedPseudonyms(await SqlKeys(database).kept_key(PSEUDONYM_KEY))


async def opened_site_records(reach: Reach, clock: Clock) -> AsyncGenerator[SparingSiteRecords]:
    records = InternetSiteRecords(reach, clock)
    try:
        yield SparingSiteRecords(records, clock)
    finally:
        await records.aclose()

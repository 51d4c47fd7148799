"""What has to be opened before the service runs, and closed after it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx

from adapters.dingtalk.outbound.http_client import dingtalk_client
from adapters.pseudonyms import KeyedPseudonyms
from adapters.sql.database import Database, open_database
from adapters.sql.keys import SqlKeys
from adapters.tokens.toktok import ToktokCounter
from application.ask_models import Provider
from entrypoints.settings import ProviderSettings
from entrypoints.vendors import VendorModel

CLOSING_DEADLINE = timedelta(seconds=2)
PSEUDONYM_KEY = "pseudonyms"


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


async def opened_providers(
    chosen: Sequence[ProviderSettings], vendor_of: Callable[..., VendorModel]
) -> AsyncGenerator[tuple[Provider, ...]]:
    """The providers in their order; `vendor_of(kind, settings)` makes the model of one."""
    async with AsyncExitStack() as opened:
        made = []
        for one in chosen:
            vendor = vendor_of(one.kind, one)
            opened.push_async_callback(vendor.aclose)
            made.append(Provider(name=one.name, model=vendor.model, concurrency=one.concurrency))
        yield tuple(made)


async def opened_pseudonyms(database: Database) -> AsyncGenerator[KeyedPseudonyms]:
    yield KeyedPseudonyms(await SqlKeys(database).kept_key(PSEUDONYM_KEY))

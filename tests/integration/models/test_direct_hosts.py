"""Beside a proxy, what is in `no_proxy` is reached directly, whatever is asked there."""

from datetime import timedelta

import pytest

from adapters.net.no_proxy import DirectHosts
from adapters.openai.billing import OpenAIBilling
from adapters.openai.connection import ConnectionOptions, OpenAIEndpoint
from adapters.openai.downloads import Downloads
from adapters.openai.model_list import OpenAIModelList
from application.errors import ModelFailure
from tests.fakes.clock import ManualClock
from tests.fakes.model_server import ModelServer, answer
from tests.integration.models.over_http import Vendor, endpoint_of, model_at, outcome_of
from tests.integration.models.test_proxies import ONLY_THE_PROXY_KNOWS, proxy_of

pytestmark = pytest.mark.anyio

BESIDE_US = DirectHosts.of(["127.0.0.1"])


@pytest.mark.parametrize("vendor", Vendor)
async def test_a_question_to_a_direct_host_does_not_go_through_the_proxy(vendor: Vendor) -> None:
    async with ModelServer().serving(answer("四")) as server, proxy_of("http") as proxy:
        options = ConnectionOptions(proxy=f"http://{proxy.address}", direct_hosts=BESIDE_US)

        async with model_at(endpoint_of(vendor, server.origin), options=options) as model:
            outcome = await outcome_of(model)

        told = await proxy.stop()
    assert (outcome.text, outcome.failure) == ("四", None)
    assert told == []


async def test_neither_do_balances_lists_and_pictures() -> None:
    async with ModelServer().serving(answer("四")) as server, proxy_of("http") as proxy:
        options = ConnectionOptions(proxy=f"http://{proxy.address}", direct_hosts=BESIDE_US)
        endpoint = OpenAIEndpoint(api_key="k", base_url=f"{server.origin}/v1")

        for visit in (
            OpenAIBilling(endpoint, options, provider="p", clock=ManualClock()).balance(),
            OpenAIModelList(endpoint, options, timeout=timedelta(seconds=5)).listed(),
            _fetched(endpoint, options, f"{server.origin}/a.png"),
        ):
            try:
                await visit
            except ModelFailure:
                continue  # What this server says to that is not the matter.

        told = await proxy.stop()
    assert told == []


async def test_a_picture_elsewhere_goes_through_it_all_the_same() -> None:
    async with ModelServer().serving(answer("四")) as server, proxy_of("http") as proxy:
        options = ConnectionOptions(proxy=f"http://{proxy.address}", direct_hosts=BESIDE_US)
        endpoint = OpenAIEndpoint(api_key="k", base_url=f"{server.origin}/v1")
        elsewhere = f"https://{ONLY_THE_PROXY_KNOWS}.example/a.png"

        with pytest.raises(ModelFailure):
            await _fetched(endpoint, options, elsewhere)

        told = await proxy.stop()
    assert any(ONLY_THE_PROXY_KNOWS in target for _, target in told)


async def _fetched(endpoint: OpenAIEndpoint, options: ConnectionOptions, address: str) -> bytes:
    async with Downloads(endpoint, options).fetch(address) as reply:
        return b"".join([piece async for piece in reply.received])

"""The list of models, of servers that tell it well and of those that tell anything else."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.openai.connection import ConnectionOptions, OpenAIEndpoint
from adapters.openai.model_list import LARGEST_LIST, OpenAIModelList, models_on
from application.errors import (
    ModelFailure,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelUnavailable,
)
from domain.model_availability import ListedModel
from tests.contracts.model_list import ModelListContract
from tests.fakes.billing_server import BillingServer, Respond, hang, hang_up, never_end, page
from tests.service.running import free_port

pytestmark = pytest.mark.anyio

KEY = "sk-secret-4711"
PATH = "/v1/models"


@pytest.fixture
async def server() -> AsyncIterator[BillingServer]:
    async with BillingServer() as serving:
        yield serving


def list_at(
    origin: str, *, base: str = "/v1", proxy: str = "", timeout: float = 5
) -> OpenAIModelList:
    endpoint = OpenAIEndpoint(api_key=KEY, base_url=origin + base)
    return OpenAIModelList(
        endpoint, ConnectionOptions(proxy=proxy), timeout=timedelta(seconds=timeout)
    )


async def names_of(server: BillingServer, body: object, *, status: int = 200) -> list[str] | None:
    server.pages[PATH] = page(json.dumps(body), status=status)
    listed = await list_at(server.origin).listed()
    return None if listed is None else [one.name for one in listed]


class TestOpenAIModelList(ModelListContract):
    @pytest.fixture
    def telling(self, server: BillingServer) -> OpenAIModelList:
        server.pages[PATH] = page(
            {
                "object": "list",
                "data": [
                    {"id": "model-a", "object": "model", "shutdown_date": None},
                    {"id": "model-b", "shutdown_date": "2027-01-14"},
                    {"id": "model-c", "deprecated": True},
                    {"id": "model-a", "deprecated": True},
                ],
            }
        )
        return list_at(server.origin)

    @pytest.fixture
    def silent(self, server: BillingServer) -> OpenAIModelList:
        return list_at(server.origin)

    @pytest.fixture
    def unreachable(self) -> OpenAIModelList:
        return list_at(f"http://127.0.0.1:{free_port()}")


async def test_the_key_is_shown_and_the_address_is_below_the_base(server: BillingServer) -> None:
    server.pages["/gateway/v1/models"] = page({"data": []})

    assert await list_at(server.origin, base="/gateway/v1/").listed() == ()

    (visit,) = server.visits
    assert visit.method == "GET"
    assert visit.headers["authorization"] == f"Bearer {KEY}"


async def test_it_goes_through_the_proxy_of_the_provider(server: BillingServer) -> None:
    server.pages[f"{PATH}"] = page({"data": [{"id": "a"}]})

    listed = await list_at("http://model.example", proxy=server.origin).listed()

    assert listed == (ListedModel(name="a"),)
    assert server.visits[0].headers["host"] == "model.example"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"data": [{"id": "a"}, {"id": "b"}]}, ["a", "b"]),
        ({"models": [{"name": "qwen3:8b", "model": "qwen3:8b"}]}, ["qwen3:8b"]),
        ([{"id": "a"}, {"id": "b"}], ["a", "b"]),
        (["a", "b"], ["a", "b"]),
        ({"data": ["a"]}, ["a"]),
        ({"result": [{"model": "a"}]}, ["a"]),
        ({"data": [{"id": " a "}, {"id": ""}, {"id": 7}, None, {"id": "x\ny"}]}, ["a"]),
        ({"data": []}, []),
        ({"data": None, "object": "list"}, None),
        ({"error": {"message": "no"}}, None),
        ("text", None),
    ],
)
async def test_every_known_shape_is_read(
    server: BillingServer, body: object, names: list[str] | None
) -> None:
    assert await names_of(server, body) == names


@pytest.mark.parametrize(
    ("fields", "listed"),
    [
        ({"shutdown_date": "2027-01-14"}, ListedModel(name="a", shutdown=date(2027, 1, 14))),
        ({"deprecation": "2027-01-14T12:00:00Z"}, ListedModel(name="a", shutdown=date(2027, 1, 14))),
        ({"deprecation_date": 1800000000}, ListedModel(name="a", shutdown=date(2027, 1, 15))),
        ({"deprecation_date": 1800000000000}, ListedModel(name="a", shutdown=date(2027, 1, 15))),
        ({"deprecation": {"inference": 1800000000}}, ListedModel(name="a", shutdown=date(2027, 1, 15))),
        ({"expiration_date": None}, ListedModel(name="a")),
        ({"shutdown_date": "soon"}, ListedModel(name="a")),
        ({"shutdown_date": 10**30}, ListedModel(name="a")),
        ({"shutdown_date": True}, ListedModel(name="a")),
        ({"status": "Retiring"}, ListedModel(name="a", is_deprecated=True)),
        ({"lifecycle_status": "deprecated"}, ListedModel(name="a", is_deprecated=True)),
        ({"status": "active", "deprecated": False}, ListedModel(name="a")),
    ],
)  # fmt: skip
def test_what_is_announced_of_a_model_is_read(
    fields: dict[str, object], listed: ListedModel
) -> None:
    assert list(models_on({"data": [{"id": "a", **fields}]})) == [listed]


def in_turn(*pages: Respond) -> Respond:
    """A page at each visit, the last one for ever."""
    waiting = list(pages)

    async def respond(writer: object) -> None:
        following = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        await following(writer)  # type: ignore[arg-type] # as it came

    return respond


@pytest.mark.parametrize(
    ("more", "query"),
    [
        ({"has_more": True, "last_id": "a"}, {"after": "a", "after_id": "a"}),
        ({"nextPageToken": "t/1"}, {"pageToken": "t/1", "page_token": "t/1"}),
        ({"next": "/v1/models?cursor=2"}, {"cursor": "2"}),
    ],
)
async def test_all_pages_are_read(
    server: BillingServer, more: dict[str, object], query: dict[str, str]
) -> None:
    server.pages[PATH] = in_turn(
        page({"data": [{"id": "a"}], **more}), page({"data": [{"id": "b"}], "has_more": False})
    )

    listed = await list_at(server.origin).listed()

    assert [one.name for one in listed or ()] == ["a", "b"]
    assert [visit.query for visit in server.visits] == [{}, query]


async def test_the_key_goes_to_no_other_origin(server: BillingServer) -> None:
    async with BillingServer() as other:
        server.pages[PATH] = page({"data": [{"id": "a"}], "next": f"{other.origin}/steal"})

        assert await list_at(server.origin).listed() == (ListedModel(name="a"),)
        assert other.visits == []


async def test_a_list_without_an_end_is_no_list(server: BillingServer) -> None:
    number = iter(range(10**9))

    async def respond(writer: object) -> None:
        one = next(number)
        body: dict[str, object] = {"data": [{"id": f"m{one}"}], "has_more": True}
        await page({**body, "last_id": str(one)})(writer)  # type: ignore[arg-type] # as it came

    server.pages[PATH] = respond

    assert await list_at(server.origin).listed() is None


@pytest.mark.parametrize(
    ("respond", "failure"),
    [
        (page({"error": {"code": "invalid_api_key"}}, status=401), ModelMisconfigured),
        (page("<html>", status=403), ModelMisconfigured),
        (page({"error": {"code": "insufficient_quota"}}, status=402), ModelOutOfFunds),
        (page("", status=503), ModelUnavailable),
        (page("", status=500), ModelUnavailable),
        (page("", status=302), ModelMisconfigured),
        (hang_up, ModelUnavailable),
    ],
)
async def test_a_refusal_is_the_same_failure_as_that_of_a_question(
    server: BillingServer, respond: Respond, failure: type[ModelFailure]
) -> None:
    server.pages[PATH] = respond

    with pytest.raises(failure) as raised:
        await list_at(server.origin).listed()

    assert KEY not in str(raised.value)


async def test_a_silent_server_is_given_up(server: BillingServer) -> None:
    server.pages[PATH] = hang

    with pytest.raises(ModelUnavailable, match="time is up"):
        await list_at(server.origin, timeout=0.2).listed()


async def test_a_page_without_an_end_is_no_list(server: BillingServer) -> None:
    server.pages[PATH] = never_end

    assert await list_at(server.origin, timeout=60).listed() is None


async def test_a_list_that_is_too_large_is_none(server: BillingServer) -> None:
    server.pages[PATH] = page(b'{"data": []' + b" " * LARGEST_LIST + b"}")

    assert await list_at(server.origin, timeout=20).listed() is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "models", "id", "name", "shutdown_date", "deprecation", "status"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(entries=st.lists(json_values, max_size=4))
def test_no_entry_breaks_the_list(entries: list[object]) -> None:
    found = list(models_on({"data": entries}))

    assert all(one.name == one.name.strip() != "" for one in found)

"""Image models over HTTP: what is asked, what is learned, and which answers are pictures."""

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.openai.connection import Connection, ConnectionOptions, Endpoint
from adapters.openai.images import OpenAIImageModel
from adapters.pictures.reading import verified
from application.errors import (
    ModelDeclined,
    ModelFailure,
    ModelGaveNothing,
    ModelGone,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelRejected,
    ModelUnavailable,
)
from application.ports import Drawing, ImageModel
from domain.picture import MAX_BYTES, PictureKind
from tests.contracts.pictures import ImageModelContract
from tests.fakes.model_server import (
    FILES,
    Behaviour,
    Call,
    Line,
    ModelServer,
    drawn,
    error,
    linked,
    named_picture,
    reset,
    send_bytes,
    silence,
    status,
    stream,
)
from tests.fakes.pictures import picture_bytes, picture_of
from tests.integration.models.over_http import KEY, Vendor, endpoint_of
from tests.integration.models.test_proxies import KINDS, ONLY_THE_PROXY_KNOWS, proxy_of

pytestmark = pytest.mark.anyio

PNG = picture_bytes()


@asynccontextmanager
async def model_at(
    endpoint: Endpoint, options: ConnectionOptions | None = None
) -> AsyncGenerator[OpenAIImageModel]:
    connection = Connection(endpoint, options or ConnectionOptions())
    try:
        yield OpenAIImageModel(connection, model="some-image-model", verified=verified)
    finally:
        await connection.aclose()


@asynccontextmanager
async def served(
    *script: Behaviour, vendor: Vendor = Vendor.OPENAI
) -> AsyncGenerator[tuple[OpenAIImageModel, ModelServer]]:
    async with (
        ModelServer().serving(*script) as server,
        model_at(endpoint_of(vendor, server.origin)) as model,
    ):
        yield model, server


async def asked(*script: Behaviour) -> Drawing:
    async with served(*script) as (model, _):
        return await model.draw("雪山", asker="somebody")


async def failure_of(*script: Behaviour) -> ModelFailure:
    with pytest.raises(ModelFailure) as raised:
        await asked(*script)
    return raised.value


class TestAtOpenAI(ImageModelContract):
    @pytest.fixture
    async def image_model(self) -> AsyncIterator[ImageModel]:
        async with served(drawn(PNG)) as (model, _):
            yield model


class TestAtAzureByAddress(ImageModelContract):
    @pytest.fixture
    async def image_model(self) -> AsyncIterator[ImageModel]:
        async with served(linked(PNG), vendor=Vendor.AZURE) as (model, _):
            yield model


@pytest.mark.parametrize(
    ("vendor", "path", "header", "value"),
    [
        (Vendor.OPENAI, "/v1/images/generations", "authorization", f"Bearer {KEY}"),
        (
            Vendor.AZURE,
            "/openai/deployments/ours/images/generations?api-version=2024-06-01",
            "api-key",
            KEY,
        ),
    ],
)
async def test_a_wish_goes_where_the_vendor_wants_it(
    vendor: Vendor, path: str, header: str, value: str
) -> None:
    async with served(drawn(PNG), vendor=vendor) as (model, server):
        await model.draw("雪山", asker="somebody")

    (call,) = server.calls
    assert (call.method, call.path, call.headers[header]) == ("POST", path, value)
    assert call.body == {
        "model": "some-image-model",
        "prompt": "雪山",
        "response_format": "b64_json",
        "user": "somebody",
    }


@pytest.mark.parametrize("kind", PictureKind)
@pytest.mark.parametrize("behaviour", [drawn, linked])
async def test_every_kind_of_picture_comes_in_the_answer_or_by_its_address(
    kind: PictureKind, behaviour: object
) -> None:
    drawing = await asked(behaviour(picture_bytes(kind)))  # type: ignore[operator] # both take bytes

    assert drawing.picture == picture_of(kind)
    assert drawing.model == "some-image-model"


async def test_an_address_is_fetched_without_the_key() -> None:
    async with served(linked(PNG)) as (model, server):
        await model.draw("雪山", asker="")

    fetch = server.calls[-1]
    assert (fetch.method, fetch.path) == ("GET", "/files/picture?sig=secret")
    assert KEY not in str(fetch.headers)
    assert "authorization" not in fetch.headers


async def test_bytes_in_the_answer_win_over_an_address() -> None:
    both = {"b64_json": base64.b64encode(PNG).decode(), "url": "https://elsewhere.example/x.png"}

    assert (await asked(named_picture(both))).picture.content == PNG


@pytest.mark.parametrize("field", ["b64_json", "url"])
async def test_a_data_address_is_as_good_as_base64(field: str) -> None:
    data = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"

    assert (await asked(named_picture({field: data}))).picture.content == PNG


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"input_tokens": 12, "output_tokens": 4160, "total_tokens": 4172}, (12, 4160)),
        ({"input_tokens": -1, "output_tokens": "many"}, (None, None)),
        ("none", (None, None)),
        (None, (None, None)),
    ],
)
async def test_token_counts_are_told_where_the_provider_tells_them(
    usage: object, counts: tuple[int | None, int | None]
) -> None:
    drawing = await asked(drawn(PNG, usage=usage))

    assert (drawing.prompt_tokens, drawing.answer_tokens) == counts


def refusing(*names: str, message: str = "Unknown parameter: '{}'.", code: int = 400) -> Behaviour:
    """A server that refuses these, one a time, as newer models refuse `response_format`."""

    async def behave(line: Line, call: Call) -> None:
        sent = [name for name in names if name in call.body]
        refusal = error(code, "unknown_parameter", message=message.format(*sent or [""]))
        await (refusal if sent else drawn(PNG))(line, call)

    return behave


@pytest.mark.parametrize("vendor", Vendor)
@pytest.mark.parametrize("names", [("response_format",), ("user",), ("response_format", "user")])
async def test_a_refused_parameter_is_sent_only_once(
    names: tuple[str, ...], vendor: Vendor
) -> None:
    async with served(refusing(*names), vendor=vendor) as (model, server):
        await model.draw("一", asker="somebody")
        learned = len(server.calls)
        await model.draw("二", asker="somebody")

    assert learned == 1 + len(names)
    assert len(server.calls) == learned + 1
    assert not set(names) & set(server.calls[-1].body)


async def test_models_that_refuse_it_in_other_words_are_understood() -> None:
    words = "response_format 'b64_json' is not supported"

    async with served(refusing("response_format", message=words, code=422)) as (model, _):
        assert (await model.draw("一", asker="")).picture.content == PNG


async def test_a_server_that_keeps_refusing_is_not_asked_for_ever() -> None:
    refusal = error(400, "unknown_parameter", param="response_format")

    async with served(refusal) as (model, server):
        with pytest.raises(ModelRejected):
            await model.draw("一", asker="")

    assert len(server.calls) == 2


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (error(400, "content_policy_violation"), ModelDeclined),
        (error(400, "moderation_blocked"), ModelDeclined),
        (error(400, "contentFilter"), ModelDeclined),
        (error(401, "invalid_api_key"), ModelMisconfigured),
        (error(404, "DeploymentNotFound"), ModelGone),
        (error(402), ModelOutOfFunds),
        (error(400, "billing_hard_limit_reached"), ModelOutOfFunds),
        (error(400, message="size is wrong"), ModelRejected),
        (error(500), ModelUnavailable),
        (error(429), ModelUnavailable),
        (reset, ModelUnavailable),
        (status(200, "<html>no such page</html>"), ModelMisconfigured),
        (status(200, {"error": {"code": "moderation_blocked"}}), ModelDeclined),
        (status(200, {"data": []}), ModelGaveNothing),
        (status(200, {"data": None}), ModelGaveNothing),
        (named_picture({}), ModelGaveNothing),
        (named_picture({"b64_json": "abc", "url": 5}), ModelGaveNothing),
        (named_picture({"b64_json": "not base64!"}), ModelGaveNothing),
        (drawn(b"<svg onload='alert(1)'/>"), ModelGaveNothing),
        (drawn(b""), ModelGaveNothing),
        (drawn(PNG[:40]), ModelGaveNothing),
        (linked(b"<html>", kind="text/html"), ModelGaveNothing),
        (linked(b""), ModelGaveNothing),
    ],
)
async def test_what_is_no_picture_is_told_in_our_words(
    behaviour: Behaviour, kind: type[ModelFailure]
) -> None:
    failure = await failure_of(behaviour)

    assert type(failure) is kind
    assert KEY not in str(failure)
    assert "://" not in str(failure)


@pytest.mark.parametrize(
    "address",
    [
        "http://pictures.example/a.png",
        "https://127.0.0.1:{port}/a.png",
        "https://localhost:{port}/a.png",
        "https://10.1.2.3/a.png",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a.png",
        "https://[::ffff:127.0.0.1]/a.png",
        "https://2130706433/a.png",
        "https://0x7f.1/a.png",
        "https://user:password@pictures.example/a.png",
        "http://127.0.0.1:{other}/a.png",
        "file:///etc/passwd",
        "ftp://pictures.example/a.png",
        "//pictures.example/a.png",
        "https://",
        "https://pictures.example:99999/a.png",
        "https://xn--/a.png",
        "picture.png",
        "https://pictures.example/" + "a" * 9000,
    ],
)
async def test_an_address_where_no_picture_belongs_is_not_fetched(address: str) -> None:
    async with ModelServer().serving(drawn(PNG)) as other, served() as (model, server):
        named = address.format(port=server.port, other=other.port)
        server.script = [named_picture({"url": named})]

        with pytest.raises(ModelGaveNothing):
            await model.draw("雪山", asker="")

        assert len(server.calls) == 1
        assert other.connections == 0


async def test_a_name_whose_address_is_not_public_is_not_connected_to() -> None:
    """It is looked up by the machine, which finds itself under any such name, or nothing."""
    failure = await failure_of(named_picture({"url": "https://nothing.invalid/a.png"}))

    assert isinstance(failure, ModelUnavailable)


async def test_a_redirect_leads_nowhere() -> None:
    async def behave(line: Line, call: Call) -> None:
        if call.path.startswith(FILES):
            await line.head(302, "text/plain", "Location: /else", "Content-Length: 0")
        else:
            await linked(PNG)(line, call)

    async with served(behave) as (model, server):
        with pytest.raises(ModelUnavailable):
            await model.draw("雪山", asker="")

    assert [call.path for call in server.calls if call.method == "GET"] == [
        "/files/picture?sig=secret"
    ]


async def test_a_file_without_an_end_is_not_read_to_it() -> None:
    async def behave(line: Line, call: Call) -> None:
        if call.path.startswith(FILES):
            await line.head(200, "image/png", f"Content-Length: {100 * MAX_BYTES}")
            await line.send(*[b"x" * 1024 * 1024] * 40)
        else:
            await linked(PNG)(line, call)

    assert isinstance(await failure_of(behave), ModelGaveNothing)


async def test_an_answer_without_an_end_is_not_read_to_it() -> None:
    endless = stream(*[b" " * 1024 * 1024] * 40, kind="application/json")

    assert isinstance(await failure_of(endless), ModelGaveNothing)


async def test_a_picture_that_breaks_off_on_its_way_is_worth_another_try() -> None:
    async def behave(line: Line, call: Call) -> None:
        if call.path.startswith(FILES):
            await send_bytes(line, PNG[:20], f"image/png\r\nX-Whole: {len(PNG)}")
            line.reset()
        else:
            await linked(PNG)(line, call)

    with pytest.raises((ModelUnavailable, ModelGaveNothing)):
        await asked(behave)


async def test_giving_up_ends_the_call() -> None:
    async with served(silence()) as (model, server):
        drawing = asyncio.create_task(model.draw("雪山", asker=""))
        await server.was_asked()
        drawing.cancel()

        await server.hung_up()
        assert drawing.cancelled() or (await asyncio.gather(drawing, return_exceptions=True))


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
async def test_both_the_wish_and_the_picture_go_through_the_proxy(scheme: str) -> None:
    async with ModelServer().serving(linked(PNG)) as server, proxy_of(KINDS[scheme]) as proxy:
        origin = f"http://{ONLY_THE_PROXY_KNOWS}:{server.port}"
        options = ConnectionOptions(proxy=f"{scheme}://{proxy.address}")

        async with model_at(endpoint_of(Vendor.OPENAI, origin), options) as model:
            drawing = await model.draw("雪山", asker="")

        told = await proxy.stop()
        assert drawing.picture.content == PNG
        assert len([target for how, target in told if how != "listening"]) >= 2
        assert all(ONLY_THE_PROXY_KNOWS in target for how, target in told if how != "listening")


async def test_behind_a_proxy_too_no_address_of_the_inside_is_asked_for() -> None:
    private = named_picture({"url": "https://10.1.2.3/a.png"})
    async with ModelServer().serving(private) as server, proxy_of("http") as proxy:
        options = ConnectionOptions(proxy=f"http://{proxy.address}")

        async with model_at(endpoint_of(Vendor.OPENAI, server.origin), options) as model:
            with pytest.raises(ModelGaveNothing):
                await model.draw("雪山", asker="")

        assert "10.1.2.3" not in str(await proxy.stop())


REFUSED_PICTURES = [
    error(400, "unknown_parameter", param="response_format", message="Unknown parameter"),
    error(400, message="Unknown parameter: 'response_format'."),
    error(400, message="b64_json is not supported, only url"),
    error(
        422,
        message="[{'loc': ('body', 'response_format'), 'msg': 'Extra inputs are not permitted'}]",
    ),
    error(500, message="unsupported field: response_format"),
    error(400, "1210", message="API 调用参数有误，请检查文档。"),
    status(200, {"error": {"message": "Unknown parameter: 'response_format'."}}),
]


@pytest.mark.parametrize("refusal", REFUSED_PICTURES)
async def test_what_is_refused_about_a_picture_is_left_out_at_once(refusal: Behaviour) -> None:
    async def behave(line: Line, call: Call) -> None:
        refused = "response_format" in call.body
        await (refusal if refused else drawn(PNG))(line, call)

    async with served(behave) as (model, server):
        await model.draw("一", asker="")
        await model.draw("一", asker="")

    assert ["response_format" in call.body for call in server.calls] == [True, False, False]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"code": 50505, "message": "overloaded", "data": None}, ModelUnavailable),
        ({"code": 30001, "message": "balance is insufficient"}, ModelOutOfFunds),
        ({"base_resp": {"status_code": 1026, "status_msg": "sensitive"}}, ModelDeclined),
        ({"base_resp": {"status_code": 1008, "status_msg": "x"}, "data": None}, ModelOutOfFunds),
        ({"code": "Arrearage", "message": "Access denied"}, ModelOutOfFunds),
        ({"error": {"code": "1211", "message": "模型不存在"}}, ModelGone),
        ({"detail": "Invalid API key"}, ModelMisconfigured),
    ],
)
async def test_errors_with_status_200_are_those_of_chat(
    value: object, kind: type[ModelFailure]
) -> None:
    async with served(status(200, value)) as (model, _):
        with pytest.raises(kind) as caught:
            await model.draw("一", asker="")

    assert type(caught.value) is kind

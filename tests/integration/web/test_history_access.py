"""Who gets in behind a link, and what everybody else hears."""

import logging
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from application.history.history_links import OpenHistoryLink, digest_of
from domain.access import AccessPolicy
from domain.history import HistoryLink
from domain.message import StaffId, UserKey
from tests.fakes.house import rules
from tests.fakes.in_memory_history import InMemoryHistoryLinks
from tests.fakes.numbered_history import ZHANG
from tests.integration.web.reading import BOSS, Library
from tests.integration.web.service import Address
from tests.integration.web.test_logs import written
from tests.strategies import NOON

pytestmark = pytest.mark.anyio

PRIVATE = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
async def address(library: Library) -> AsyncIterator[Address]:
    async with library.open() as address:
        yield address


@pytest.fixture
async def client(address: Address) -> AsyncIterator[httpx.AsyncClient]:
    async with address.client() as client:
        yield client


def addresses(token: str) -> list[tuple[str, str]]:
    """Everything that a token opens."""
    return [
        ("GET", f"/history/{token}"),
        ("GET", f"/history/{token}?page=2&q=x"),
        ("GET", f"/download/{token}?format=md"),
        ("GET", f"/download/{token}?format=csv"),
        ("GET", f"/download/{token}?format=none"),
        ("POST", f"/history/{token}/revoke"),
    ]


def without_date(response: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in response.headers.items() if name != "date"}
    return response.status_code, headers, response.content


BAD_TOKENS = [
    "Q" * 43,
    "x",
    "x" * 5000,
    "%00",
    "%ff%fe",
    "..%5C..",
    "'%20or%201=1--",
    "%E5%BC%A0%E4%B8%89",
    "{token}",
    "*",
]


@pytest.mark.parametrize("token", BAD_TOKENS, ids=lambda token: ascii(token)[:12])
async def test_every_bad_token_hears_the_same(client: httpx.AsyncClient, token: str) -> None:
    heard = [
        without_date(await client.request(method, address)) for method, address in addresses(token)
    ]

    assert len({repr(one) for one in heard}) == 1
    status, headers, body = heard[0]
    assert status == 404
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "这个链接打不开" in body.decode()
    assert "#查对话 username:" in body.decode()
    assert headers.items() >= PRIVATE.items()


async def test_a_link_that_has_ended_is_like_one_that_never_was(library: Library) -> None:
    """With the real use case, for each way in which a link can end."""
    kept, token = InMemoryHistoryLinks(), secrets.token_urlsafe(32)
    link = HistoryLink(person=ZHANG, asked_by=BOSS, expires_at=NOON + timedelta(days=1))
    admins = [StaffId("boss")]
    opens = OpenHistoryLink(
        links=kept,
        rules=lambda: rules(access=AccessPolicy(admins=frozenset(admins))),
        clock=library.clock,
    )
    library.links.open = opens  # type: ignore[method-assign] # the real one in its place
    library.links.revoke = opens.revoke  # type: ignore[method-assign]
    heard = []
    async with library.open() as address, address.client() as client:

        async def hear() -> None:
            heard.append(without_date(await client.get(f"/history/{token}")))

        await hear()
        await kept.keep(digest_of(token), link)
        assert (await client.get(f"/history/{token}")).status_code == 200
        admins.clear()
        await hear()
        admins.append(StaffId("boss"))
        library.clock.pass_by(timedelta(days=2))
        await hear()
        library.clock.pass_by(timedelta(days=-2))
        assert (await client.post(f"/history/{token}/revoke")).status_code == 303
        await hear()

    assert [status for status, _, _ in heard] == [404] * 4
    assert len({repr(one) for one in heard}) == 1


async def test_a_thousand_random_tokens_open_nothing(library: Library) -> None:
    library.links.issue()
    statuses = set()
    async with library.open() as address, address.client() as client:
        for _ in range(1000):
            statuses.add((await client.get(f"/history/{secrets.token_urlsafe(32)}")).status_code)

    assert statuses == {404}
    assert len(set(library.links.tried)) == 1000


async def test_good_token_gets_in_everywhere(library: Library, client: httpx.AsyncClient) -> None:
    token = library.links.issue()

    answers = [await client.request(method, address) for method, address in addresses(token)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 404, 303]
    assert all(answer.headers.items() >= PRIVATE.items() for answer in answers)


async def test_the_policy_lets_a_page_show_itself_and_do_nothing(
    library: Library, client: httpx.AsyncClient
) -> None:
    response = await client.get(f"/history/{library.links.issue()}")

    policy = dict(
        part.split(" ", 1) for part in response.headers["content-security-policy"].split("; ")
    )
    style = policy.pop("style-src")
    assert policy == {
        "default-src": "'none'",
        "img-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert style.startswith("'sha256-")
    assert "unsafe" not in style


TAKEN = {
    "/history/{}": "GET, HEAD",
    "/download/{}": "GET, HEAD",
    "/history/{}/revoke": "POST",
    "/history/revoked": "GET, HEAD",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
REFUSED = [
    (method, path)
    for path, taken in TAKEN.items()
    for method in METHODS
    if method not in taken.split(", ")
]


@pytest.mark.parametrize(("method", "path"), REFUSED)
async def test_other_methods_are_refused_whether_the_token_is_good_or_not(
    library: Library, client: httpx.AsyncClient, method: str, path: str
) -> None:
    tokens = ("x" * 43, library.links.issue())

    bad, good = [without_date(await client.request(method, path.format(token))) for token in tokens]

    assert bad == good
    assert (bad[0], bad[1]["allow"]) == (405, TAKEN[path])
    assert library.links.tried == []


@pytest.mark.parametrize("path", ["/history", "/download", "/history/a/b", "/history/a/b/revoke"])
async def test_nothing_else_is_there(client: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        response = await client.request(method, path)

        assert (response.status_code, response.json()) == (404, {"error": "not_found"})


async def test_a_revoked_link_opens_nothing_and_the_others_stay(
    library: Library, client: httpx.AsyncClient
) -> None:
    token, other = library.links.issue(), library.links.issue()

    done = await client.post(f"/history/{token}/revoke")
    told = await client.get(done.headers["location"].replace("..", "/history"))

    assert (done.status_code, done.headers["location"]) == (303, "../revoked")
    assert (told.status_code, "链接已撤销" in told.text) == (200, True)
    assert token not in told.text
    assert told.headers.items() >= PRIVATE.items()
    for method, address in addresses(token):
        assert (await client.request(method, address)).status_code == 404
    assert (await client.get(f"/history/{other}")).status_code == 200


async def test_looking_revokes_nothing(library: Library, client: httpx.AsyncClient) -> None:
    token = library.links.issue()

    await client.get(f"/history/{token}/revoke")

    assert (await client.get(f"/history/{token}")).status_code == 200


async def test_a_link_opens_one_persons_history_only(
    library: Library, client: httpx.AsyncClient
) -> None:
    token = library.links.issue(UserKey("staff:somebody-else"))

    page = await client.get(f"/history/{token}")
    download = await client.get(f"/download/{token}?format=md")

    assert page.status_code == 200
    assert "这里没有对话" in page.text
    assert "张三" not in page.text
    assert "download/" not in page.text
    assert download.status_code == 404


async def test_a_database_that_is_away_is_said_so(
    library: Library, client: httpx.AsyncClient
) -> None:
    token = library.links.issue()
    library.history.fails = True

    for method, address in addresses(token)[:2]:
        response = await client.request(method, address)

        assert response.status_code == 503
        assert "请过几分钟再刷新" in response.text
        assert response.headers.items() >= PRIVATE.items()


async def test_a20_no_token_and_no_name_is_logged(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token, bad = library.links.issue(), secrets.token_urlsafe(32)
    async with library.open() as address, address.client() as client:
        for one in (token, bad):
            for method, path in addresses(one)[:-1]:
                await client.request(method, path)
            await client.request("OPTIONS", f"/history/{one}")
        await client.get(f"/history/{token}?q=悄悄话&page=9")
        library.history.fails = True
        await client.get(f"/history/{token}")
        library.history.fails = False
        library.history.fails_after = 0
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"/download/{token}")
        library.zone = None  # type: ignore[assignment] # a mistake in the program
        assert (await client.get(f"/history/{token}")).status_code == 500
        await client.post(f"/history/{token}/revoke")

    log = written(caplog)
    assert [leak for leak in (token, bad, "张三", "zhang01", "boss", "悄悄话") if leak in log] == []


async def test_each_fate_is_an_event(
    library: Library, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    token = library.links.issue()

    for method, address in addresses(token)[1:]:
        await client.request(method, address)
    for _ in range(3):
        await client.get(f"/history/{token}")

    ours = [one for one in caplog.records if one.name.startswith("entrypoints")]
    assert [one.msg for one in ours] == [
        "history_shown",
        "history_downloaded",
        "history_downloaded",
        "history_link_revoked",
        "history_link_refused",
    ]

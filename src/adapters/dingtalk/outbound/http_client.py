"""The one HTTP client through which everything goes to DingTalk."""

from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

TIMEOUT = httpx.Timeout(15, connect=5)


def dingtalk_client(*, connections: int = 100) -> httpx.AsyncClient:
    """A client for the life of the process; whoever makes it closes it with `aclose`.

    It follows no redirect, keeps no cookie, and takes neither proxy nor anything else from the environment.
    """
    certificates = httpx.create_ssl_context(trust_env=False)

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=connections, keepalive_timeout=30, ssl=certificates)
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )

    return httpx.AsyncClient(
        transport=AiohttpTransport(client=session, verify=certificates, trust_env=False),
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        headers={"accept": "application/json", "accept-encoding": "identity"},
    )

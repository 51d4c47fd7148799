"""Whether this machine itself asks: the table, and that nothing else counts as it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dingtalk_simulator.control.access import ORDINARY_HEADER
from entrypoints.web.peers import (
    ORDINARY,
    Requester,
    collected,
    host_name,
    is_loopback,
    is_this_machine,
    objection_to,
)

PLAIN = {
    "host": "127.0.0.1:8090",
    "connection": "keep-alive",
    "accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
    "accept-encoding": "gzip, deflate, br, zstd",
    "accept-language": "zh-CN,zh;q=0.9",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0.0.0 Safari/537.36",
    "cache-control": "no-cache",
    "cookie": "last=10.0.0.1",
    "content-type": "application/json; charset=utf-8",
    "content-length": "12",
    "dnt": "1",
    "range": "bytes=0-",
    "x-requested-with": "XMLHttpRequest",
    "postman-token": "6a2b8c0e-1111-4222-8333-444455556666",
    "token": "the token of an outgoing robot",
    "date": "Sun, 29 Nov 2026 08:49:37 GMT",
    "if-modified-since": "Sun, 29 Nov 2026 08:49:37 GMT",
    "referer": "http://127.0.0.1:8090/",
    "origin": "http://127.0.0.1:8090",
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "cors",
    "sec-ch-ua-full-version-list": '"Chromium";v="141.0.7390.55"',
    "sec-ch-ua-platform": '"Linux"',
    "upgrade-insecure-requests": "1",
    "priority": "u=1, i",
    "expect": "100-continue",
    "timestamp": "1753000000000",
    "sign": "nwBJQmaBLv9+5/sSS/66jcFc1/kGY5wo38L88LOGfRU=",
    "x-prometheus-scrape-timeout-seconds": "10",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "authorization": "Bearer ab:cd:ef",
}
"""What browsers, curl, httpx and Prometheus send of their own."""

OF_OTHERS = """
forwarded via x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port x-forwarded-server
x-original-forwarded-for x-real-ip x-client-ip client-ip x-remote-ip x-remote-addr remote-addr real-ip
x-originating-ip x-cluster-client-ip x-proxyuser-ip wl-proxy-client-ip proxy-client-ip http-x-forwarded-for
cf-connecting-ip cf-connecting-ipv6 cf-pseudo-ipv4 cf-ray cf-visitor cf-ipcountry cf-warp-tag-id cdn-loop
true-client-ip akamai-origin-hop x-akamai-edgescape fastly-client-ip fastly-client fastly-ff x-varnish
x-envoy-external-address x-envoy-peer-metadata x-amzn-trace-id x-amz-cf-id cloudfront-viewer-address
x-azure-clientip x-azure-socketip x-azure-ref x-arr-ssl x-arr-log-id x-appengine-user-ip x-cloud-trace-context
fly-client-ip fly-forwarded-port fly-region ngrok-auth-user-email ngrok-trace-id x-ngrok-anything
x-vercel-id x-vercel-forwarded-for x-nf-client-connection-ip x-nf-request-id render-proxy-ttl x-railway-edge
heroku-nav-data tailscale-user-login x-sucuri-clientip incap-client-ip ali-cdn-real-ip eagleeye-traceid
x-tencent-ua stgw-orgreq cdn-src-ip x-edge-location x-gateway-host x-localtunnel-agent-ips x-pinggy-tunnel
bunny-request-id zrok-share x-traefik-router x-istio-attributes x-scheme x-original-uri x-original-host
x-host x-served-by x-cache x-timer x-request-id x-request-start x-lb x-kong-request-id x-b3-traceid rndr-id
x-cpolar x-natapp localtonet x-visitor-address x-source-address x-geo-country x-qiniu connect-time
x-nws-log-uuid
front-end-https proxy-connection proxy-authorization max-forwards x-ip ip x_real_ip x-peer x-hop-count
""".split()  # noqa: SIM905 - a list would fill a page


def asking(**changes: object) -> Requester:
    headers = changes.pop("headers", {"host": "127.0.0.1:8090"})
    fields: dict[str, object] = {"peer": "127.0.0.1", "headers": collected(headers.items())}  # type: ignore[attr-defined] # a mapping
    return Requester(**(fields | changes))  # type: ignore[arg-type] # as each test names them


def with_header(name: str, value: str) -> Requester:
    return asking(headers={"host": "127.0.0.1:8090", name: value})


def test_the_simulator_knows_the_same_ordinary_headers() -> None:
    assert ORDINARY_HEADER.pattern == ORDINARY.pattern


def test_an_ordinary_client_on_this_machine_is_this_machine() -> None:
    assert objection_to(asking(headers=PLAIN)) is None


@pytest.mark.parametrize("header", OF_OTHERS)
@pytest.mark.parametrize("value", ["127.0.0.1", "", "x"])
def test_a_header_that_speaks_of_another_client_is_an_objection(header: str, value: str) -> None:
    assert not is_this_machine(with_header(header, value))
    assert not is_this_machine(with_header(header.upper(), value))


@given(
    st.text(string.ascii_lowercase + "-", max_size=12),
    st.sampled_from(["ip", "forward"]),
    st.text(string.ascii_lowercase + "-", max_size=12),
)
def test_any_name_with_ip_or_forward_in_it_is_an_objection(
    before: str, word: str, after: str
) -> None:
    assert not is_this_machine(with_header(f"{before}{word}{after}", "x"))


@pytest.mark.parametrize(
    "value",
    [
        "203.0.113.7",
        "10.0.0.1, 127.0.0.1",
        "203.0.113.7:4711",
        "for=203.0.113.7;proto=https",
        'for="[2001:db8::1]:4711"',
        "2001:db8::1",
        "::ffff:10.0.0.1",
    ],
)
def test_a_header_nobody_knows_that_names_an_address_is_an_objection(value: str) -> None:
    assert not is_this_machine(with_header("x-unheard-of", value))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8090",
        "localhost",
        "LocalHost:1",
        "[::1]:8090",
        "127.8.8.8:80",
    ],
)
def test_a_loopback_host_is_this_machines(host: str) -> None:
    assert is_this_machine(asking(headers={"host": host}))


@pytest.mark.parametrize(
    "host",
    [
        "",
        "robot.example.com",
        "evil.example:8090",
        "localhost.evil.example",
        "localhost@evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.5",
        "0.0.0.0",  # noqa: S104 - nobody listens there
        "127.0.0.1:8090:1",
        "127.0.0.1 ",
        "[::2]",
        "::1",
    ],
)
def test_any_other_host_is_an_objection(host: str) -> None:
    assert not is_this_machine(asking(headers={"host": host}))


def test_there_is_one_host() -> None:
    assert not is_this_machine(asking(headers={}))
    assert not is_this_machine(
        Requester(peer="127.0.0.1", headers={"host": ["127.0.0.1", "127.0.0.1"]})
    )


@pytest.mark.parametrize(
    ("name", "value", "may"),
    [
        ("origin", "http://127.0.0.1:8090", True),
        ("origin", "http://127.0.0.1:8091", False),
        ("origin", "http://localhost:8090", False),
        ("origin", "http://evil.example", False),
        ("origin", "null", False),
        ("origin", "", False),
        ("sec-fetch-site", "none", True),
        ("sec-fetch-site", "same-origin", True),
        ("sec-fetch-site", "same-site", False),
        ("sec-fetch-site", "cross-site", False),
        ("sec-fetch-site", "anything", False),
    ],
)
def test_a_browser_may_ask_for_its_own_page_only(name: str, value: str, *, may: bool) -> None:
    assert is_this_machine(with_header(name, value)) is may


@pytest.mark.parametrize(
    ("peer", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:10.0.0.1", False),
        ("10.0.0.5", False),
        ("172.17.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nobody listens there
        ("203.0.113.7", False),
        ("localhost", False),
        ("", False),
        (None, False),
    ],
)
def test_only_a_loopback_address_is_this_machine(peer: str | None, *, is_local: bool) -> None:
    assert is_loopback(peer) is is_local
    assert is_this_machine(asking(peer=peer)) is is_local


def test_a_proxy_of_old_is_told_by_its_protocol() -> None:
    assert "reverse proxy" in str(objection_to(asking(http_version="1.0")))


@pytest.mark.parametrize(
    ("hosts", "name"),
    [
        (["Box.Lan:8091"], "box.lan"),
        (["box.lan"], "box.lan"),
        (["[::1]:8091"], "[::1]"),
        ([], ""),
        (["a", "b"], ""),
    ],
)
def test_the_name_of_a_host_has_no_port(hosts: list[str], name: str) -> None:
    assert host_name(Requester(peer=None, headers={"host": hosts})) == name

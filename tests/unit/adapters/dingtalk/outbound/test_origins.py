"""What may be connected to, however an address is written."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dingtalk.outbound.origins import AllowedOrigins
from domain.errors import InvalidValue

ALLOWED = AllowedOrigins.of(["https://oapi.dingtalk.com", "http://127.0.0.1:8091"])
PATH = "/robot/sendBySession?session=abc"

REFUSED = [
    "http://127.0.0.1/x",
    "http://127.0.0.1:8090/x",
    "http://localhost:8091/x",
    "http://0.0.0.0:8091/x",
    "http://[::1]:8091/x",
    "http://[::ffff:127.0.0.1]:8091/x",
    "http://0x7f000001:8091/x",
    "http://2130706433:8091/x",
    "http://127.1:8091/x",
    "http://0177.0.0.1:8091/x",
    "http://169.254.169.254/latest/meta-data",
    "http://100.100.100.200/latest/meta-data",
    "http://[fd00:ec2::254]/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://224.0.0.1/",
    "https://oapi.dingtalk.com.evil.com/x",
    "https://evildingtalk.com/x",
    "https://evil.oapi.dingtalk.com/x",
    "https://oapi.dingtalk.com@evil.com/x",
    "https://user:word@oapi.dingtalk.com/x",
    "https://@oapi.dingtalk.com/x",
    "https://evil.com#@oapi.dingtalk.com/x",
    "https://evil.com\\@oapi.dingtalk.com/x",
    "https://oapi.dingtalk.com\\.evil.com/x",
    "https://evil.com%2f@oapi.dingtalk.com/x",
    "https://oapi.dingtalk.com%2eevil.com/x",
    "https://oapi.dingtalk.com./x",
    "https://oapi。dingtalk。com/x",
    "https://ｏapi.dingtalk.com/x",
    "https://oapi.dingtalk.com\u0000.evil.com/x",
    "https://oapi.ding\ttalk.com/x",
    "https://oapi.dingtalk.com/x\r\nHost: evil",
    " https://oapi.dingtalk.com/x",
    "https://oapi.dingtalk.com/x ",
    "https://oapi.dingtalk.com/x#y",
    "https://oapi.dingtalk.com/\\evil.com",
    "http://oapi.dingtalk.com/x",
    "https://oapi.dingtalk.com:22/x",
    "https://oapi.dingtalk.com:8080/x",
    "https://oapi.dingtalk.com:443:80/x",
    "https://oapi.dingtalk.com:-443/x",
    "https://127.0.0.1:8091/x",
    "file:///etc/passwd",
    "gopher://oapi.dingtalk.com/x",
    "ftp://oapi.dingtalk.com/x",
    "unix:/run/x.sock",
    "//oapi.dingtalk.com/x",
    "/robot/sendBySession",
    "https:oapi.dingtalk.com/x",
    "https:///oapi.dingtalk.com/x",
    "https://",
    "https://xn--/",
    "https://xn--a/x",
    "https://a.xn--99999999999.com/x",
    "https://[::1/x",
    "https://[]/x",
    "https://...../x",
    "https://-/x",
    "wss://oapi.dingtalk.com/x",
    "",
    "https://oapi.dingtalk.com/" + "x" * 10**6,
]


@pytest.mark.parametrize("url", REFUSED, ids=lambda url: ascii(url)[:60])
def test_an_address_that_is_not_of_an_allowed_origin_is_refused(url: str) -> None:
    assert ALLOWED.target(url) is None


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (f"https://oapi.dingtalk.com{PATH}", f"https://oapi.dingtalk.com{PATH}"),
        (f"https://oapi.dingtalk.com:443{PATH}", f"https://oapi.dingtalk.com{PATH}"),
        (f"https://OAPI.DingTalk.com{PATH}", f"https://oapi.dingtalk.com{PATH}"),
        (f"http://127.0.0.1:8091{PATH}", f"http://127.0.0.1:8091{PATH}"),
        ("https://oapi.dingtalk.com//evil.com/", "https://oapi.dingtalk.com//evil.com/"),
        ("https://oapi.dingtalk.com/@evil.com", "https://oapi.dingtalk.com/@evil.com"),
    ],
)
def test_the_target_is_an_allowed_origin_with_the_path_of_the_address(
    url: str, target: str
) -> None:
    assert str(ALLOWED.target(url)) == target


PIECES = [
    "https://",
    "http://",
    "oapi.dingtalk.com",
    "127.0.0.1",
    ":8091",
    ":443",
    "@",
    "/",
    "\\",
    "#",
]


@given(
    st.lists(
        st.sampled_from(
            [*PIECES, "?", "evil.com", "%2f", "。", "\t", ".", "[", "]", "xn--", "-", "ws"]
        ),
        max_size=8,
    )
)
def test_whatever_is_connected_to_was_allowed(pieces: list[str]) -> None:
    target = ALLOWED.target("".join(pieces))

    if target is not None:
        connected = httpx.URL(str(target))
        assert (connected.scheme, connected.host, connected.port) in {
            ("https", "oapi.dingtalk.com", None),
            ("http", "127.0.0.1", 8091),
        }


@pytest.mark.parametrize(
    "entry",
    [
        "oapi.dingtalk.com",
        "https://a.com/x",
        "ftp://a.com",
        "https://u@a.com",
        "",
        "https://a.com/?",
        "https://xn--/",
        "wss://a.com",
    ],
)
def test_an_entry_that_is_no_origin_is_refused(entry: str) -> None:
    with pytest.raises(InvalidValue):
        AllowedOrigins.of([entry])

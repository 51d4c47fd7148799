"""Addresses of sites as people type them, and what a certificate is worth at a moment."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.site import Certificate, Fault, Misread, SiteAddress, days_between, site_in

typed = st.text(alphabet="aßＡ例é.。:/[]@-_x0129 \u200b\x00%#", max_size=14)
likely = st.sampled_from(
    ["example.com", "例子.中国", "1.2.3.4", "[::1]", "xn--fsqu00a", "a_b.c", "xn--a-9f"]
)
addresses = st.builds(
    "".join,
    st.tuples(st.sampled_from(["", "https://", "//"]), likely, typed),
)


def named(host: str, port: int = 443) -> SiteAddress:
    return SiteAddress(host=host, port=port)


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("example.com", named("example.com")),
        (" Example.COM. ", named("example.com")),
        ("example.com:8443", named("example.com", 8443)),
        ("example.com:", named("example.com")),
        ("https://example.com/path?query#part", named("example.com")),
        ("http://example.com:8443/a:b", named("example.com", 8443)),
        ("//example.com", named("example.com")),
        ("https://例子.中国/路径", named("xn--fsqu00a.xn--fiqs8s")),
        ("例子。中国：８４４３", named("xn--fsqu00a.xn--fiqs8s", 8443)),
        ("xn--fsqu00a.xn--fiqs8s", named("xn--fsqu00a.xn--fiqs8s")),
        ("straße.de", named("xn--strae-oqa.de")),
        ("_dmarc.example.com", named("_dmarc.example.com")),
        ("localhost", named("localhost")),
        ("127.0.0.1:22", named("127.0.0.1", 22)),
        ("１２７．０．０．１", named("127.0.0.1")),
        ("1.2.3.4.", named("1.2.3.4")),
        ("[::1]", named("::1")),
        ("[2001:DB8::0:1]:8443", named("2001:db8::1", 8443)),
        ("::ffff:10.0.0.1", named("::ffff:a00:1")),
        ("x" * 63 + ".com", named("x" * 63 + ".com")),
    ],
)
def test_an_address_is_read_in_every_form_that_people_use(text: str, site: SiteAddress) -> None:
    assert site_in(text) == site


@pytest.mark.parametrize(
    "text",
    [
        "..",
        "../etc",
        "a..b",
        ".com",
        "-a.com",
        "a-.com",
        "a b.com",
        "example.com\r\nQUIT",
        "a\u200bb.com",
        "i❤.ws",
        "user@example.com",
        "https://example.com@evil.com",
        "exa`mple.com",
        "a,b.com",
        "127.1",
        "0177.0.0.1",
        "0x7f000001",
        "2130706433",
        "1.2.3.999",
        "a.1",
        "fe80::1%eth0",
        "[fe80::1%25eth0]",
        "[1.2.3.4]",
        "[example.com]",
        "[::1",
        "[::1]x",
        "1:2:3",
        "x" * 64 + ".com",
        "例" * 60 + ".com",
        "例" * 64 + ".com",
        "a." * 127 + "com",
        "a" * 10_000,
        "example.com/" + "a" * 2000,
        "//",
        "https://",
    ],
)
def test_what_cannot_be_a_host_is_none(text: str) -> None:
    assert site_in(text) is Misread.NO_HOST


@pytest.mark.parametrize("port", ["0", "65536", "99999", "123456", "-1", "http", "4a", "+1"])
def test_what_cannot_be_a_port_is_none(port: str) -> None:
    assert site_in(f"example.com:{port}") is Misread.NO_PORT


def test_the_first_and_the_last_port_can_be_named() -> None:
    assert site_in("a.com:1") == named("a.com", 1)
    assert site_in("a.com:65535") == named("a.com", 65_535)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_is_no_address(text: str) -> None:
    assert site_in(text) is Misread.EMPTY


def test_another_port_can_be_the_usual_one() -> None:
    assert site_in("example.com", default_port=43) == named("example.com", 43)


@given(text=typed | addresses)
@example(text="https://[")
def test_reading_never_fails_and_reads_its_own_writing(text: str) -> None:
    site = site_in(text)

    if isinstance(site, SiteAddress):
        assert site.host.isascii()
        assert not set(site.host) & set(" /@[]%#\r\n")
        assert site_in(str(site)) == site
        assert site_in(site.in_unicode) == SiteAddress(host=site.host)


@given(label=st.text(alphabet="aZ9-ßÉé例ａ❤ª\u200d\u0301", min_size=1, max_size=6))
def test_what_is_shown_leads_to_where_the_code_leads(label: str) -> None:
    site = site_in(f"xn--{label.encode('punycode').decode('ascii')}.com")

    assert isinstance(site, Misread) or site_in(site.in_unicode) == site


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("xn--fsqu00a.xn--fiqs8s", "例子.中国"),
        ("xn--strae-oqa.de", "straße.de"),
        ("example.com", "example.com"),
        ("xn--a.com", "xn--a.com"),  # encodes nothing
        ("xn--99999999999.com", "xn--99999999999.com"),  # no code
        ("xn--i-7iq.ws", "xn--i-7iq.ws"),  # a heart, which is no letter
        ("xn--example-.com.xn--", None),
    ],
)
def test_a_name_is_shown_as_it_is_written_only_where_its_code_is_right(
    host: str, shown: str | None
) -> None:
    if shown is None:
        with pytest.raises(InvalidValue):
            SiteAddress(host=host)
    else:
        assert SiteAddress(host=host).in_unicode == shown


def test_only_hosts_and_ports_that_can_exist_make_an_address() -> None:
    for host in ("", "a b", "A.com", "a\r\n", "fe80::1%eth0", "例子", "1.2"):
        with pytest.raises(InvalidValue):
            SiteAddress(host=host)
    for port in (0, 65_536):
        with pytest.raises(InvalidValue):
            SiteAddress(host="a.com", port=port)


def test_ip_addresses_are_known_from_names() -> None:
    assert [named(host).is_ip for host in ("1.2.3.4", "::1", "a.com")] == [True, True, False]


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def certificate(*names: str, faults: frozenset[Fault] = frozenset()) -> Certificate:
    return Certificate(
        subject="s",
        issuer="i",
        names=names,
        valid_from=NOON - DAY,
        valid_until=NOON + DAY,
        faults=faults,
    )


def test_a_certificate_is_good_between_its_dates() -> None:
    found = certificate()

    assert found.faults_at(NOON - DAY) == []
    assert found.faults_at(NOON + DAY) == []
    assert found.faults_at(NOON - 2 * DAY) == [Fault.NOT_YET_VALID]
    assert found.faults_at(NOON + 2 * DAY) == [Fault.EXPIRED]


def test_faults_are_told_in_one_order_and_once() -> None:
    found = certificate(faults=frozenset({Fault.WEAK, Fault.OTHER_NAME, Fault.EXPIRED}))

    assert found.faults_at(NOON + 2 * DAY) == [Fault.EXPIRED, Fault.OTHER_NAME, Fault.WEAK]


@pytest.mark.parametrize(
    ("names", "host", "is_for"),
    [
        (("a.com",), "a.com", True),
        (("A.com.",), "a.com", True),
        (("a.com",), "b.a.com", False),
        (("*.a.com",), "b.a.com", True),
        (("*.a.com",), "a.com", False),
        (("*.a.com",), "c.b.a.com", False),
        (("1.2.3.4",), "1.2.3.4", True),
        (("*.2.3.4",), "1.2.3.4", False),
        ((), "a.com", False),
    ],
)
def test_a_star_in_a_name_stands_for_one_label(
    names: tuple[str, ...], host: str, *, is_for: bool
) -> None:
    assert certificate(*names).is_for(host) is is_for


@pytest.mark.parametrize(
    ("hours", "days"), [(0, 0), (23, 0), (24, 1), (49, 2), (-1, 0), (-24, -1), (-47, -1)]
)
def test_only_whole_days_count(hours: int, days: int) -> None:
    assert days_between(NOON, NOON + timedelta(hours=hours)) == days

"""`#域名` and `#证书` from outside: good arguments, missing ones, and hostile ones."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from anyio.from_thread import BlockingPortal

from tests.fakes.authority import Authority, Wish
from tests.fakes.registry import Answer, RdapRegistry, WhoisRegistry, rdap_registry, whois_registry
from tests.fakes.sites import free_port, serving, speak_http, tls_site
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk
from tests.service.running import Config, RunningService
from tests.service.talk import People, Person

NO_PUBLIC_ADDRESS = "没有找到"
OUT_OF_ORDER = Answer(status=503)

CNNIC = """\
Domain Name: example.cn
Sponsoring Registrar: 阿里云计算有限公司（万网）
Registration Time: 2003-03-17 02:20:05
Expiration Time: 2037-03-17 12:48:36
"""


@pytest.fixture(scope="module")
def rdap(portal: BlockingPortal) -> Iterator[RdapRegistry]:
    with portal.wrap_async_context_manager(rdap_registry()) as opened:
        yield opened


@pytest.fixture(scope="module")
def whois(portal: BlockingPortal) -> Iterator[WhoisRegistry]:
    with portal.wrap_async_context_manager(whois_registry()) as opened:
        yield opened


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def config(
    shared_model: FakeModel, dingtalk: SimulatedDingTalk, rdap: RdapRegistry, whois: WhoisRegistry
) -> Config:
    return config_of(shared_model, dingtalk, rdap_url=rdap.url, whois_server=whois.server)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, config: Config) -> Iterator[RunningService]:
    with RunningService(folder=tmp_path_factory.mktemp("sites"), config=config) as running:
        yield running


@pytest.fixture(scope="module")
def open_service(
    tmp_path_factory: pytest.TempPathFactory, config: Config
) -> Iterator[RunningService]:
    """One whose operator allows private sites."""
    allowed = {**config, "allow_private_hosts": True}
    with RunningService(folder=tmp_path_factory.mktemp("open"), config=allowed) as running:
        yield running


@pytest.fixture
def zhang(service: RunningService, dingtalk: SimulatedDingTalk) -> Person:
    return People(service, dingtalk).stranger()


@pytest.fixture
def li(open_service: RunningService, dingtalk: SimulatedDingTalk) -> Person:
    """Somebody of a house where private sites are allowed."""
    return People(open_service, dingtalk).stranger()


def fresh(ending: str = "com") -> str:
    """A domain that nobody has asked for, so that nothing is remembered of it."""
    return f"d{uuid4().hex}.{ending}"


def test_a_registration_is_told(zhang: Person, rdap: RdapRegistry) -> None:
    domain = fresh()
    rdap.knows(domain, registrar="Registrar & Sons", expires="2099-08-13T04:00:00Z")

    reply = zhang.ask(f"#域名 https://www.{domain}/path")

    assert f"`www.{domain}` 属于域名 `{domain}`" in reply
    assert "`Registrar & Sons`" in reply
    assert "1995-08-14" in reply
    assert "2099-08-13（还有" in reply


def test_whois_answers_where_rdap_is_out_of_order(
    zhang: Person, rdap: RdapRegistry, whois: WhoisRegistry
) -> None:
    domain = fresh("cn")
    rdap.answers[f"/domain/{domain}"] = OUT_OF_ORDER
    whois.answers[domain] = CNNIC.encode()

    reply = zhang.ask(f"#域名 {domain}")

    assert "阿里云计算有限公司（万网）" in reply
    assert "2003-03-17" in reply


def test_a_free_domain_is_told_to_be_free(zhang: Person) -> None:
    assert "还没有被注册" in zhang.ask(f"#域名 {fresh()}")


def test_a_registry_that_is_out_of_order_is_told(
    zhang: Person, rdap: RdapRegistry, whois: WhoisRegistry
) -> None:
    domain = fresh()
    rdap.answers[f"/domain/{domain}"] = OUT_OF_ORDER
    whois.answers[domain] = b"busy\r\n"

    assert "请稍后再试" in zhang.ask(f"#域名 {domain}")


def test_nothing_that_a_registry_writes_acts(zhang: Person, rdap: RdapRegistry) -> None:
    domain = fresh()
    rdap.knows(domain, registrar="`[x](http://evil)\n# big\n@all<b>")

    assert "`'[x](http://evil) # big @all<b>`" in zhang.ask(f"#域名 {domain}")


@pytest.mark.parametrize("command", ["#域名", "#证书", "#域名  ", "#证书\n"])
def test_without_an_argument_the_usage_is_told(zhang: Person, command: str) -> None:
    assert "发送 `#" in zhang.ask(command)


@pytest.mark.parametrize(
    "argument",
    [
        "../etc",
        "..",
        "a b.com",
        "example.com\r\nQUIT",
        "example.com%0d%0aQUIT",
        "a" * 10_000,
        "[x](http://evil)",
        "user:password@example.com",
        "2130706433",
        "127.1",
        "[::1%eth0]",
        "`",
        "'; DROP TABLE inbox; --",
    ],
)
@pytest.mark.parametrize("command", ["#域名", "#证书"])
def test_what_is_no_address_is_answered_with_the_usage(
    zhang: Person, whois: WhoisRegistry, command: str, argument: str
) -> None:
    asked = len(whois.asked)

    assert "发送 `#" in zhang.ask(f"{command} {argument}")
    assert len(whois.asked) == asked


@pytest.mark.parametrize("argument", ["127.0.0.1", "[::1]:8443", "1.2.3.4"])
def test_an_ip_address_has_no_registration(zhang: Person, argument: str) -> None:
    assert "是 IP 地址" in zhang.ask(f"#域名 {argument}")


@pytest.mark.parametrize("argument", ["com", "com.cn", "localhost", "printer.lan"])
def test_a_name_that_nobody_registers_is_told(zhang: Person, argument: str) -> None:
    assert "不是可以注册的域名" in zhang.ask(f"#域名 {argument}")


@pytest.mark.parametrize("port", ["0", "65536", "x"])
def test_a_wrong_port_is_told(zhang: Person, port: str) -> None:
    assert "端口应当是" in zhang.ask(f"#证书 example.com:{port}")


@pytest.mark.parametrize(
    "argument",
    [
        "127.0.0.1:22",
        "localhost",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "10.0.0.1",
        "169.254.169.254:80",
        "100.100.100.200",
        "[64:ff9b::a00:1]",
        "0.0.0.0",  # noqa: S104 - nothing is bound
        "https://192.168.1.1/",
    ],
)
def test_private_sites_are_refused(zhang: Person, argument: str) -> None:
    assert NO_PUBLIC_ADDRESS in zhang.ask(f"#证书 {argument}")


def test_a_name_within_the_network_is_answered_as_one_that_does_not_exist(zhang: Person) -> None:
    private, missing = "localhost", "no-such-name.invalid"

    answers = {zhang.ask(f"#证书 {name}").replace(name, "…") for name in (private, missing)}

    assert len(answers) == 1


def test_a_certificate_that_is_not_trusted_is_told_with_what_is_wrong(
    zhang: Person, li: Person, portal: BlockingPortal, authority: Authority
) -> None:
    identity = authority.self_signed(Wish(names=("other.com",), subject="[x](http://evil)"))

    with portal.wrap_async_context_manager(tls_site(identity)) as port:
        refused = zhang.ask(f"#证书 127.0.0.1:{port}")
        reply = li.ask(f"#证书 127.0.0.1:{port}")

    assert NO_PUBLIC_ADDRESS in refused
    assert "不是发给这个网址的" in reply
    assert "是自己签发的" in reply
    assert "`[x](http://evil)`" in reply


def test_a_closed_port_and_one_without_tls_are_answered_alike(
    li: Person, portal: BlockingPortal
) -> None:
    with portal.wrap_async_context_manager(serving(speak_http)) as port:
        plain = li.ask(f"#证书 127.0.0.1:{port}").replace(str(port), "")
    nothing = free_port()

    assert li.ask(f"#证书 127.0.0.1:{nothing}").replace(str(nothing), "") == plain
    assert "没有给出证书" in plain


def test_no_site_that_people_ask_for_is_logged(
    zhang: Person, service: RunningService, rdap: RdapRegistry
) -> None:
    domain = fresh()
    rdap.knows(domain)

    zhang.ask(f"#域名 {domain}")

    assert "found" in {event["outcome"] for event in service.events("site_inspected")}
    assert domain not in service.said

"""What is said of a domain and of a certificate, whatever strangers wrote into them."""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.errors import NoSuchDomain, SiteFailure, SiteNotFound, SitePrivate
from application.inspect_site import MOST_NAMES, InspectSite
from application.rulebook import Rulebook
from application.wording import CHINESE, ENGLISH, Wording
from application.wording.quotation import LONGEST, as_code
from application.wording.sites import SiteWording
from domain.command import InspectCertificate, InspectDomain
from domain.site import Certificate, Fault, Misread, Registration, SiteAddress
from tests.fakes.clock import ManualClock
from tests.fakes.house import RULES, rules
from tests.fakes.site_records import ScriptedSiteRecords
from tests.strategies import NOON

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
SITES = CHINESE.sites

REGISTRATION = Registration(
    domain="example.com",
    registrar="阿里云",
    registered_at=datetime(2020, 2, 29, 20, tzinfo=UTC),
    expires_at=NOON + 10 * DAY,
)
CERTIFICATE = Certificate(
    subject="example.com",
    issuer="Let's Encrypt, R3",
    names=("example.com", "www.example.com"),
    valid_from=NOON - 80 * DAY,
    valid_until=NOON + 10 * DAY + timedelta(hours=1),
)


async def say(
    command: InspectDomain | InspectCertificate,
    *,
    registration: Registration | SiteFailure = REGISTRATION,
    certificate: Certificate | SiteFailure = CERTIFICATE,
    by: Rulebook = RULES,
    records: ScriptedSiteRecords | None = None,
) -> str:
    """The answer, where everything is registered so and shows that certificate."""
    told = records or ScriptedSiteRecords()
    told.registrations = dict.fromkeys(
        ("example.com", "www.example.com", "xn--fsqu00a.xn--fiqs8s", "a.xn--fiqs8s"), registration
    )
    told.certificates = dict.fromkeys(
        (
            SiteAddress(host="example.com"),
            SiteAddress(host="example.com", port=8443),
            SiteAddress(host="1.2.3.4"),
            SiteAddress(host="::1", port=8443),
            SiteAddress(host="xn--fsqu00a.xn--fiqs8s", port=8443),
        ),
        certificate,
    )
    return await InspectSite(records=told, clock=ManualClock())(command, by)


async def test_a_domain_is_told_with_registrar_dates_and_days_left() -> None:
    said = await say(InspectDomain("https://example.com/path"))

    assert said == (
        "### 域名 `example.com`\n\n- 注册商：`阿里云`\n- 注册时间：2020-03-01\n"
        "- 到期时间：2026-03-11（还有 10 天）"
    )


async def test_days_are_those_of_the_configured_zone() -> None:
    quota = replace(RULES.quota, zone=UTC)

    assert "2020-02-29" in await say(InspectDomain("example.com"), by=rules(quota=quota))


@pytest.mark.parametrize(
    ("expires_in", "words"),
    [
        (timedelta(hours=3), "2026-03-01（不到一天）"),
        (-timedelta(hours=3), "2026-03-01（不到一天）"),
        (-3 * DAY, "2026-02-26（已过 3 天）"),
    ],
)
async def test_the_end_is_told_by_how_near_it_is(expires_in: timedelta, words: str) -> None:
    found = replace(REGISTRATION, expires_at=NOON + expires_in)

    assert words in await say(InspectDomain("example.com"), registration=found)


async def test_what_the_registry_does_not_tell_is_said_to_be_missing() -> None:
    found = replace(REGISTRATION, registrar=" ", registered_at=None, expires_at=None)

    assert (await say(InspectDomain("example.com"), registration=found)).count(SITES.not_told) == 3


async def test_a_subdomain_is_told_whose_registration_it_gets() -> None:
    said = await say(InspectDomain("www.example.com"))

    assert said.startswith("`www.example.com` 属于域名 `example.com`")


async def test_names_of_other_scripts_are_shown_in_both_forms() -> None:
    found = replace(REGISTRATION, domain="xn--fsqu00a.xn--fiqs8s")

    domain = await say(InspectDomain("例子.中国"), registration=found)
    certificate = await say(InspectCertificate("例子.中国:8443"))

    assert domain.startswith("### 域名 `例子.中国`（`xn--fsqu00a.xn--fiqs8s`）")
    assert certificate.startswith("### 证书 `例子.中国:8443`（`xn--fsqu00a.xn--fiqs8s:8443`）")


async def test_a_good_certificate_is_told_whole() -> None:
    said = await say(InspectCertificate("example.com"))

    assert said == (
        "### 证书 `example.com`\n\n证书有效，受信任。\n\n- 颁发给：`example.com`\n"
        "- 颁发者：`Let's Encrypt, R3`\n- 适用于：`example.com`、`www.example.com`\n"
        "- 生效时间：2025-12-11 20:00\n- 到期时间：2026-03-11 21:00（还有 10 天）"
    )


@pytest.mark.parametrize("address", ["example.com:8443", "1.2.3.4", "[::1]:8443"])
async def test_the_certificate_of_any_port_and_address_can_be_asked_for(address: str) -> None:
    assert (await say(InspectCertificate(address))).startswith(f"### 证书 `{address}`")


async def test_everything_that_is_wrong_is_told_in_plain_words() -> None:
    found = replace(
        CERTIFICATE,
        valid_until=NOON - 3 * DAY,
        faults=frozenset({Fault.SELF_SIGNED, Fault.OTHER_NAME}),
    )

    said = await say(InspectCertificate("example.com"), certificate=found)

    assert "有问题：**\n\n- 已经过期。\n- 不是发给这个网址的。\n- 是自己签发的" in said
    assert "（已过 3 天）" in said


async def test_many_names_are_cut_and_counted() -> None:
    found = replace(CERTIFICATE, names=tuple(f"{n}.example.com" for n in range(500)))

    said = await say(InspectCertificate("example.com"), certificate=found)

    assert said.count(".example.com`") == MOST_NAMES
    assert "等，共 500 个" in said


async def test_a_certificate_that_says_nothing_is_told_as_such() -> None:
    found = replace(CERTIFICATE, subject="", issuer="\n", names=())

    said = await say(InspectCertificate("example.com"), certificate=found)

    assert said.count(SITES.nameless) == 3


async def test_a_date_beyond_the_calendar_of_the_zone_is_told_all_the_same() -> None:
    found = replace(CERTIFICATE, valid_until=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))

    assert "9999-12-31" in await say(InspectCertificate("example.com"), certificate=found)


@pytest.mark.parametrize("failure", SiteFailure.__subclasses__())
@pytest.mark.parametrize("command", [InspectDomain, InspectCertificate])
async def test_every_failure_is_told_in_a_sentence_of_its_own(
    command: type[InspectDomain | InspectCertificate], failure: type[SiteFailure]
) -> None:
    told = failure("10.0.0.1 said no")

    said = await say(command("example.com"), registration=told, certificate=told)

    assert said == SITES.failures[failure].format(site="`example.com`")
    assert "said no" not in said


async def test_the_port_is_told_where_the_certificate_is_missing() -> None:
    found = await say(InspectCertificate("example.com:8443"), certificate=SiteNotFound("x"))
    domain = await say(InspectDomain("example.com:8443"), registration=NoSuchDomain("x"))

    assert "`example.com:8443`" in found
    assert "`example.com`" in domain


@pytest.mark.parametrize("address", ["..", "x y", "a" * 10_000, "a.com\r\nb", "[x](http://evil)"])
@pytest.mark.parametrize("command", [InspectDomain, InspectCertificate])
async def test_what_cannot_be_read_is_answered_with_the_usage_and_asked_of_nobody(
    command: type[InspectDomain | InspectCertificate], address: str
) -> None:
    records = ScriptedSiteRecords()

    said = await say(command(address), records=records)

    usage = SITES.domain_usage if command is InspectDomain else SITES.certificate_usage
    assert said == f"{SITES.misread[Misread.NO_HOST]}\n\n{usage}"
    assert records.asked == []


async def test_nothing_is_answered_with_the_usage_alone() -> None:
    assert await say(InspectDomain("")) == SITES.domain_usage
    assert await say(InspectCertificate(" ")) == SITES.certificate_usage


async def test_a_wrong_port_is_told() -> None:
    assert (await say(InspectCertificate("a.com:0"))).startswith("端口应当是")


@pytest.mark.parametrize("address", ["1.2.3.4", "[::1]:8443", "127.0.0.1"])
async def test_an_ip_address_has_no_registration(address: str) -> None:
    records = ScriptedSiteRecords()

    said = await say(InspectDomain(address), records=records)

    assert "是 IP 地址" in said
    assert records.asked == []


HOSTILE = st.text(alphabet="`[]()<>!*_#@\n\r\u2028\u202e\x00\\a1 :/", max_size=30)


def outside_code(markdown: str) -> str:
    return re.sub("`[^`\n]*`", "", markdown)


@given(hostile=HOSTILE)
async def test_nothing_that_a_stranger_wrote_acts(hostile: str) -> None:
    registration = replace(REGISTRATION, registrar=hostile)
    certificate = replace(CERTIFICATE, subject=hostile, issuer=hostile, names=(hostile, hostile))

    said = await say(InspectDomain("example.com"), registration=registration)
    shown = await say(InspectCertificate("example.com"), certificate=certificate)

    for answer, lines in ((said, 5), (shown, 9)):
        assert not set("[]()<>!*_@\\\r\u2028\u202e\x00") & set(outside_code(answer))
        assert len(answer.splitlines()) == lines


def test_invisible_marks_of_strangers_are_left_out() -> None:
    assert as_code("a\u202eb\x00c\u2028\td") == "`a b c d`"
    assert as_code("\u200b\x00") == ""


def test_strangers_words_are_cut() -> None:
    assert as_code("x" * LONGEST) == f"`{'x' * LONGEST}`"
    assert as_code("x" * (LONGEST + 1)) == f"`{'x' * LONGEST}…`"
    assert len(as_code("x" * 1_000_000)) < 300


async def test_what_was_asked_is_logged_without_the_site(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    await say(InspectCertificate("example.com"), certificate=SitePrivate("no public address"))

    (event,) = caplog.records
    assert event.message == "site_inspected"
    assert vars(event)["command"] == "InspectCertificate"
    assert vars(event)["outcome"] == "SitePrivate"
    assert "example" not in str(vars(event))


def sentences(wording: SiteWording) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in fields(wording):
        value: object = getattr(wording, field.name)
        if isinstance(value, Mapping):
            found |= {f"{field.name}[{key}]": text for key, text in value.items()}
        else:
            found[field.name] = str(value)
    return found


@pytest.mark.parametrize("wording", [CHINESE.sites, ENGLISH.sites], ids=["zh", "en"])
def test_every_failure_fault_and_misreading_has_words(wording: SiteWording) -> None:
    assert set(wording.failures) == set(SiteFailure.__subclasses__())
    assert set(wording.faults) == set(Fault)
    assert set(wording.misread) == set(Misread)
    assert [name for name, text in sentences(wording).items() if not text.strip()] == [
        "misread[Misread.EMPTY]"
    ]


def test_both_languages_fill_the_same_places() -> None:
    def places(wording: SiteWording) -> dict[str, set[str | None]]:
        return {
            name: {field for _, field, _, _ in Formatter().parse(text)} - {None}
            for name, text in sentences(wording).items()
        }

    assert places(CHINESE.sites) == places(ENGLISH.sites)


@pytest.mark.parametrize("wording", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_nobody_learns_which_names_exist_within_the_network(wording: Wording) -> None:
    failures = wording.sites.failures

    assert failures[SitePrivate] == failures[SiteNotFound]

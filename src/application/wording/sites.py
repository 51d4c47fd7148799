"""What is said about domains and certificates, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.errors import (
    LookupsBusy,
    NoRegistry,
    NoSuchDomain,
    NotRegistrable,
    RegistryUnavailable,
    SiteFailure,
    SiteNotFound,
    SitePrivate,
    SiteWithoutCertificate,
)
from domain.site import Fault, Misread


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWording:
    """Sentences in Markdown. Words in braces are filled in with `str.format`."""

    domain_usage: str
    certificate_usage: str
    misread: Mapping[Misread, str]  # what comes before the usage
    ip_has_no_registration: str
    failures: Mapping[type[SiteFailure], str]  # {site}

    registration: str  # {domain} {registrar} {registered} {expires}
    belongs_to: str  # {site} {domain}
    both_forms: str  # {unicode} {ascii}
    not_told: str

    certificate: str  # {site} {verdict} {subject} {issuer} {names} {valid_from} {valid_until}
    trusted: str
    distrusted: str  # {faults}
    fault_line: str  # {fault}
    faults: Mapping[Fault, str]
    nameless: str
    more_names: str  # {names} {count}
    between_names: str

    days_left: str  # {moment} {days}
    days_over: str  # {moment} {days}
    last_day: str  # {moment}


NO_PUBLIC_ADDRESS_ZH = (
    "没有找到 {site} 的公网 IP 地址：可能写错了、没有解析、在内网里，或者解析服务没有响应。"
    "我只查看公网上的网站。"
)
NO_PUBLIC_ADDRESS_EN = (
    "No public IP address was found for {site}: perhaps it is written wrongly, has none, is in a "
    "private network, or its name servers do not answer. I look at public sites only."
)
"""For a name that does not exist and for one within the network alike: nobody learns which names do."""

CHINESE = SiteWording(
    domain_usage="发送 `#域名 example.com` 查看域名的注册时间、到期时间和注册商。",
    certificate_usage="发送 `#证书 example.com` 查看网站证书，其他端口写成 `#证书 example.com:8443`。",
    misread={
        Misread.EMPTY: "",
        Misread.NO_HOST: "我看不懂这个网址。",
        Misread.NO_PORT: "端口应当是 1 到 65535 之间的数字。",
    },
    ip_has_no_registration=(
        "{site} 是 IP 地址，没有域名注册信息。要看它的证书，请用 `#证书`；要查注册信息，请发送域名。"
    ),
    failures={
        NoSuchDomain: "注册局没有 {site} 的记录：它还没有被注册，或者写错了。",
        NotRegistrable: "{site} 不是可以注册的域名：它可能只是一个后缀、内网里的名称，或者写错了。",
        NoRegistry: "{site} 的后缀没有公开的查询服务，我查不到它的注册信息。",
        RegistryUnavailable: "注册局现在没有给出 {site} 的信息，请稍后再试。",
        SiteNotFound: NO_PUBLIC_ADDRESS_ZH,
        SitePrivate: NO_PUBLIC_ADDRESS_ZH,
        SiteWithoutCertificate: (
            "{site} 没有给出证书：可能没有服务在这个端口上，它不使用 TLS，或者没有及时回应。"
        ),
        LookupsBusy: "现在查询的人太多，请稍等片刻再试。",
    },
    registration="""### 域名 {domain}

- 注册商：{registrar}
- 注册时间：{registered}
- 到期时间：{expires}""",
    belongs_to="{site} 属于域名 {domain}，下面是后者的注册信息。",
    both_forms="{unicode}（{ascii}）",
    not_told="注册局没有公布",
    certificate="""### 证书 {site}

{verdict}

- 颁发给：{subject}
- 颁发者：{issuer}
- 适用于：{names}
- 生效时间：{valid_from}
- 到期时间：{valid_until}""",
    trusted="证书有效，受信任。",
    distrusted="**这个证书有问题：**\n\n{faults}",
    fault_line="- {fault}",
    faults={
        Fault.EXPIRED: "已经过期。",
        Fault.NOT_YET_VALID: "还没有到生效时间。",
        Fault.OTHER_NAME: "不是发给这个网址的。",
        Fault.SELF_SIGNED: "是自己签发的，没有受信任的机构作证。",
        Fault.UNKNOWN_AUTHORITY: "颁发机构不受信任，或者服务器没有送来完整的证书链。",
        Fault.WEAK: "密钥或签名算法太弱。",
        Fault.OUTDATED_TLS: "服务器只会过时的加密协议，浏览器会拒绝连接。",
        Fault.UNTRUSTED: "没有通过验证。",
    },
    nameless="（没有写）",
    more_names="{names} 等，共 {count} 个",
    between_names="、",
    days_left="{moment}（还有 {days} 天）",
    days_over="{moment}（已过 {days} 天）",
    last_day="{moment}（不到一天）",
)

ENGLISH = SiteWording(
    domain_usage="Send `#域名 example.com` for a domain's registration, expiry and registrar.",
    certificate_usage=(
        "Send `#证书 example.com` for a site's certificate; another port: `#证书 example.com:8443`."
    ),
    misread={
        Misread.EMPTY: "",
        Misread.NO_HOST: "I cannot read this address.",
        Misread.NO_PORT: "A port is a number from 1 to 65535.",
    },
    ip_has_no_registration=(
        "{site} is an IP address and has no domain registration. For its certificate send `#证书`; "
        "for a registration send a domain."
    ),
    failures={
        NoSuchDomain: "The registry does not know {site}: it is not registered, or written wrongly.",
        NotRegistrable: (
            "{site} is no domain that one can register: perhaps only an ending, a name within a network, "
            "or written wrongly."
        ),
        NoRegistry: "Nobody answers questions about registrations under the ending of {site}.",
        RegistryUnavailable: "The registry tells nothing about {site} now. Please try again later.",
        SiteNotFound: NO_PUBLIC_ADDRESS_EN,
        SitePrivate: NO_PUBLIC_ADDRESS_EN,
        SiteWithoutCertificate: (
            "{site} showed no certificate: perhaps nothing listens on this port, it does not use TLS, "
            "or it did not answer in time."
        ),
        LookupsBusy: "Too many are being looked up right now. Please try again in a moment.",
    },
    registration="""### Domain {domain}

- Registrar: {registrar}
- Registered: {registered}
- Expires: {expires}""",
    belongs_to="{site} belongs to the domain {domain}, whose registration this is:",
    both_forms="{unicode} ({ascii})",
    not_told="not told by the registry",
    certificate="""### Certificate of {site}

{verdict}

- Issued to: {subject}
- Issued by: {issuer}
- Good for: {names}
- Valid from: {valid_from}
- Valid until: {valid_until}""",
    trusted="Valid and trusted.",
    distrusted="**Something is wrong with this certificate:**\n\n{faults}",
    fault_line="- {fault}",
    faults={
        Fault.EXPIRED: "It has expired.",
        Fault.NOT_YET_VALID: "It is not valid yet.",
        Fault.OTHER_NAME: "It was not issued for this address.",
        Fault.SELF_SIGNED: "It is self-signed: no trusted authority vouches for it.",
        Fault.UNKNOWN_AUTHORITY: (
            "Its authority is not trusted, or the server did not send the whole chain."
        ),
        Fault.WEAK: "Its key or signature algorithm is too weak.",
        Fault.OUTDATED_TLS: "The server speaks outdated TLS only, which browsers refuse.",
        Fault.UNTRUSTED: "It did not pass the check.",
    },
    nameless="(nothing)",
    more_names="{names} and more, {count} in all",
    between_names=", ",
    days_left="{moment} ({days} days left)",
    days_over="{moment} ({days} days ago)",
    last_day="{moment} (less than a day)",
)

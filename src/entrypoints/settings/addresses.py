"""Readers of addresses: URLs, origins, proxies, databases."""

import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, parse_qsl, urlsplit

from adapters.net.no_proxy import direct_host
from domain.site import SiteAddress, site_in
from entrypoints.secret import MASK, Secret
from entrypoints.settings.reading.mistakes import Place, UnfitError, quoted
from entrypoints.settings.reading.readers import Reader, single
from entrypoints.settings.reading.structures import list_of
from entrypoints.settings.reading.yaml_text import ListNode, Node, ScalarNode
from entrypoints.settings.texts import say

HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+")
DEFAULT_PORTS = {"http": 80, "https": 443}
PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
MOST_COLONS = 2
"""After the scheme and before the port; with more, some may part a user and a password."""
ROUTES = (
    "/chat/completions",
    "/completions",
    "/images/generations",
    "/images/edits",
    "/embeddings",
    "/responses",
    "/models",
)
"""What stands behind the base of an API in the documents of services; requests add it by themselves."""

VERSION_SEGMENT = re.compile(r"/v[0-9]\w*(/|$)")

Unfit: TypeAlias = Literal["not_web", "not_origin", "not_proxy"]
"""What is said of something that is no address of the wanted kind."""

DATABASE_HOST = re.compile(r"([^:\[\]]*|\[[^\]]*\])(:[0-9]{1,5})?")
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
DATABASE_PARAMETERS = frozenset(
    {"sslmode", "ssl", "user", "password", "host", "port", "passfile", "target_session_attrs"}
    | {"direct_tls", "krbsrvname", "gsslib"}
)
"""What the driver understands."""

FILLED_IN = re.compile(
    r"(((x{3,}\.)*x{3,}|your([-_][\w-]+|domain|host|server|site|ip|name))(\.[a-z]{2,})*|(x\.){3}x|ip)(:\w*)?/*",
    re.IGNORECASE,
)
BRACKETED = re.compile(r"<[^>]*>|\$?\{[^}]*\}|【[^】]*】|\[[^\]:]*\]")
TO_BE_REPLACED = re.compile(
    "你的|您的|自己的|换成|替换|填写|填入|改成|改为|域名|地址|网址|公网|外网|端口"
)
"""What examples say where an address belongs: as the whole host, within it, and within it in Chinese."""


def safely_quoted(address: str) -> str:
    """The address in quotes without what may be secret in it: user, password, query."""
    if "@" in address or (address.count(":") > MOST_COLONS and "[" not in address):
        scheme = re.match(r"[A-Za-z0-9+]{1,20}://", address)
        return quoted(f"{scheme[0] if scheme else ''}…")
    return quoted(re.sub(r"[?#].*", "", address, flags=re.DOTALL))


def _parts(typed: str, schemes: tuple[str, ...], unfit: Unfit) -> SplitResult:
    """The parts of a URL of one of the schemes, with a host and a port that can exist."""
    text = typed.strip()
    problem = UnfitError(say(unfit, found=safely_quoted(typed)))
    # urlsplit would silently drop line breaks and tabs.
    if not text.isprintable() or re.search(r"[\s\\]", text):
        raise problem
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise problem from None
    is_usable = parts.scheme in schemes and HOST.fullmatch(parts.hostname or "") and port != 0
    if not is_usable or not text.lower().startswith(f"{parts.scheme}://"):
        raise problem
    return parts


def _web_parts(typed: str) -> SplitResult:
    parts = _parts(typed, ("http", "https"), "not_web")
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in typed or "#" in typed:
        raise UnfitError(say("web_has_more", found=safely_quoted(typed)))
    return parts


def _web_address(typed: str) -> str:
    return _web_parts(typed).geturl().rstrip("/")


def is_placeholder_address(typed: str) -> bool:
    """Whether this stands in an example for an address that everybody has to fill in."""
    text = typed.strip()
    host = re.sub(r"^[A-Za-z]*:?//", "", text)
    if not host or FILLED_IN.fullmatch(host) or BRACKETED.search(text):
        return True
    if text.isascii():
        return False
    try:
        parts = urlsplit(text)
        is_name = parts.scheme in DEFAULT_PORTS and "." in (parts.hostname or "")
        return not is_name or parts.port == 0 or TO_BE_REPLACED.search(parts.netloc) is not None
    except ValueError:
        return True


def _public_address(typed: str) -> str:
    """The address; of a placeholder nothing, as if the key were empty."""
    return "" if is_placeholder_address(typed) else _web_address(typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAddress:
    """Where an API is. `url` has the version at its end, or is taken literally where `is_literal`.

    `typed` is what the operator wrote, `cut` the ending that was taken off. `has_query`: there are
    parameters, which only a literal address may have.
    """

    url: str
    typed: str = ""
    is_literal: bool = False
    cut: str = ""
    has_query: bool = False


def _api_address(typed: str) -> ApiAddress:
    """Ends with the version of the API, `/v1` unless the path already names one; a `#` at the end says that
    it is to be taken as it is. What people copy from the documents of a service ends with a route.
    """
    text = typed.strip()
    is_literal = text.endswith("#")
    text = text.removesuffix("#")
    parts = _parts(text, ("http", "https"), "not_web")
    if "@" in parts.netloc or "#" in text:
        raise UnfitError(say("web_has_more", found=safely_quoted(typed)))
    if is_literal:
        return ApiAddress(url=text, typed=text, is_literal=True)
    path = _without_routes(parts.path)
    cut = parts.path.rstrip("/")[len(path) :]
    address = parts._replace(path=path, query="").geturl()
    url = address if VERSION_SEGMENT.search(path) else f"{address}/v1"
    return ApiAddress(url=url, typed=text, cut=cut, has_query="?" in text and not cut)


def _without_routes(path: str) -> str:
    path = path.rstrip("/")
    while route := next((one for one in ROUTES if path.lower().endswith(one)), ""):
        path = path[: -len(route)].rstrip("/")
    return path


def _azure_endpoint(typed: str) -> ApiAddress:
    """The resource itself; the portal shows it with the route of a deployment behind it."""
    parts = _parts(typed.strip(), ("http", "https"), "not_web")
    if "@" in parts.netloc or parts.fragment:
        raise UnfitError(say("web_has_more", found=safely_quoted(typed)))
    path, route, rest = parts.path.rstrip("/").partition("/openai")
    if not route and parts.query:
        raise UnfitError(say("web_has_more", found=safely_quoted(typed)))
    url = parts._replace(path=path, query="").geturl()
    return ApiAddress(url=url, typed=typed.strip(), cut=route + rest)


def azure_resource(typed: str) -> str:
    """The name of an Azure resource, which becomes a part of a host name."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}", typed.strip()):
        whole = re.match(r"(?:https?://)?([A-Za-z0-9-]{1,63})\.\w+\.azure\.", typed.strip())
        hint = say("did_you_mean", near=whole[1]) if whole else ""
        raise UnfitError(say("not_resource", found=safely_quoted(typed), hint=hint))
    return typed.strip()


def _origin(typed: str) -> str:
    parts = _parts(typed, ("http", "https"), "not_origin")
    rest = parts.path.strip("/") + parts.query + parts.fragment
    if "@" in parts.netloc or rest or any(mark in typed for mark in "?#*"):
        raise UnfitError(say("more_than_origin", found=safely_quoted(typed)))
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _proxy(typed: str) -> Secret:
    parts = _parts(typed, PROXY_SCHEMES, "not_proxy")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise UnfitError(say("proxy_has_path", found=safely_quoted(typed)))
    text = typed.strip().rstrip("/")
    return Secret(text, shown=_without_password(text))


def _direct_host(typed: str) -> str:
    if direct_host(typed) is None:
        raise UnfitError(say("not_direct_host", found=quoted(typed)))
    return typed.strip()


def _understood(text: str, place: Place) -> Node | None:
    """A variable that other programs use as well: what is no entry to us is one to them."""
    entries = [entry for entry in re.split(r"[,\s]+", text) if direct_host(entry)]
    return ListNode(
        items=tuple(ScalarNode(text=entry, place=place) for entry in entries), place=place
    )


def _proxy_or_none(typed: str) -> Secret:
    return _proxy(typed) if typed.strip() else Secret("", shown="none")


def _database(typed: str) -> Secret:
    text = typed.strip()
    scheme, colon, rest = text.partition(":")
    is_sqlite = re.fullmatch(r"sqlite(\+\w+)?", scheme) and re.match(r"//", rest)
    is_postgresql = re.fullmatch(r"postgres(ql)?(\+\w+)?", scheme) and re.match(r"//\S", rest)
    is_usable = text.isprintable() and not re.search(r"\s", text) and _can_be_split(text)
    if not is_usable or not (is_sqlite or is_postgresql):
        is_a_scheme = colon and re.fullmatch(r"[\w+]{1,30}", scheme)
        found = quoted(scheme) if is_a_scheme else say("this_database")
        raise UnfitError(say("not_database", found=found))
    if is_postgresql:
        _check_server(rest.removeprefix("//"))
    return Secret(text, shown=_without_password(text))


def _check_server(address: str) -> None:
    """What stands after the scheme. Of what may be a password nothing is quoted."""
    place, _, query = address.rpartition("@")[2].partition("?")
    if not DATABASE_HOST.fullmatch(place.partition("/")[0]):
        raise UnfitError(say("database_port"))
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in DATABASE_PARAMETERS:
            is_a_name = re.fullmatch(r"[a-z_]{1,30}", name)
            known = quoted(name) if is_a_name else say("one_parameter")
            raise UnfitError(say("database_parameter", name=known))
        if name in {"sslmode", "ssl"} and value not in SSL_MODES:
            raise UnfitError(say("database_sslmode", modes=", ".join(SSL_MODES)))


def _can_be_split(address: str) -> bool:
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True


def _without_password(address: str) -> str:
    """The address as it may be shown: scheme, host, port and path."""
    parts = urlsplit(address)
    if "@" in parts.path + parts.query + parts.fragment:
        # A password that is not percent-encoded: where it ends is a guess, so nothing is shown.
        return f"{parts.scheme}://{MASK}"
    user, at, host = parts.netloc.rpartition("@")
    query = f"?{MASK}" if parts.query or parts.fragment else ""
    return f"{parts.scheme}://{MASK if user else ''}{at}{host}{parts.path}{query}"


web_address: Reader[str] = single(_web_address)
public_address: Reader[str] = single(_public_address)
api_address: Reader[ApiAddress] = single(_api_address)
azure_endpoint: Reader[ApiAddress] = single(_azure_endpoint)
origin: Reader[str] = single(_origin)
proxy: Reader[Secret] = single(_proxy, is_secret=True)
proxy_or_none: Reader[Secret] = single(_proxy_or_none, empty_is_unset=False, is_secret=True)
direct_hosts: Reader[tuple[str, ...]] = replace(
    list_of(single(_direct_host), blanks_are_dropped=True), from_environment=_understood
)
database: Reader[Secret] = single(_database, is_secret=True)


def _lookup_server(typed: str) -> str:
    text = typed.strip()
    if not isinstance(site_in(text), SiteAddress) or "/" in text:
        raise UnfitError(say("not_lookup_server", found=quoted(typed)))
    return text


lookup_server = single(_lookup_server)

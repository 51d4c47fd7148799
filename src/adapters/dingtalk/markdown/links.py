"""Which addresses in an answer may be links or images in a chat."""

import re
from collections.abc import Set as AbstractSet

_WEB = re.compile(r"(?i:https?)://([^/?#\s\\]+)")
_HOST = re.compile(r"[a-z0-9.-]+(?::\d{1,5})?")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
_UNSAFE = re.compile(r"[\s()<>\[\]\"'`|\\!]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_CALLING = re.compile(r"(?i)@(?=all(?!\w)|[^a-z0-9]|\Z)")
_APPLICATION = re.compile(r"(?i)((?:dtmd|dingtalk)[a-z0-9.+-]{0,32}):(?=/|\Z)")
_LONGEST_ADDRESS = 2048


def web_host(address: str) -> str | None:
    """Host and port of an http or https address, without a user's name; None for any other address."""
    match = _WEB.match(address)
    return match[1].rpartition("@")[2].lower() if match else None


def is_link(address: str) -> bool:
    """Whether a chat may offer it for clicking: the web and mail, never the client's own commands."""
    if len(address) > _LONGEST_ADDRESS:
        return False
    return web_host(address) is not None or address.lower().startswith("mailto:")


def is_image(address: str, hosts: AbstractSet[str]) -> bool:
    """Whether a client may load it unasked: only from the named hosts (`host` or `host:port`)."""
    match = _WEB.match(address)
    return match is not None and match[1] in hosts and _HOST.fullmatch(match[1]) is not None


def has_scheme(address: str) -> bool:
    return _SCHEME.match(address) is not None


def shown_origin(address: str) -> str:
    """What tells a reader where an address leads."""
    scheme = _SCHEME.match(address)
    host = web_host(address) or web_host(f"http:{address}")
    return (host or (f"{scheme[1]}:" if scheme else address))[:80]


def destination(address: str) -> str:
    """An address as it stands in the round brackets of a link, where no character can end it early."""
    return _ENTITY.sub("&amp;", _UNSAFE.sub(_percent, _uncalling(address)))


def bare(address: str) -> str:
    """An address in the middle of a text; clients make a link of it themselves."""
    return _ENTITY.sub("&amp;", _APPLICATION.sub(r"\1%3A", _uncalling(address)))


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in match[0].encode())


def _uncalling(address: str) -> str:
    """An address of the web in which no sign calls everybody."""
    return address if address.lower().startswith("mailto:") else _CALLING.sub("%40", address)

"""The way in and the way back: this service, its public address, and where replies go."""

from collections.abc import AsyncIterator
from typing import TypeVar

import httpx
import msgspec

from entrypoints.doctor.finding import Finding
from entrypoints.doctor.patient import Patient
from entrypoints.doctor.troubles import (
    ADDRESS_OF_ANOTHER,
    ADDRESS_PLAIN,
    ADDRESS_UNREACHABLE,
    NO_ADDRESS,
    NOT_READY,
    NOT_RUNNING,
    WEBHOOK_UNREACHABLE,
)
from entrypoints.trial import reply_origin

T = TypeVar("T")

SERVICE, PUBLIC, WEBHOOK = "service", "service_url", "webhook"
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - nothing listens here
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class Readiness(msgspec.Struct):
    """What `/readyz` says."""

    ready: bool
    reasons: tuple[str, ...] = ()


class Liveness(msgspec.Struct):
    """What `/livez` says."""

    status: str


async def service(patient: Patient) -> AsyncIterator[Finding]:
    """The service on this machine, and from there its public address."""
    settings = patient.settings
    local = f"http://{ANYWHERE.get(settings.host, settings.host)}:{settings.port}"
    readiness = await _said(patient, f"{local}/readyz", Readiness)
    if not isinstance(readiness, Readiness):
        yield Finding(hop=SERVICE, trouble=NOT_RUNNING, fact=local)
    elif not readiness.ready:
        yield Finding(hop=SERVICE, trouble=NOT_READY, fact="; ".join(readiness.reasons))
    else:
        yield Finding(hop=SERVICE, fact=local)
    if not settings.service_url:
        yield Finding(hop=PUBLIC, trouble=NO_ADDRESS)
    elif isinstance(readiness, Readiness):
        yield await _public(patient)


async def _public(patient: Patient) -> Finding:
    address = patient.settings.service_url.rstrip("/")
    said = await _said(patient, f"{address}/livez", Liveness)
    if isinstance(said, str):
        return Finding(hop=PUBLIC, trouble=ADDRESS_UNREACHABLE, fact=f"{address}: {said}")
    if said is None or said.status != "ok":
        return Finding(hop=PUBLIC, trouble=ADDRESS_OF_ANOTHER, fact=address)
    url = httpx.URL(address)
    is_plain = url.scheme == "http" and url.host not in LOCAL
    return Finding(hop=PUBLIC, trouble=ADDRESS_PLAIN if is_plain else None, fact=address)


async def webhooks(patient: Patient) -> AsyncIterator[Finding]:
    """Any answer will do: it shows name, way and certificate."""
    for origin in patient.settings.webhook_hosts:
        if origin == reply_origin(patient.settings.port):
            # Where `send` listens, only while it waits.
            continue
        try:
            answer = await patient.to_dingtalk.get(origin)
        except (httpx.HTTPError, OSError) as error:
            fact = f"{origin}: {type(error).__name__}"
            yield Finding(hop=WEBHOOK, trouble=WEBHOOK_UNREACHABLE, fact=fact)
        else:
            yield Finding(hop=WEBHOOK, fact=f"{origin}: HTTP {answer.status_code}")


async def _said(patient: Patient, url: str, kind: type[T]) -> T | str | None:
    """What is said there; the kind of failure if nobody answers, None if it is nothing of ours."""
    try:
        answer = await patient.to_dingtalk.get(url)
    except (httpx.HTTPError, OSError) as error:
        return type(error).__name__
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None

"""The clock: DingTalk's signatures hold for an hour, by its clock and ours."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from adapters.sql.engine.sqlite import file_of
from adapters.sql.schema import in_schema_transaction
from adapters.sql.statements.signatures import last_signature
from application.errors import StorageFailed
from entrypoints.doctor.finding import Finding, Trouble
from entrypoints.doctor.patient import Patient
from entrypoints.doctor.troubles import CLOCK_DRIFTS, CLOCK_OFF, CLOCK_UNKNOWN
from entrypoints.storage import storage_url

HOP = "clock"
NOTICEABLE = timedelta(minutes=1)
RECENT = timedelta(days=1)
"""What an older message tells may have been mended since."""


async def clock(patient: Patient) -> AsyncIterator[Finding]:
    """By the date of an answer of DingTalk's, and by the newest message that it signed."""
    difference = await _by_an_answer(patient)
    if difference is None:
        yield Finding(hop=HOP, trouble=CLOCK_UNKNOWN)
    else:
        yield _finding(patient, difference, "Date")
    difference = await asyncio.to_thread(_by_a_signature, patient)
    if difference is not None:
        yield _finding(patient, difference, "callback")


def _finding(patient: Patient, difference: timedelta, source: str) -> Finding:
    fact = f"{source}: {difference.total_seconds():+.0f} s"
    return Finding(hop=HOP, trouble=_trouble(patient, abs(difference)), fact=fact)


def _trouble(patient: Patient, difference: timedelta) -> Trouble | None:
    if difference > patient.settings.signature_tolerance:
        return CLOCK_OFF
    return CLOCK_DRIFTS if difference > NOTICEABLE else None


async def _by_an_answer(patient: Patient) -> timedelta | None:
    """How far we are ahead; None where nothing that has a date comes back."""
    try:
        answer = await patient.to_dingtalk.get(patient.settings.dingtalk_api_url)
        told = parsedate_to_datetime(answer.headers["date"])
    except (httpx.HTTPError, OSError, KeyError, ValueError):
        return None
    moment = told if told.tzinfo else told.replace(tzinfo=UTC)
    return patient.clock.now() - moment


def _by_a_signature(patient: Patient) -> timedelta | None:
    """The same by the newest callback. One that was sent again is older than it would be."""
    url = storage_url(patient.settings)
    file = file_of(url)
    if file is not None and not file.exists():
        return None
    try:
        found: tuple[datetime, datetime] | None = in_schema_transaction(url, last_signature)
    except StorageFailed:
        return None
    if found is None or patient.clock.now() - found[1] > RECENT:
        return None
    signed_at, received_at = found
    return received_at - signed_at

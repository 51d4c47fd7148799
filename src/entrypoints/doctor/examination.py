"""All hops, looked at together and told in the order of a message's way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta

from adapters.dingtalk.outbound.http_client import dingtalk_client
from entrypoints.doctor.addresses import service, webhooks
from entrypoints.doctor.clocks import clock
from entrypoints.doctor.database import database
from entrypoints.doctor.dingtalk import dingtalk
from entrypoints.doctor.finding import Finding, Language, Verdict
from entrypoints.doctor.folder import folder
from entrypoints.doctor.models import models
from entrypoints.doctor.patient import Patient
from entrypoints.doctor.troubles import BROKE, MISTAKE
from entrypoints.settings import ConfigurationError, Settings

Check = Callable[[Patient], AsyncIterator[Finding]]

CHECKS: tuple[Check, ...] = (folder, database, service, clock, dingtalk, models, webhooks)
"""A new hop is a file and a word here."""

LIMIT = timedelta(minutes=2)
SLOW: frozenset[Check] = frozenset({models})
"""Bounded by the time limits of the configuration: a model may take minutes to load."""


async def examine(
    settings: Settings, *, limit: timedelta = LIMIT, draws: bool = False
) -> tuple[Finding, ...]:
    """Everything that was found. No check waits for another, and none but the models' passes `limit`."""
    client = dingtalk_client()
    try:
        patient = Patient(settings=settings, to_dingtalk=client, draws=draws)
        found = await asyncio.gather(*(_findings(one, patient, limit) for one in CHECKS))
    finally:
        await client.aclose()
    return (
        Finding(hop="configuration", fact=f"{len(settings.effective_providers)} provider(s)"),
        *(finding for findings in found for finding in findings),
    )


async def _findings(check: Check, patient: Patient, limit: timedelta) -> list[Finding]:
    findings: list[Finding] = []
    try:
        async with asyncio.timeout(None if check in SLOW else limit.total_seconds()):
            async for finding in check(patient):
                findings.append(finding)  # noqa: PERF401 - what was found before it broke is kept
    except Exception as error:  # noqa: BLE001 - a mistake in one check must not hide the others
        name = type(error).__name__
        findings.append(Finding(hop=check.__name__, trouble=BROKE, fact=name))
    return findings


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing failed; warnings are not failures."""
    return all(one.verdict is not Verdict.FAILED for one in findings)


def of_mistakes(error: ConfigurationError, language: Language) -> tuple[Finding, ...]:
    """What is found where the configuration cannot be loaded: nothing further can be looked at."""
    return tuple(
        Finding(hop="configuration", trouble=MISTAKE, fact=mistake.told(language))
        for mistake in error.mistakes
    )

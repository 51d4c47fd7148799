"""Inspect a site: who registered its domain, or what certificate it shows."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from application.errors import SiteFailure
from application.ports import Clock, SiteRecords
from application.rulebook import Rulebook
from application.wording.quotation import as_code
from application.wording.sites import SiteWording
from domain.command import InspectCertificate, InspectDomain
from domain.site import (
    Certificate,
    Misread,
    Registration,
    SiteAddress,
    days_between,
    site_in,
)

logger = logging.getLogger(__name__)

MOST_NAMES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectSite:
    """Always has an answer in Markdown; nothing that a registry or a server wrote acts in it."""

    records: SiteRecords
    clock: Clock

    async def __call__(self, command: InspectDomain | InspectCertificate, rules: Rulebook) -> str:
        wording = rules.wording.sites
        site = site_in(command.address)
        if isinstance(site, Misread):
            return _usage(command, site, wording)
        if isinstance(command, InspectDomain) and site.is_ip:
            return wording.ip_has_no_registration.format(site=as_code(site.host))
        try:
            found = await self._found(command, site)
        except SiteFailure as failure:
            _note(command, type(failure).__name__, fact=str(failure))
            shown = (
                _host(site, wording) if isinstance(command, InspectDomain) else _site(site, wording)
            )
            return wording.failures[type(failure)].format(site=shown)
        _note(command, "found")
        calendar = Calendar(now=self.clock.now(), zone=rules.quota.zone, wording=wording)
        if isinstance(found, Registration):
            return registration_text(found, site, calendar)
        return certificate_text(found, site, calendar)

    async def _found(
        self, command: InspectDomain | InspectCertificate, site: SiteAddress
    ) -> Registration | Certificate:
        if isinstance(command, InspectDomain):
            return await self.records.registration(site)
        return await self.records.certificate(site)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Moments as people read them here and now."""

    now: datetime
    zone: tzinfo
    wording: SiteWording

    def day(self, moment: datetime) -> str:
        return f"{self._local(moment):%Y-%m-%d}"

    def minute(self, moment: datetime) -> str:
        return f"{self._local(moment):%Y-%m-%d %H:%M}"

    def with_days(self, shown: str, moment: datetime) -> str:
        """The moment as shown, and how far off it is."""
        days = days_between(self.now, moment)
        if not days:
            return self.wording.last_day.format(moment=shown)
        sentence = self.wording.days_left if days > 0 else self.wording.days_over
        return sentence.format(moment=shown, days=abs(days))

    def _local(self, moment: datetime) -> datetime:
        try:
            return moment.astimezone(self.zone)
        except OverflowError:  # 9999-12-31, for ever in certificates, has no next morning
            return moment.astimezone(UTC)


def registration_text(found: Registration, site: SiteAddress, calendar: Calendar) -> str:
    wording = calendar.wording
    domain = _host(SiteAddress(host=found.domain), wording)
    belongs = wording.belongs_to.format(site=_host(site, wording), domain=domain)
    registered, expires = found.registered_at, found.expires_at
    answer = wording.registration.format(
        domain=domain,
        registrar=as_code(found.registrar) or wording.not_told,
        registered=calendar.day(registered) if registered else wording.not_told,
        expires=calendar.with_days(calendar.day(expires), expires) if expires else wording.not_told,
    )
    return answer if found.domain == site.host else f"{belongs}\n\n{answer}"


def certificate_text(found: Certificate, site: SiteAddress, calendar: Calendar) -> str:
    wording = calendar.wording
    valid_until = calendar.minute(found.valid_until)
    return wording.certificate.format(
        site=_site(site, wording),
        verdict=_verdict(found, calendar),
        subject=as_code(found.subject) or wording.nameless,
        issuer=as_code(found.issuer) or wording.nameless,
        names=_names(found, wording),
        valid_from=calendar.minute(found.valid_from),
        valid_until=calendar.with_days(valid_until, found.valid_until),
    )


def _verdict(found: Certificate, calendar: Calendar) -> str:
    wording = calendar.wording
    faults = found.faults_at(calendar.now)
    lines = [wording.fault_line.format(fault=wording.faults[fault]) for fault in faults]
    return wording.distrusted.format(faults="\n".join(lines)) if lines else wording.trusted


def _names(found: Certificate, wording: SiteWording) -> str:
    shown = [as_code(name) for name in found.names[:MOST_NAMES]]
    names = wording.between_names.join(filter(None, shown)) or wording.nameless
    if len(found.names) <= MOST_NAMES:
        return names
    return wording.more_names.format(names=names, count=len(found.names))


def _site(site: SiteAddress, wording: SiteWording) -> str:
    return _both_forms(str(site).replace(site.host, site.in_unicode, 1), str(site), wording)


def _host(site: SiteAddress, wording: SiteWording) -> str:
    return _both_forms(site.in_unicode, site.host, wording)


def _both_forms(unicode: str, ascii_form: str, wording: SiteWording) -> str:
    """Both, because letters of different scripts look alike: who reads аpple.com, sees what it is."""
    if unicode == ascii_form:
        return as_code(ascii_form)
    return wording.both_forms.format(unicode=as_code(unicode), ascii=as_code(ascii_form))


def _usage(
    command: InspectDomain | InspectCertificate, misread: Misread, wording: SiteWording
) -> str:
    is_domain = isinstance(command, InspectDomain)
    usage = wording.domain_usage if is_domain else wording.certificate_usage
    return f"{wording.misread[misread]}\n\n{usage}".lstrip()


def _note(command: InspectDomain | InspectCertificate, outcome: str, *, fact: str = "") -> None:
    logger.info(
        "site_inspected",
        extra={"command": type(command).__name__, "outcome": outcome, "fact": fact},
    )

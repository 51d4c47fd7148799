"""Find the people of a name, and give an administrator links to what they asked."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from application.history.history_links import IssuedLink, local_minute
from application.ports import Clock, History, HistoryLinks
from application.rulebook import Rulebook
from application.wording.quotation import as_code
from domain.command import LookUpHistory, RevokeHistoryLinks
from domain.history import Person
from domain.message import IncomingMessage, RoomKind, UserKey

logger = logging.getLogger(__name__)

MOST_PEOPLE = 10
"""Namesakes shown at once; a staff id finds each of the others."""

IssueLink: TypeAlias = Callable[[UserKey, UserKey, Rulebook], Awaitable[IssuedLink]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpHistoryOf:
    """Answers an administrator; whoever else asks is turned away before."""

    history: History
    links: HistoryLinks
    issue_link: IssueLink
    clock: Clock
    service_url: str

    async def __call__(
        self, command: LookUpHistory | RevokeHistoryLinks, message: IncomingMessage, rules: Rulebook
    ) -> str:
        if isinstance(command, RevokeHistoryLinks):
            return await self._revoked(message.sender.key, rules)
        if objection := self._objection(command.name, message, rules):
            return objection
        found = await self.history.people_called(command.name, limit=MOST_PEOPLE + 1)
        logger.info("history_looked_up", extra={"msg_id": message.id, "people": len(found)})
        if not found:
            return rules.wording.history.nobody
        return await self._list(found, message.sender.key, rules)

    async def _revoked(self, asked_by: UserKey, rules: Rulebook) -> str:
        count = await self.links.revoke_all_of(asked_by, now=self.clock.now())
        logger.info("history_links_revoked", extra={"links": count})
        wording = rules.wording.history
        return wording.revoked.format(count=count) if count else wording.nothing_to_revoke

    def _objection(self, name: str, message: IncomingMessage, rules: Rulebook) -> str | None:
        """What stands in the way of an answer, whoever is asked for."""
        wording = rules.wording.history
        if not name:
            return wording.usage
        if message.room.kind is not RoomKind.PRIVATE:
            # Everybody in a group could follow the links, and would see whose conversations are read.
            return wording.only_in_private
        return None if self.service_url else wording.no_service_url

    async def _list(self, found: tuple[Person, ...], asked_by: UserKey, rules: Rulebook) -> str:
        wording = rules.wording.history
        shown = found[:MOST_PEOPLE]
        links = [await self.issue_link(one.key, asked_by, rules) for one in shown]
        entries = [_entry(one, link, rules) for one, link in zip(shown, links, strict=True)]
        more = [wording.more.format(count=MOST_PEOPLE)] if len(found) > MOST_PEOPLE else []
        validity = wording.validity.format(until=_local(links[0].expires_at, rules))
        return "\n\n".join([wording.found, *entries, *more, validity])


def _entry(person: Person, link: IssuedLink, rules: Rulebook) -> str:
    return rules.wording.history.person.format(
        name=_who(person, rules),
        questions=person.questions,
        first=_local(person.first_asked, rules),
        last=_local(person.last_asked, rules),
        page=link.page,
        markdown=link.markdown,
        csv=link.csv,
    )


def _who(person: Person, rules: Rulebook) -> str:
    wording = rules.wording.history
    nick = as_code(person.nick) or wording.nameless
    if person.imported:
        return wording.imported.format(nick=nick)
    if person.staff_id is None:
        return wording.outsider.format(nick=nick)
    return wording.member.format(nick=nick, staff_id=as_code(person.staff_id))


def _local(moment: datetime, rules: Rulebook) -> str:
    return local_minute(moment, rules.quota.zone)

"""The operator's configuration as the rules that the house works by."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters.dingtalk.inbound.robots import Robot, Robots, robot_of_secret
from adapters.internet.reach import Reach
from adapters.shown_text import shown_texts
from application.rulebook import Rulebook
from application.wording import wording_in
from domain.access import AccessPolicy, AllowList
from domain.conversation import USUAL_TEXT, TokenBudget
from domain.message import RobotId, RoomKind, StaffId
from domain.prompts import PromptBook
from domain.quota import DailyQuota
from domain.sensitive_words import MakeFinder, SensitiveWords
from domain.site import SiteAddress, site_in
from domain.spending import Price, PriceBook
from entrypoints.settings import Loaded, Settings
from entrypoints.settings.addresses import DEFAULT_PORTS

OPEN_ROOMS = {
    "0": frozenset({RoomKind.PRIVATE, RoomKind.GROUP}),
    "1": frozenset({RoomKind.PRIVATE}),
    "2": frozenset({RoomKind.GROUP}),
}
"""What `chat_type` opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What a configuration means, made whole before any of it is used."""

    loaded: Loaded
    rules: Rulebook
    robots: Robots


def in_force(loaded: Loaded, make_finder: MakeFinder) -> InForce:
    """Everything a reload replaces, all of it at once."""
    rules = rulebook(loaded, make_finder)
    return InForce(loaded=loaded, rules=rules, robots=robots(loaded.settings))


def rulebook(loaded: Loaded, make_finder: MakeFinder) -> Rulebook:
    settings = loaded.settings
    wording = wording_in(settings.language)
    return Rulebook(
        access=access_policy(settings),
        quota=DailyQuota(limit=settings.max_request or None, zone=settings.timezone),
        sensitive_words=SensitiveWords(loaded.sensitive_words, make_finder, shown_texts),
        prompts=PromptBook(loaded.templates),
        budget=token_budget(settings),
        default_mode=settings.default_mode,
        session_timeout=settings.session_timeout,
        system_prompt=settings.system_prompt,
        help=settings.help or wording.help_for(draws=settings.draws),
        wording=wording,
        prices=price_book(settings),
        show_reasoning=settings.show_reasoning,
        fallback_on_declined=settings.fallback_on_declined,
        draws=settings.draws,
    )


def token_budget(settings: Settings) -> TokenBudget:
    return TokenBudget(
        question=settings.max_question_len,
        answer=settings.max_answer_len,
        text=settings.max_text or USUAL_TEXT,
        limits_text=settings.max_text is not None,
    )


def access_policy(settings: Settings) -> AccessPolicy:
    return AccessPolicy(
        open_rooms=OPEN_ROOMS[settings.chat_type],
        denied_users=_staff(settings.deny_users),
        groups=AllowList(frozenset(settings.allow_groups)),
        outgoing_groups=AllowList(frozenset(settings.allow_outgoing_groups)),
        users=AllowList(frozenset(settings.allow_users)),
        admins=_staff(settings.admin_users),
        vips=_staff(settings.vip_users),
    )


def price_book(settings: Settings) -> PriceBook:
    return PriceBook(
        tuple(
            Price(
                model=one.model,
                since=one.since,
                prompt=one.prompt,
                answer=one.answer,
                picture=one.picture,
                currency=one.currency,
            )
            for one in settings.prices
        )
    )


def robots(settings: Settings) -> Robots:
    """The robots whose callbacks are accepted; a credential names its robot, a bare secret does not."""
    known = {
        one.secret.reveal(): Robot(id=RobotId(one.client_id), secret=one.secret.reveal())
        for one in settings.credentials
    }
    for secret in settings.app_secrets:
        known.setdefault(secret.reveal(), robot_of_secret(secret.reveal()))
    return Robots(
        robots=tuple(known.values()),
        outgoing_tokens=tuple(token.reveal() for token in settings.outgoing_tokens),
        tolerance=settings.signature_tolerance,
    )


WHOIS_PORT = 43


def reach_of(settings: Settings) -> Reach:
    """Where the robot looks for sites."""
    server = site_in(settings.whois_server, default_port=WHOIS_PORT)
    return Reach(
        allow_private=settings.allow_private_hosts,
        rdap_url=settings.rdap_url,
        whois_server=server if isinstance(server, SiteAddress) else None,
    )


def image_hosts(settings: Settings) -> frozenset[str]:
    """The hosts whose pictures a reply may show: this service's own, as its links may be written.

    Each is `host` or `host:port`; the port that the scheme implies may be there or not.
    """
    own = urlsplit(settings.service_url)
    if not own.netloc:
        return frozenset()
    host, implied = own.netloc.lower(), DEFAULT_PORTS[own.scheme]
    if own.port not in {None, implied}:
        return frozenset({host})
    name = host.removesuffix(f":{implied}")
    return frozenset({name, f"{name}:{implied}"})


def _staff(ids: tuple[str, ...]) -> frozenset[StaffId]:
    return frozenset(StaffId(one) for one in ids)


LoadAgain = Callable[[], Loaded]
"""Reads the configuration again; raises ConfigurationError."""

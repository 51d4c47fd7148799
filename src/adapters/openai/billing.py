"""The balance of an account, from the billing routes that gateways of OpenAI's protocol serve.

OpenAI made these routes for its own pages and has refused API keys there since 2023. one-api and its
heirs serve them to keys: `subscription` tells in dollars what was granted, with what is spent already,
and `usage` tells in cents what was spent.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeAlias, TypeVar

import msgspec

from adapters.openai.connection import ConnectionOptions, OpenAIEndpoint
from application.ports import Clock
from domain.spending import Balance

Fetch: TypeAlias = Callable[[str], Awaitable[bytes | None]]
Shape = TypeVar("Shape")

CURRENCY = "USD"
CENTS = 100
UNLIMITED = 100_000_000
"""What one-api says was granted to a key without a limit."""

LARGEST_AMOUNT = Decimal(10) ** 15
LONGEST_NUMBER = 40
"""Characters of a number that comes as a text."""

MILLISECONDS_FROM = 100_000_000_000
"""A moment that is greater is not told in seconds."""

FAR_FUTURE = 4_102_444_800
"""The year 2100: who says that a key is valid until then means that it does not end."""

LONGEST_PERIOD = timedelta(days=99)
"""Of OpenAI's own route for accounts that paid in advance; gateways tell all that was ever spent."""

VERSION = re.compile(r"/v[0-9]\w*/?$")


class Subscription(msgspec.Struct):
    """What was granted."""

    error: object = None
    has_payment_method: object = None
    hard_limit_usd: object = None
    soft_limit_usd: object = None
    system_hard_limit_usd: object = None
    access_until: object = None


class Usage(msgspec.Struct):
    """What was spent."""

    error: object = None
    total_usage: object = None


class CreditGrants(msgspec.Struct):
    """Both at once, in dollars."""

    error: object = None
    total_granted: object = None
    total_used: object = None
    total_available: object = None


class OpenAIBilling:
    """Satisfies `application.ports.AccountBalance`. Each look is a visit: it holds nothing open."""

    def __init__(
        self, endpoint: OpenAIEndpoint, options: ConnectionOptions, *, provider: str, clock: Clock
    ) -> None:
        self._endpoint = endpoint
        self._options = options
        self._provider = provider
        self._clock = clock

    async def balance(self) -> Balance | None:
        # The first visit imports the SDK, which takes a while.
        visit = await asyncio.to_thread(_visit, self._endpoint, self._options)
        address = self._endpoint.base_url.rstrip("/")
        async with visit as fetch:
            # Some gateways serve these routes beside the API's version instead of below it.
            for place in dict.fromkeys([address, VERSION.sub("", address)]):
                billing = f"{place}/dashboard/billing"
                told = await self._of_subscription(billing, fetch)
                told = told or await self._of_credit_grants(billing, fetch)
                if told is not None:
                    return told
        return None

    async def _of_subscription(self, billing: str, fetch: Fetch) -> Balance | None:
        subscription = _read(Subscription, await fetch(f"{billing}/subscription"))
        if subscription is None:
            return None
        granted = _granted_by(subscription)
        if granted is None:
            return None
        period = _period_of(subscription, self._clock.now().astimezone(UTC).date())
        used = _used_by(_read(Usage, await fetch(f"{billing}/usage?{period}")))
        is_unlimited = granted == UNLIMITED
        return Balance(
            provider=self._provider,
            granted=None if is_unlimited else granted,
            used=used,
            left=None if is_unlimited or used is None else granted - used,
            currency=CURRENCY,
            valid_until=_moment(subscription.access_until),
            is_unlimited=is_unlimited,
        )

    async def _of_credit_grants(self, billing: str, fetch: Fetch) -> Balance | None:
        grants = _read(CreditGrants, await fetch(f"{billing}/credit_grants"))
        if grants is None:
            return None
        granted, used = _amount(grants.total_granted), _amount(grants.total_used)
        left = _amount(grants.total_available)
        if left is None and granted is not None and used is not None:
            left = granted - used
        if left is None and granted is None:
            return None
        return Balance(
            provider=self._provider, granted=granted, used=used, left=left, currency=CURRENCY
        )


def _visit(
    endpoint: OpenAIEndpoint, options: ConnectionOptions
) -> AbstractAsyncContextManager[Fetch]:
    from adapters.openai.http_get import http_get  # noqa: PLC0415 - imports the SDK, see `connection`

    return http_get(endpoint, options)


def _granted_by(subscription: Subscription) -> Decimal | None:
    limits = (
        subscription.hard_limit_usd,
        subscription.soft_limit_usd,
        subscription.system_hard_limit_usd,
    )
    amounts = [amount for limit in limits if (amount := _amount(limit)) is not None]
    return amounts[0] if amounts else None


def _used_by(usage: Usage | None) -> Decimal | None:
    cents = _amount(usage.total_usage) if usage else None
    return None if cents is None else cents / CENTS


def _period_of(subscription: Subscription, today: date) -> str:
    """A limit that is paid afterwards is one of the month; what was paid in advance is used up slowly."""
    is_advance = subscription.has_payment_method is False
    first = today - LONGEST_PERIOD if is_advance else today.replace(day=1)
    return f"start_date={first}&end_date={today + timedelta(days=1)}"


def _read(shape: type[Shape], page: bytes | None) -> Shape | None:
    """The page in that shape; None where it is anything else, or tells of an error."""
    if page is None:
        return None
    try:
        # Amounts are read as they are written: never by way of a float.
        found = msgspec.json.Decoder(shape, float_hook=Decimal).decode(page)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation):
        return None
    return None if getattr(found, "error", None) else found


def _amount(told: object) -> Decimal | None:
    """A number, or a text that is one; None for what cannot be an amount of money."""
    if isinstance(told, bool) or not isinstance(told, int | Decimal | str):
        return None
    if isinstance(told, str) and len(told) > LONGEST_NUMBER:
        return None
    try:
        amount = Decimal(told)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < LARGEST_AMOUNT else None


def _moment(told: object) -> datetime | None:
    """Seconds since 1970, of some servers milliseconds. None, as 0 and -1, where nothing ends."""
    seconds = _amount(told) or Decimal()
    if seconds >= MILLISECONDS_FROM:
        seconds /= 1000
    return datetime.fromtimestamp(int(seconds), UTC) if 0 < seconds < FAR_FUTURE else None

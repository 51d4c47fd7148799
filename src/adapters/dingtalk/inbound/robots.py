"""The robots that this service answers for, told apart by the secret that vouches for a callback."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.dingtalk.inbound.signature import is_fresh, matches, seconds_off
from domain.message import RobotId

UNSIGNED_ROBOT = RobotId("unsigned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    id: RobotId
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who speaks, as far as the headers prove it."""

    robot: RobotId
    signed_at: int | None = None
    """The signature's timestamp in milliseconds; None where there was no signature."""
    authentic: bool = True
    """Whether what the body says of its sender may be believed."""
    outgoing: bool = False
    """Whether a custom group robot speaks, by its token."""


UNSIGNED = Caller(robot=UNSIGNED_ROBOT, authentic=False)


def robot_of_secret(secret: str) -> Robot:
    """A robot of which only the secret is known: its id is the same as long as the secret is."""
    return Robot(id=RobotId(f"app-{_fingerprint(secret)}"), secret=secret)


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(f"chatgpt-dingtalk robot {secret}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """All robots of the configuration. With none of them nobody can be told from anybody."""

    robots: tuple[Robot, ...] = ()
    outgoing_tokens: tuple[str, ...] = field(default=(), repr=False)
    tolerance: timedelta = timedelta(hours=1)

    @property
    def is_empty(self) -> bool:
        return not self.robots and not self.outgoing_tokens

    def caller(self, headers: Mapping[str, Sequence[str]], *, now: datetime) -> Caller | None:
        """Who is proven by the headers `timestamp` and `sign`, or by `token`; None if nobody is.

        A header that is there twice proves nothing.
        """
        timestamp, signature = _only(headers, "timestamp"), _only(headers, "sign")
        if timestamp and signature and is_fresh(timestamp, now=now, tolerance=self.tolerance):
            for robot in self.robots:
                if matches(timestamp, signature, robot.secret):
                    return Caller(robot=robot.id, signed_at=int(timestamp))
        return self._caller_by_token(_only(headers, "token"))

    def objection(self, headers: Mapping[str, Sequence[str]], *, now: datetime) -> str:
        """Why nobody is proven, for the log: a fact and nothing of what the headers say."""
        timestamp, signature = _only(headers, "timestamp"), _only(headers, "sign")
        if not timestamp or not signature:
            return "the headers timestamp and sign are missing or there twice"
        off = seconds_off(timestamp, now=now)
        if off is None:
            return "the header timestamp is not 13 digits"
        if not is_fresh(timestamp, now=now, tolerance=self.tolerance):
            return f"the timestamp is {off} s from this machine's clock: set the clock"
        return "no configured secret made this signature: set app_secrets to the robot's AppSecret"

    def _caller_by_token(self, token: str | None) -> Caller | None:
        if not token:
            return None
        given = token.encode("utf-8", "surrogatepass")
        for known in self.outgoing_tokens:
            if hmac.compare_digest(known.encode(), given):
                robot = RobotId(f"outgoing-{_fingerprint(known)}")
                return Caller(robot=robot, authentic=False, outgoing=True)
        return None


def _only(headers: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = headers.get(name, ())
    return values[0] if len(values) == 1 else None

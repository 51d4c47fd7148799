"""`send` where the service's DingTalk is a simulator: somebody says it there, and the page shows it too."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from entrypoints.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
FOUND_WITHIN = 2.0
"""Seconds; a simulator is on this machine, or there is none."""

BETWEEN_LOOKS = 0.1

Shape = TypeVar("Shape")


class SimulatedPerson(msgspec.Struct, frozen=True):
    id: str
    staff_id: str


class SimulatedRobot(msgspec.Struct, frozen=True):
    id: str
    client_id: str


class SimulatedRoom(msgspec.Struct, frozen=True):
    id: str
    kind: str
    robot: str
    title: str
    members: tuple[str, ...]


class SimulatedMessage(msgspec.Struct, frozen=True):
    id: str
    room: str
    sequence: int
    by: str
    text: str
    answers: str | None = None
    delivery: str | None = None


class State(msgspec.Struct, frozen=True):
    people: list[SimulatedPerson]
    robots: list[SimulatedRobot]
    rooms: list[SimulatedRoom]


class Messages(msgspec.Struct, frozen=True):
    messages: list[SimulatedMessage]


@dataclass(frozen=True, slots=True)
class SimulatedDingTalk:
    """The control API of a simulator that has the service's robot.

    Its methods raise httpx.HTTPError where the simulator goes away or refuses.
    """

    client: httpx.Client
    robot: SimulatedRobot

    def say(
        self, text: str, *, staff_id: str, nick: str, group: str = "", is_admin: bool = False
    ) -> SimulatedMessage:
        """Say it to the robot as that person, in private or in the group of that title."""
        state = _read(self.client.get("/state"), State)
        person = self._person(state, staff_id, nick, is_admin=is_admin)
        room = self._group(state, group, person) if group else None
        said = {"person": person.id, "room": room, "robot": self.robot.id, "text": text}
        return _read(self.client.post("/messages", json=said), SimulatedMessage)

    def media(self, media_id: str) -> bytes | None:
        """What the robot has uploaded under that id; None for everything else."""
        if not media_id.startswith("@"):
            return None
        answer = self.client.get(f"/media/{media_id}")
        return answer.content if answer.is_success else None

    def _person(self, state: State, staff_id: str, nick: str, *, is_admin: bool) -> SimulatedPerson:
        known = next((one for one in state.people if one.staff_id == staff_id), None)
        new = {"name": nick, "staff_id": staff_id, "is_admin": is_admin}
        return known or _read(self.client.post("/people", json=new), SimulatedPerson)

    def _group(self, state: State, title: str, person: SimulatedPerson) -> str:
        """The id of the robot's group of that title, with that person in it."""
        groups = (one for one in state.rooms if one.kind == "group" and one.title == title)
        known = next((one for one in groups if one.robot == self.robot.id), None)
        if known is None:
            new = {"kind": "group", "robot": self.robot.id, "members": [person.id], "title": title}
            return _read(self.client.post("/rooms", json=new), SimulatedRoom).id
        if person.id not in known.members:
            change = {"members": [*known.members, person.id]}
            self.client.patch(f"/rooms/{known.id}", json=change).raise_for_status()
        return known.id

    def replies(self, said: SimulatedMessage, *, within: float, quiet: float) -> Iterator[str]:
        """What the robot says to it, as it comes, until it has said nothing more for `quiet` seconds.

        Yields nothing if there is no reply within so many seconds.
        """
        after, ends = said.sequence, time.monotonic() + within
        while time.monotonic() < ends:
            path = f"/rooms/{said.room}/messages"
            found = _read(self.client.get(path, params={"after": after}), Messages).messages
            for one in found:
                after = one.sequence
                if one.by == "robot" and one.answers in {said.id, None}:
                    ends = time.monotonic() + quiet
                    yield one.text
            time.sleep(BETWEEN_LOOKS)


@contextmanager
def simulated_dingtalk(settings: Settings) -> Iterator[SimulatedDingTalk | None]:
    """The simulator that this service calls DingTalk, if it is one and runs on this machine."""
    address = urlsplit(settings.dingtalk_api_url)
    if address.hostname not in LOOPBACK:
        yield None
        return
    base = f"{settings.dingtalk_api_url.rstrip('/')}/_simulator"
    with httpx.Client(base_url=base, trust_env=False, timeout=FOUND_WITHIN) as client:
        robot = _robot(client, {one.client_id for one in settings.credentials})
        client.timeout = httpx.Timeout(30.0)
        yield SimulatedDingTalk(client, robot) if robot else None


def _robot(client: httpx.Client, client_ids: set[str]) -> SimulatedRobot | None:
    try:
        state = _read(client.get("/state"), State)
    except (httpx.HTTPError, msgspec.MsgspecError):
        return None
    return next((one for one in state.robots if one.client_id in client_ids), None)


def _read(answer: httpx.Response, shape: type[Shape]) -> Shape:
    return msgspec.json.decode(answer.raise_for_status().content, type=shape)

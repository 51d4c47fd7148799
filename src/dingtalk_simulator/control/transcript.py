"""What was said, as one document to keep and to read in again."""

from typing import Literal

import msgspec

from dingtalk_simulator.entities import Person, Robot, Room
from dingtalk_simulator.records import Message
from dingtalk_simulator.state import World


class Transcript(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People, robots without their keys, rooms, and messages with their exchanges."""

    version: Literal[1]
    people: list[Person]
    robots: list[Robot]
    rooms: list[Room]
    messages: list[Message]


def transcript(world: World, room: str | None = None) -> Transcript:
    """Everything, or what belongs to one room."""
    return Transcript(
        version=1,
        people=list(world.people),
        robots=list(world.robots),
        rooms=[one for one in world.rooms if room in {None, one.id}],
        messages=[one for one in world.messages if room in {None, one.room}],
    )


def imported(world: World, document: Transcript) -> int:
    """Add who, where and what is missing here; returns how many messages."""
    for person in document.people:
        if person.id not in world.people:
            world.people.put(person.id, person)
    for robot in document.robots:
        if robot.id not in world.robots:
            # Without its keys it can sign nothing, so nothing is sent to it.
            world.robots.put(robot.id, msgspec.structs.replace(robot, target="", is_disabled=True))
    for room in document.rooms:
        if room.id not in world.rooms:
            world.rooms.put(room.id, room)
    new = [message for message in document.messages if message.id not in world.messages]
    for message in new:
        world.post(message)
    world.tell_change()
    return len(new)

"""Routes that send and list messages, and export and import transcripts."""

from typing import Literal

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from dingtalk_simulator.callback_bodies import Say
from dingtalk_simulator.control.responses import (
    found,
    number,
    page_size,
    told,
    wanted,
)
from dingtalk_simulator.entities import Person, Robot, Room
from dingtalk_simulator.records import Message
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.state import World
from dingtalk_simulator.wire import HttpRequest


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


LARGEST_TRANSCRIPT = 256 * 1024 * 1024


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    same_id: bool = True


def conversation_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    """`/messages`, the messages of a room, and `/transcript`."""
    return [*_message_routes(simulator), *_transcript_routes(simulator)]


def _message_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @post("/messages", status_code=201)
    async def say(request: HttpRequest) -> Response[bytes]:
        message = await simulator.talk.say(await wanted(request, Say))
        return told(message, status=201)

    @get("/messages/{name:str}")
    async def message_of(name: FromPath[str]) -> Response[bytes]:
        return told(found(simulator.world.messages, name, "message"))

    @post("/messages/{name:str}/replay", status_code=201)
    async def replay(name: FromPath[str], request: HttpRequest) -> Response[bytes]:
        message = found(simulator.world.messages, name, "message")
        how = await wanted(request, Replay)
        return told(await simulator.talk.replay(message, same_id=how.same_id), status=201)

    @get("/rooms/{name:str}/messages")
    async def messages_of(name: FromPath[str], request: HttpRequest) -> Response[bytes]:
        room = found(simulator.world.rooms, name, "room")
        after = number(request, "after", 0)
        limit = page_size(request)
        messages = simulator.world.room_messages(room.id, after=after, limit=limit)
        cursor = messages[-1].sequence if messages else after
        return told({"messages": messages, "cursor": cursor})

    return [say, message_of, replay, messages_of]


def _transcript_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @get("/transcript")
    async def export(request: HttpRequest) -> Response[bytes]:
        room = request.query_params.get("room")
        if room is not None:
            found(simulator.world.rooms, room, "room")
        return told(transcript(simulator.world, room))

    @post("/transcript", status_code=201, request_max_body_size=LARGEST_TRANSCRIPT)
    async def take_over(request: HttpRequest) -> Response[bytes]:
        count = imported(simulator.world, await wanted(request, Transcript))
        return told({"imported": count}, status=201)

    return [export, take_over]

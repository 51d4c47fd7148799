"""Routes that send and list messages, and export and import transcripts."""

from typing import Literal

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from dingtalk_simulator.callback_bodies import SendRequest
from dingtalk_simulator.control.responses import (
    decode_body,
    find,
    json_response,
    page_size,
    query_number,
)
from dingtalk_simulator.entities import Chat, Person, Robot
from dingtalk_simulator.records import Message
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.state import State
from dingtalk_simulator.wire import HttpRequest

MAX_TRANSCRIPT_SIZE = 256 * 1024 * 1024


class Transcript(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People, robots without their keys, chats, and messages with their calls."""

    version: Literal[1]
    people: list[Person]
    robots: list[Robot]
    rooms: list[Chat]
    messages: list[Message]


def transcript(state: State, chat: str | None = None) -> Transcript:
    """The transcript of everything, or of one chat."""
    return Transcript(
        version=1,
        people=list(state.people),
        robots=list(state.robots),
        rooms=[one for one in state.chats if chat in {None, one.id}],
        messages=[one for one in state.messages if chat in {None, one.room}],
    )


def import_transcript(state: State, document: Transcript) -> int:
    """Add the people, robots, chats and messages that are missing; returns the number of messages."""
    for person in document.people:
        if person.id not in state.people:
            state.people.put(person.id, person)
    for robot in document.robots:
        if robot.id not in state.robots:
            # Callbacks cannot be signed without the robot's keys, so none are sent to it.
            state.robots.put(robot.id, msgspec.structs.replace(robot, target="", is_disabled=True))
    for chat in document.rooms:
        if chat.id not in state.chats:
            state.chats.put(chat.id, chat)
    new = [message for message in document.messages if message.id not in state.messages]
    for message in new:
        state.post(message)
    state.emit_change()
    return len(new)


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    same_id: bool = True


def conversation_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    """`/messages`, `/rooms/…/messages` and `/transcript`."""
    return [*_message_routes(simulator), *_transcript_routes(simulator)]


def _message_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @post("/messages", status_code=201)
    async def say(request: HttpRequest) -> Response[bytes]:
        message = await simulator.conversation.send(await decode_body(request, SendRequest))
        return json_response(message, status=201)

    @get("/messages/{name:str}")
    async def message_of(name: FromPath[str]) -> Response[bytes]:
        return json_response(find(simulator.state.messages, name, "message"))

    @post("/messages/{name:str}/replay", status_code=201)
    async def replay(name: FromPath[str], request: HttpRequest) -> Response[bytes]:
        message = find(simulator.state.messages, name, "message")
        how = await decode_body(request, Replay)
        return json_response(
            await simulator.conversation.replay(message, same_id=how.same_id), status=201
        )

    @get("/rooms/{name:str}/messages")
    async def messages_of(name: FromPath[str], request: HttpRequest) -> Response[bytes]:
        chat = find(simulator.state.chats, name, "room")
        after = query_number(request, "after", 0)
        limit = page_size(request)
        messages = simulator.state.messages_in(chat.id, after=after, limit=limit)
        cursor = messages[-1].sequence if messages else after
        return json_response({"messages": messages, "cursor": cursor})

    return [say, message_of, replay, messages_of]


def _transcript_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @get("/transcript")
    async def export(request: HttpRequest) -> Response[bytes]:
        chat = request.query_params.get("room")
        if chat is not None:
            find(simulator.state.chats, chat, "room")
        return json_response(transcript(simulator.state, chat))

    @post("/transcript", status_code=201, request_max_body_size=MAX_TRANSCRIPT_SIZE)
    async def take_over(request: HttpRequest) -> Response[bytes]:
        count = import_transcript(simulator.state, await decode_body(request, Transcript))
        return json_response({"imported": count}, status=201)

    return [export, take_over]

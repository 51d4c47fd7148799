"""Routes by which people talk, and by which one reads what was said."""

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from dingtalk_simulator.callbacks.say import Say
from dingtalk_simulator.control.answers import (
    Asking,
    found,
    number,
    page_size,
    told,
    wanted,
)
from dingtalk_simulator.control.transcript import Transcript, imported, transcript
from dingtalk_simulator.simulator import Simulator

LARGEST_TRANSCRIPT = 256 * 1024 * 1024


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    same_id: bool = True


def conversation_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    """`/messages`, the messages of a room, and `/transcript`."""
    return [*_message_routes(simulator), *_transcript_routes(simulator)]


def _message_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @post("/messages", status_code=201)
    async def say(request: Asking) -> Response[bytes]:
        message = await simulator.talk.say(await wanted(request, Say))
        return told(message, status=201)

    @get("/messages/{name:str}")
    async def message_of(name: FromPath[str]) -> Response[bytes]:
        return told(found(simulator.world.messages, name, "message"))

    @post("/messages/{name:str}/replay", status_code=201)
    async def replay(name: FromPath[str], request: Asking) -> Response[bytes]:
        message = found(simulator.world.messages, name, "message")
        how = await wanted(request, Replay)
        return told(await simulator.talk.replay(message, same_id=how.same_id), status=201)

    @get("/rooms/{name:str}/messages")
    async def messages_of(name: FromPath[str], request: Asking) -> Response[bytes]:
        room = found(simulator.world.rooms, name, "room")
        after = number(request, "after", 0)
        limit = page_size(request)
        messages = simulator.world.room_messages(room.id, after=after, limit=limit)
        cursor = messages[-1].sequence if messages else after
        return told({"messages": messages, "cursor": cursor})

    return [say, message_of, replay, messages_of]


def _transcript_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @get("/transcript")
    async def export(request: Asking) -> Response[bytes]:
        room = request.query_params.get("room")
        if room is not None:
            found(simulator.world.rooms, room, "room")
        return told(transcript(simulator.world, room))

    @post("/transcript", status_code=201, request_max_body_size=LARGEST_TRANSCRIPT)
    async def take_over(request: Asking) -> Response[bytes]:
        count = imported(simulator.world, await wanted(request, Transcript))
        return told({"imported": count}, status=201)

    return [export, take_over]

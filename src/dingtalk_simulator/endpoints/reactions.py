"""Reactions of a robot to a message: `emotion/reply` and `emotion/recall`.

No page of DingTalk documents them; the fields are those of its SDK, the answers are a guess.
"""

import msgspec

from dingtalk_simulator.endpoints.credentials import app_of
from dingtalk_simulator.endpoints.exchange import Answer, Asked, code, read, said
from dingtalk_simulator.records import Message
from dingtalk_simulator.state import World

MOST_REACTIONS = 50


class Reaction(msgspec.Struct, frozen=True, rename="camel"):
    robot_code: str
    open_msg_id: str
    open_conversation_id: str
    emotion_name: str = ""
    emotion_type: int = 0


def react(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/robot/emotion/reply`."""
    return _changed(world, asked, is_recalled=False)


def recall(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/robot/emotion/recall`."""
    return _changed(world, asked, is_recalled=True)


def _changed(world: World, asked: Asked, *, is_recalled: bool) -> Answer:
    robot = app_of(world, asked)
    reaction = read(asked, Reaction, otherwise=code("invalidParameter.body"))
    if reaction.robot_code != robot.robot_code:
        return code("invalidParameter.robotCode.auth")
    message = world.messages.get(reaction.open_msg_id)
    if message is None or message.room != reaction.open_conversation_id:
        return code("invalidParameter.openMsgId")
    _change(message, reaction.emotion_name, is_recalled=is_recalled)
    world.tell_delivery(message)
    answer = said({"success": True})
    return msgspec.structs.replace(answer, robot=robot.id, message=message.id, room=message.room)


def _change(message: Message, name: str, *, is_recalled: bool) -> None:
    others = [one for one in message.reactions if one != name]
    message.reactions = others if is_recalled else [*others, name][-MOST_REACTIONS:]

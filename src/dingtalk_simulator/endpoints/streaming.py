"""`PUT /v1.0/card/streaming`: a card that is written while one looks on.

Source: DingTalk, "api-streamingupdate".
"""

import msgspec

from dingtalk_simulator.endpoints.card_requests import CardStreaming
from dingtalk_simulator.endpoints.cards import INVALID
from dingtalk_simulator.endpoints.credentials import app_of
from dingtalk_simulator.endpoints.exchange import Answer, Asked, code, read, said
from dingtalk_simulator.entities import Card, Robot
from dingtalk_simulator.state import World


def stream(world: World, asked: Asked) -> Answer:
    """One update. The same `guid` again changes nothing, and after the last one no more are taken."""
    robot = app_of(world, asked)
    request = read(asked, CardStreaming, otherwise=INVALID)
    card = world.cards.get(request.out_track_id)
    if card is None or card.robot != robot.id or card.room is None:
        return code("param.stream.outTrackId", "card is not exist")
    answer = _objection(world, card, request) or _written(world, card, request)
    return _about(answer, robot, card)


def _objection(world: World, card: Card, request: CardStreaming) -> Answer | None:
    switches = world.switches
    if not request.guid:
        return code("param.stream.guidEmpty")
    if request.guid in card.guids:
        return None
    if not request.key:
        return code("param.stream.keyEmpty")
    if not request.content and not switches.cards_take_empty_content:
        return code("param.stream.contentEmpty")
    if not request.is_full and request.key not in switches.card_keys_of_plain_text:
        return code("param.stream.isFull", "a markdown variable needs its full text")
    if switches.card_content_limit and len(request.content) > switches.card_content_limit:
        return code("param.stream.content", "content is too large")
    if card.is_finalized:
        return code("param.invalid", "the card is finished")
    return None


def _written(world: World, card: Card, request: CardStreaming) -> Answer:
    if not card.has_seen(request.guid):
        card.stream(request.key, request.content, is_full=request.is_full)
        if request.is_finalize or request.is_error:
            card.finalize(is_error=request.is_error)
        _show(world, card)
    return said({"success": True, "result": True})


def _show(world: World, card: Card) -> None:
    message = world.messages.get(card.message or "")
    if message is not None:
        message.text = card.text
    world.tell_card(card)


def _about(answer: Answer, robot: Robot, card: Card) -> Answer:
    return msgspec.structs.replace(answer, robot=robot.id, room=card.room, message=card.message)

"""OpenAPI of cards: created, delivered to chats, updated and streamed."""

import re
from typing import Literal

import msgspec

from dingtalk_simulator.endpoints.bot_messages import Spoken, Way, say_in_room
from dingtalk_simulator.endpoints.protocol import Answer, Asked, Refused, code, read, said
from dingtalk_simulator.endpoints.tokens import app_of
from dingtalk_simulator.entities import PUBLIC_TEMPLATES, Card, Robot, Room, RoomKind
from dingtalk_simulator.state import World, fresh_id
from dingtalk_simulator.switches import Switches

TEMPLATE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.schema")
SPACE = re.compile(r"(IM_GROUP|IM_ROBOT|IM_SINGLE|ONE_BOX)\.([^;]+)", re.IGNORECASE)
SPACES = "dtv1.card//"


class CardVariables(msgspec.Struct, frozen=True):
    """Values are strings, with JSON in them for lists and booleans.

    An object is taken as well: the carousel of the official Python SDK sends one.
    """

    values: dict[str, str | dict[str, object]] = msgspec.field(
        name="cardParamMap", default_factory=dict
    )

    @property
    def texts(self) -> dict[str, str]:
        return {
            name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
            for name, value in self.values.items()
        }


class OpenSpace(msgspec.Struct, frozen=True, rename="camel"):
    support_forward: bool


class OpenDelivery(msgspec.Struct, frozen=True, rename="camel"):
    robot_code: str = ""
    space_type: str = ""


class CardDelivery(msgspec.Struct, frozen=True, kw_only=True):
    track: str = msgspec.field(name="outTrackId")
    spaces: str = msgspec.field(name="openSpaceId", default="")
    group: OpenDelivery | None = msgspec.field(name="imGroupOpenDeliverModel", default=None)
    private: OpenDelivery | None = msgspec.field(name="imRobotOpenDeliverModel", default=None)
    user_id_type: Literal[1, 2] = msgspec.field(name="userIdType", default=1)


class CardCreation(msgspec.Struct, frozen=True, kw_only=True):
    track: str = msgspec.field(name="outTrackId")
    template: str = msgspec.field(name="cardTemplateId")
    content: CardVariables = msgspec.field(name="cardData")
    callback_type: Literal["", "STREAM", "HTTP"] = msgspec.field(name="callbackType", default="")
    callback_route_key: str = msgspec.field(name="callbackRouteKey", default="")
    group_space: OpenSpace | None = msgspec.field(name="imGroupOpenSpaceModel", default=None)
    private_space: OpenSpace | None = msgspec.field(name="imRobotOpenSpaceModel", default=None)
    user_id_type: Literal[1, 2] = msgspec.field(name="userIdType", default=1)


class CardUpdateOptions(msgspec.Struct, frozen=True, rename="camel"):
    update_card_data_by_key: bool = False


class CardUpdate(msgspec.Struct, frozen=True, kw_only=True):
    track: str = msgspec.field(name="outTrackId")
    content: CardVariables | None = msgspec.field(name="cardData", default=None)
    options: CardUpdateOptions = msgspec.field(
        name="cardUpdateOptions", default=CardUpdateOptions()
    )


class CardStreaming(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    out_track_id: str = ""
    guid: str = ""
    key: str = ""
    content: str = ""
    is_full: bool = False
    is_finalize: bool = False
    is_error: bool = False


class CardRoute(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    callback_route_key: str
    callback_url: str
    api_secret: str = ""
    force_update: bool = False


class Space(msgspec.Struct, frozen=True):
    kind: str
    id: str


def spaces_in(text: str) -> list[Space]:
    """The places that an `openSpaceId` names. Raises Refused."""
    places = text.removeprefix(SPACES).split(";") if text.startswith(SPACES) else []
    matched = [SPACE.fullmatch(place) for place in places]
    found = [Space(one[1].upper(), one[2]) for one in matched if one]
    if not places or len(found) != len(places):
        raise Refused(code("param.openSpaceIdInvalid"))
    return found


def check_template(template: str, switches: Switches) -> None:
    """Any template that looks like one, or those of the switch. Raises Refused."""
    known = switches.card_templates
    if template not in known if known else not TEMPLATE.fullmatch(template):
        raise Refused(code("param.templateNotExist"))


INVALID = code("param.invalid", "a parameter is missing or has another type")
LONGEST_TRACK = 256
PRIVATE_SPACES = frozenset({"", "IM_ROBOT", "IM_GROUP"})
"""`spaceType` of a private delivery. The Go robot eryajf/chatgpt-dingtalk says IM_GROUP there."""


def create(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/card/instances`: a card that is nowhere yet."""
    robot = app_of(world, asked)
    card = _created(world, robot, read(asked, CardCreation, otherwise=INVALID))
    return _about(said({"success": True, "result": card.id}), robot)


def deliver(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/card/instances/deliver`."""
    robot = app_of(world, asked)
    request = read(asked, CardDelivery, otherwise=INVALID)
    card = world.cards.get(request.track)
    if card is None or card.robot != robot.id:
        return code("param.cardNotExist", "card is not exist")
    results = _delivered(world, robot, card, request)
    return _about(said({"success": True, "result": results}), robot, card)


def create_and_deliver(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/card/instances/createAndDeliver`."""
    robot = app_of(world, asked)
    creation = read(asked, CardCreation, otherwise=INVALID)
    delivery = read(asked, CardDelivery, otherwise=INVALID)
    _check_delivery(robot, delivery)
    card = _created(world, robot, creation)
    results = _delivered(world, robot, card, delivery)
    result = {"outTrackId": card.id, "deliverResults": results}
    return _about(said({"success": True, "result": result}), robot, card)


def update(world: World, asked: Asked) -> Answer:
    """`PUT /v1.0/card/instances`: all variables anew, or some by their keys."""
    robot = app_of(world, asked)
    request = read(asked, CardUpdate, otherwise=INVALID)
    card = world.cards.get(request.track)
    if card is None or card.robot != robot.id:
        return code("param.cardNotExist", "card is not exist")
    if request.content is not None:
        by_key = request.options.update_card_data_by_key
        card.set_variables(request.content.texts, by_key=by_key)
    world.tell_card(card)
    return _about(said({"success": True, "result": True}), robot, card)


def register_callback(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/card/callbacks/register`: where clicks on cards of type `HTTP` go."""
    robot = app_of(world, asked)
    route = read(asked, CardRoute, otherwise=INVALID)
    known = world.card_routes.get(route.callback_route_key)
    if known is not None and not route.force_update:
        return code("param.callbackRouteKeyExist")
    secret = route.api_secret or (known[1] if known else robot.id)
    world.card_routes.put(route.callback_route_key, (route.callback_url, secret))
    result = {"callbackUrl": route.callback_url, "apiSecret": secret}
    return _about(said({"success": True, "result": result}), robot)


def _created(world: World, robot: Robot, request: CardCreation) -> Card:
    if not 0 < len(request.track) <= LONGEST_TRACK:
        raise Refused(INVALID)
    if request.track in world.cards:
        raise Refused(code("param.cardAlreadyExist"))
    check_template(request.template, world.switches)
    card = Card(
        id=request.track,
        template=request.template,
        robot=robot.id,
        variables=request.content.texts,
        described=_described(world, request.template),
        callback_type=request.callback_type,
        callback_route_key=request.callback_route_key,
        created_at=world.now(),
    )
    world.cards.put(card.id, card)
    world.tell_card(card)
    return card


def _described(world: World, template: str) -> frozenset[str]:
    named = world.switches.card_variables.get(template)
    return frozenset(named) if named else PUBLIC_TEMPLATES.get(template, frozenset())


def _check_delivery(robot: Robot, request: CardDelivery) -> list[tuple[Space, OpenDelivery]]:
    """The places with how it is delivered there. Raises Refused."""
    found = []
    for space in spaces_in(request.spaces):
        model = request.group if space.kind == "IM_GROUP" else request.private
        if model is None:
            raise Refused(code("param.openDeliverModelEmpty"))
        is_private = space.kind == "IM_ROBOT"
        if model.robot_code not in {robot.robot_code, ""} or (
            not model.robot_code and not (is_private and model.space_type)
        ):
            raise Refused(code("param.openDeliverModelError", "robotCode is not this app's"))
        if is_private and model.space_type not in PRIVATE_SPACES:
            raise Refused(code("param.openDeliverModelError", "spaceType is not IM_ROBOT"))
        found.append((space, model))
    return found


def _delivered(
    world: World, robot: Robot, card: Card, request: CardDelivery
) -> list[dict[str, object]]:
    spaces = _check_delivery(robot, request)
    return [_delivered_to(world, robot, card, space) for space, _ in spaces]


def _delivered_to(world: World, robot: Robot, card: Card, space: Space) -> dict[str, object]:
    room = _room_of(world, robot, space)
    result: dict[str, object] = {"spaceType": space.kind, "spaceId": space.id}
    if room is None or room.is_disbanded or not room.has_robot or robot.is_disabled:
        error = "the robot is not in this space"
        return result | {"success": False, "carrierId": "", "errorMsg": error}
    key = fresh_id("pqk")
    words = Spoken(msgtype="interactiveCard", content={"outTrackId": card.id})
    message = say_in_room(world, room, words, Way(via="card", query_key=key))
    message.card = card.id
    card.deliver(room.id, message.id)
    message.text = card.text
    world.tell_delivery(message)
    world.tell_card(card)
    return result | {"success": True, "carrierId": key, "errorMsg": ""}


def _room_of(world: World, robot: Robot, space: Space) -> Room | None:
    if space.kind == "IM_GROUP":
        room = world.rooms.get(space.id)
        is_group = room is not None and room.kind is RoomKind.GROUP and room.robot == robot.id
        return room if is_group else None
    person = world.person_of_staff_id(space.id)
    return world.private_room(person, robot) if person else None


def _about(answer: Answer, robot: Robot, card: Card | None = None) -> Answer:
    room, message = (card.room, card.message) if card else (None, None)
    return msgspec.structs.replace(answer, robot=robot.id, room=room, message=message)


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

"""OpenAPI of cards: created, delivered to chats, updated and streamed."""

import re
from typing import Literal

import msgspec

from dingtalk_simulator.endpoints.bot_messages import BotMessage, MessageSource, post_to_chat
from dingtalk_simulator.endpoints.protocol import (
    ApiError,
    ApiRequest,
    ApiResponse,
    api_error,
    read_body,
    success,
)
from dingtalk_simulator.endpoints.tokens import app_of
from dingtalk_simulator.entities import PUBLIC_TEMPLATES, Card, Chat, ChatKind, Robot
from dingtalk_simulator.state import State, new_id
from dingtalk_simulator.switches import Switches

TEMPLATE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.schema")
SPACE = re.compile(r"(IM_GROUP|IM_ROBOT|IM_SINGLE|ONE_BOX)\.([^;]+)", re.IGNORECASE)
SPACES = "dtv1.card//"

INVALID = api_error("param.invalid", "a parameter is missing or has another type")
MAX_TRACK_LENGTH = 256
PRIVATE_SPACES = frozenset({"", "IM_ROBOT", "IM_GROUP"})
"""`spaceType` of a private delivery. The Go robot eryajf/chatgpt-dingtalk says IM_GROUP there."""


class CardVariables(msgspec.Struct, frozen=True):
    """Values are strings, with JSON in them for lists and booleans.

    Objects are accepted as well: the carousel of the official Python SDK sends one.
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
    """The spaces that an `openSpaceId` names. Raises ApiError."""
    places = text.removeprefix(SPACES).split(";") if text.startswith(SPACES) else []
    matched = [SPACE.fullmatch(place) for place in places]
    found = [Space(one[1].upper(), one[2]) for one in matched if one]
    if not places or len(found) != len(places):
        raise ApiError(api_error("param.openSpaceIdInvalid"))
    return found


def check_template(template: str, switches: Switches) -> None:
    """Check the id of a template: its format, or the list in the switch. Raises ApiError."""
    known = switches.card_templates
    if template not in known if known else not TEMPLATE.fullmatch(template):
        raise ApiError(api_error("param.templateNotExist"))


def create(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /v1.0/card/instances`: create a card without delivering it."""
    robot = app_of(state, request)
    card = _created(state, robot, read_body(request, CardCreation, otherwise=INVALID))
    return _about(success({"success": True, "result": card.id}), robot)


def deliver(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /v1.0/card/instances/deliver`."""
    robot = app_of(state, request)
    params = read_body(request, CardDelivery, otherwise=INVALID)
    card = state.cards.get(params.track)
    if card is None or card.robot != robot.id:
        return api_error("param.cardNotExist", "card is not exist")
    results = _delivered(state, robot, card, params)
    return _about(success({"success": True, "result": results}), robot, card)


def create_and_deliver(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /v1.0/card/instances/createAndDeliver`."""
    robot = app_of(state, request)
    creation = read_body(request, CardCreation, otherwise=INVALID)
    delivery = read_body(request, CardDelivery, otherwise=INVALID)
    _check_delivery(robot, delivery)
    card = _created(state, robot, creation)
    results = _delivered(state, robot, card, delivery)
    result = {"outTrackId": card.id, "deliverResults": results}
    return _about(success({"success": True, "result": result}), robot, card)


def update(state: State, request: ApiRequest) -> ApiResponse:
    """`PUT /v1.0/card/instances`: replace all variables, or some by key."""
    robot = app_of(state, request)
    params = read_body(request, CardUpdate, otherwise=INVALID)
    card = state.cards.get(params.track)
    if card is None or card.robot != robot.id:
        return api_error("param.cardNotExist", "card is not exist")
    if params.content is not None:
        by_key = params.options.update_card_data_by_key
        card.set_variables(params.content.texts, by_key=by_key)
    state.emit_card(card)
    return _about(success({"success": True, "result": True}), robot, card)


def register_callback(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /v1.0/card/callbacks/register`: the URL for clicks on cards of type `HTTP`."""
    robot = app_of(state, request)
    route = read_body(request, CardRoute, otherwise=INVALID)
    known = state.card_routes.get(route.callback_route_key)
    if known is not None and not route.force_update:
        return api_error("param.callbackRouteKeyExist")
    secret = route.api_secret or (known[1] if known else robot.id)
    state.card_routes.put(route.callback_route_key, (route.callback_url, secret))
    result = {"callbackUrl": route.callback_url, "apiSecret": secret}
    return _about(success({"success": True, "result": result}), robot)


def _created(state: State, robot: Robot, params: CardCreation) -> Card:
    if not 0 < len(params.track) <= MAX_TRACK_LENGTH:
        raise ApiError(INVALID)
    if params.track in state.cards:
        raise ApiError(api_error("param.cardAlreadyExist"))
    check_template(params.template, state.switches)
    variables = state.switches.card_variables.get(params.template)
    card = Card(
        id=params.track,
        template=params.template,
        robot=robot.id,
        variables=params.content.texts,
        described=frozenset(variables or PUBLIC_TEMPLATES.get(params.template) or ()),
        callback_type=params.callback_type,
        callback_route_key=params.callback_route_key,
        created_at=state.now(),
    )
    state.cards.put(card.id, card)
    state.emit_card(card)
    return card


def _check_delivery(robot: Robot, params: CardDelivery) -> list[tuple[Space, OpenDelivery]]:
    """The spaces with their delivery models. Raises ApiError."""
    found = []
    for space in spaces_in(params.spaces):
        model = params.group if space.kind == "IM_GROUP" else params.private
        if model is None:
            raise ApiError(api_error("param.openDeliverModelEmpty"))
        is_private = space.kind == "IM_ROBOT"
        if model.robot_code not in {robot.robot_code, ""} or (
            not model.robot_code and not (is_private and model.space_type)
        ):
            raise ApiError(api_error("param.openDeliverModelError", "robotCode is not this app's"))
        if is_private and model.space_type not in PRIVATE_SPACES:
            raise ApiError(api_error("param.openDeliverModelError", "spaceType is not IM_ROBOT"))
        found.append((space, model))
    return found


def _delivered(
    state: State, robot: Robot, card: Card, params: CardDelivery
) -> list[dict[str, object]]:
    spaces = _check_delivery(robot, params)
    return [_delivered_to(state, robot, card, space) for space, _ in spaces]


def _delivered_to(state: State, robot: Robot, card: Card, space: Space) -> dict[str, object]:
    chat = _chat_of(state, robot, space)
    result: dict[str, object] = {"spaceType": space.kind, "spaceId": space.id}
    if chat is None or chat.is_disbanded or not chat.has_robot or robot.is_disabled:
        error = "the robot is not in this space"
        return result | {"success": False, "carrierId": "", "errorMsg": error}
    key = new_id("pqk")
    bot_message = BotMessage(msgtype="interactiveCard", content={"outTrackId": card.id})
    message = post_to_chat(state, chat, bot_message, MessageSource(via="card", query_key=key))
    message.card = card.id
    card.deliver(chat.id, message.id)
    message.text = card.text
    state.emit_delivery(message)
    state.emit_card(card)
    return result | {"success": True, "carrierId": key, "errorMsg": ""}


def _chat_of(state: State, robot: Robot, space: Space) -> Chat | None:
    if space.kind == "IM_GROUP":
        chat = state.chats.get(space.id)
        is_group = chat is not None and chat.kind is ChatKind.GROUP and chat.robot == robot.id
        return chat if is_group else None
    person = state.person_of_staff_id(space.id)
    return state.private_chat(person, robot) if person else None


def _about(answer: ApiResponse, robot: Robot, card: Card | None = None) -> ApiResponse:
    chat, message = (card.room, card.message) if card else (None, None)
    return msgspec.structs.replace(answer, robot=robot.id, room=chat, message=message)


def stream(state: State, request: ApiRequest) -> ApiResponse:
    """`PUT /v1.0/card/streaming`. A repeated `guid` changes nothing; a finished card is not updated."""
    robot = app_of(state, request)
    params = read_body(request, CardStreaming, otherwise=INVALID)
    card = state.cards.get(params.out_track_id)
    if card is None or card.robot != robot.id or card.room is None:
        return api_error("param.stream.outTrackId", "card is not exist")
    if objection := _objection(state, card, params):
        return _about(objection, robot, card)
    if not card.has_seen(params.guid):
        card.stream(params.key, params.content, is_full=params.is_full)
        if params.is_finalize or params.is_error:
            card.finalize(is_error=params.is_error)
        if message := state.messages.get(card.message or ""):
            message.text = card.text
        state.emit_card(card)
    return _about(success({"success": True, "result": True}), robot, card)


def _objection(state: State, card: Card, params: CardStreaming) -> ApiResponse | None:
    switches = state.switches
    if not params.guid:
        return api_error("param.stream.guidEmpty")
    if params.guid in card.guids:
        return None
    if not params.key:
        return api_error("param.stream.keyEmpty")
    if not params.content and not switches.cards_take_empty_content:
        return api_error("param.stream.contentEmpty")
    if not params.is_full and params.key not in switches.card_keys_of_plain_text:
        return api_error("param.stream.isFull", "a markdown variable needs its full text")
    if switches.card_content_limit and len(params.content) > switches.card_content_limit:
        return api_error("param.stream.content", "content is too large")
    if card.is_finalized:
        return api_error("param.invalid", "the card is finished")
    return None

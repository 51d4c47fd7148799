"""Actions of people: send a message, replay it, click on a card."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from dingtalk_simulator.callback_bodies import (
    MEDIA_KINDS,
    PRIVATE_KINDS,
    SendContext,
    SendRequest,
    callback_body,
    content_of,
    open_session,
    renewed_body,
    sample_medium,
)
from dingtalk_simulator.callback_sender import (
    CARD_CLICKS,
    CONTENT_TYPE,
    CallbackRequest,
    CallbackSender,
    PushContext,
    post,
)
from dingtalk_simulator.entities import Card, Chat, ChatKind, Person, Robot
from dingtalk_simulator.records import Author, Billed, Call, Delivery, Message
from dingtalk_simulator.signature import card_signature
from dingtalk_simulator.state import State, new_id
from dingtalk_simulator.wire import UNREADABLE, decode

_Shape = TypeVar("_Shape")


class SendError(ValueError):
    """A person, chat, robot, message or media file that the request names does not exist."""


class Conversation:
    """Sends and replays messages of people."""

    def __init__(self, state: State, callback_sender: CallbackSender) -> None:
        self._state = state
        self._callback_sender = callback_sender

    async def send(self, request: SendRequest) -> Message:
        """Send a message; returns after the first delivery attempt, or at once if `wait` is false.

        Raises:
            SendError: something that is named does not exist or does not belong to the chat.
        """
        context = self._context(request)
        message = self._post(context)
        content = content_of(context)
        message.content = content
        body = callback_body(context, message, content)
        self._state.bodies.put(message.id, body)
        if not _reaches_robot(context):
            message.delivery = Delivery.NOT_DELIVERED
            self._state.emit_delivery(message)
            return message
        await self._deliver(message, body, context.robot, wait=request.wait)
        return message

    async def replay(self, message: Message, *, same_id: bool) -> Message:
        """Send the same callback again, or a new message with the same content.

        Raises:
            SendError: it is no message of a person, or too old, or its robot no longer exists.
        """
        body = self._state.bodies.get(message.id)
        chat = self._state.chats.get(message.room)
        robot = self._state.robots.get(chat.robot) if chat else None
        if body is None or robot is None:
            raise SendError("message: it cannot be replayed")
        if not same_id:
            message = self._copy(message)
            session = open_session(self._state, message)
            message.session = session.id
            body = self._state.bodies.put(
                message.id, renewed_body(self._state, body, message, session)
            )
        await self._deliver(message, body, robot, wait=True)
        return message

    async def _deliver(
        self, message: Message, body: dict[str, object], robot: Robot, *, wait: bool
    ) -> None:
        work = self._callback_sender.deliver(message, body, robot)
        if wait:
            await work
        else:
            self._callback_sender.start_background(work)

    def _copy(self, message: Message) -> Message:
        return self._state.post(
            Message(
                id=new_id("msg"),
                room=message.room,
                by=message.by,
                author=message.author,
                msgtype=message.msgtype,
                text=message.text,
                content=message.content,
                mentions=list(message.mentions),
                media=list(message.media),
                delivery=Delivery.PENDING,
            )
        )

    def _post(self, context: SendContext) -> Message:
        person, request = context.person, context.request
        mentions_robot = context.is_group and request.mentions_robot
        names = [request.media, *(piece.media for piece in request.pieces)]
        media = [self._state.media.find(name) for name in names if name is not None]
        return self._state.post(
            Message(
                id=new_id("msg"),
                room=context.chat.id,
                by="person",
                author=Author(id=person.id, name=person.name),
                msgtype=request.msgtype,
                text=request.text or "".join(piece.text or "" for piece in request.pieces),
                mentions=[*([context.robot.id] if mentions_robot else []), *request.mentions],
                quotes=request.quotes,
                media=[self._state.attachment(one) for one in media if one is not None],
                delivery=Delivery.PENDING,
            )
        )

    def _context(self, request: SendRequest) -> SendContext:
        person = self._state.people.get(request.person)
        if person is None:
            raise SendError("person: there is none with this id")
        chat = self._chat(request, person)
        robot = self._state.robots.get(chat.robot)
        if robot is None or request.robot not in {None, robot.id}:
            raise SendError("robot: it is not the one of this chat")
        self._check(request)
        if request.media is None and request.msgtype in MEDIA_KINDS:
            sample = sample_medium(self._state, request.msgtype)
            request = msgspec.structs.replace(request, media=sample.id)
        return SendContext(
            state=self._state, request=request, person=person, robot=robot, chat=chat
        )

    def _check(self, request: SendRequest) -> None:
        if request.quotes is not None and request.quotes not in self._state.messages:
            raise SendError("quotes: there is no message with this id")
        for name in (request.media, *(piece.media for piece in request.pieces)):
            if name is not None and self._state.media.find(name) is None:
                raise SendError("media: there is none with this id")
        try:
            msgspec.json.encode(request.more)
        except (msgspec.MsgspecError, UnicodeError, OverflowError) as error:
            raise SendError("more: it cannot be sent as JSON") from error
        people = (*request.mentions, *(piece.at for piece in request.pieces))
        if any(name is not None and name not in self._state.people for name in people):
            raise SendError("mentions: there is no person with this id")

    def _chat(self, request: SendRequest, person: Person) -> Chat:
        if request.room is not None:
            chat = self._state.chats.get(request.room)
            if chat is None:
                raise SendError("room: there is none with this id")
            if person.id not in chat.members:
                raise SendError("person: not a member of this chat")
            return chat
        robots = iter(self._state.robots)
        robot = self._state.robots.get(request.robot) if request.robot else next(robots, None)
        if robot is None:
            raise SendError("robot: there is none with this id")
        return self._state.private_chat(person, robot)


def _reaches_robot(context: SendContext) -> bool:
    if context.robot.is_disabled or context.chat.is_disbanded or not context.chat.has_robot:
        return False
    if context.chat.kind is ChatKind.PRIVATE:
        return True
    return context.request.mentions_robot and context.request.msgtype not in PRIVATE_KINDS


class Click(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: str
    action: str
    params: dict[str, object] = {}


class _Change(msgspec.Struct, frozen=True):
    values: dict[str, str] = msgspec.field(name="cardParamMap", default_factory=dict)


class _Options(msgspec.Struct, frozen=True):
    by_key: bool = msgspec.field(name="updateCardDataByKey", default=False)


class _Response(msgspec.Struct, frozen=True):
    """A robot's response to a click: new values for the card."""

    change: _Change = msgspec.field(name="cardData", default=_Change())
    options: _Options = msgspec.field(name="cardUpdateOptions", default=_Options())


class _Acknowledged(msgspec.Struct, frozen=True):
    response: _Response | None = None


class CardClicks:
    """Delivers clicks to the robot over the callback type of the card."""

    def __init__(self, state: State, callback_sender: CallbackSender) -> None:
        self._state = state
        self._callback_sender = callback_sender

    async def click(self, card: Card, click: Click) -> Call:
        """Deliver a click and apply the robot's response to the card.

        Raises:
            SendError: the person does not exist, or the card has no callback.
        """
        person = self._state.people.get(click.person)
        chat = self._state.chats.get(card.room or "")
        robot = self._state.robots.get(card.robot)
        if person is None or chat is None or robot is None:
            raise SendError("person or card: there is none with this id, or it was not delivered")
        body = self._body(card, click, person, chat)
        if card.callback_type == "STREAM":
            call, response = await self._pushed(card, body, robot)
        else:
            call, response = await self._post(card, body, robot)
        if response is not None and response.change.values:
            card.set_variables(response.change.values, by_key=response.options.by_key)
            self._state.emit_card(card)
        return call

    def _body(self, card: Card, click: Click, person: Person, chat: Chat) -> dict[str, object]:
        is_group = chat.kind is ChatKind.GROUP
        private = {"cardPrivateData": {"actionIds": [click.action], "params": click.params}}
        return {
            "type": "actionCallback",
            "outTrackId": card.id,
            "corpId": self._state.corp_id,
            "userId": person.staff_id,
            "userIdType": 1,
            "spaceId": chat.id if is_group else person.staff_id,
            "spaceType": "IM_GROUP" if is_group else "IM_ROBOT",
            "extension": "{}",
            "content": msgspec.json.encode(private).decode(),
        }

    async def _post(
        self, card: Card, body: Mapping[str, object], robot: Robot
    ) -> tuple[Call, _Response | None]:
        found = self._state.card_routes.get(card.callback_route_key)
        if found is None:
            raise SendError("card: no address for clicks on it is registered")
        url, secret = found
        timestamp = str(self._state.now())
        request = CallbackRequest(
            endpoint="cardCallback",
            url=url,
            body=body,
            headers={
                "Content-Type": CONTENT_TYPE,
                "x-ddpaas-signature-timestamp": timestamp,
                "x-ddpaas-signature": card_signature(timestamp, secret),
            },
            time_limit=self._state.switches.card_click_time_limit,
            room=card.room,
            message=None,
            robot=robot.id,
            billed=Billed.FREE,
        )
        call, answer = await post(self._state, self._callback_sender.client, request)
        return call, _read(answer, _Response)

    async def _pushed(
        self, card: Card, body: Mapping[str, object], robot: Robot
    ) -> tuple[Call, _Response | None]:
        if self._callback_sender.stream is None:
            raise SendError("card: there is no gateway for clicks on it")
        about = PushContext(endpoint="cardCallback", robot=robot.id, room=card.room)
        pushed = await self._callback_sender.stream.push(robot.client_id, CARD_CLICKS, body, about)
        acknowledgement = (pushed.answer or "").encode("utf-8", "replace")
        inner = _read(acknowledgement, _Acknowledged)
        return pushed.call, inner.response if inner else None


def _read(answer: bytes, shape: type[_Shape]) -> _Shape | None:
    try:
        return decode(answer, shape)
    except UNREADABLE:
        return None

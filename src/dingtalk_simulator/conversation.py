"""What people do: send messages, replay them, and click on cards."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from dingtalk_simulator.callback_bodies import (
    MEDIA_KINDS,
    ONLY_PRIVATE,
    Say,
    Scene,
    callback_body,
    content_of,
    open_session,
    renewed_body,
    sample_medium,
)
from dingtalk_simulator.callback_sender import (
    CARD_CLICKS,
    CONTENT_TYPE,
    About,
    Courier,
    Posting,
    post,
)
from dingtalk_simulator.entities import Card, Person, Robot, Room, RoomKind
from dingtalk_simulator.records import Attachment, Author, Billed, Call, Delivery, Message
from dingtalk_simulator.signature import card_signature
from dingtalk_simulator.state import World, fresh_id
from dingtalk_simulator.wire import UNREADABLE, decode


class CannotSay(ValueError):  # noqa: N818 - reads as what it says
    """Somebody or something that was named does not exist."""


class Talk:
    """What people can do in the rooms of a world."""

    def __init__(self, world: World, courier: Courier) -> None:
        self._world = world
        self._courier = courier

    async def say(self, words: Say) -> Message:
        """The message, once the robot acknowledged it or did not; at once if that is not waited for.

        Raises:
            CannotSay: somebody or something named does not exist, or they do not belong together.
        """
        scene = self._scene(words)
        message = self._posted(scene)
        content = content_of(scene)
        message.content = content
        body = callback_body(scene, message, content)
        self._world.bodies.put(message.id, body)
        if not _reaches_robot(scene):
            message.delivery = Delivery.NOT_DELIVERED
            self._world.tell_delivery(message)
            return message
        await self._carry(message, body, scene.robot, wait=words.wait)
        return message

    async def replay(self, message: Message, *, same_id: bool) -> Message:
        """The same callback once more, or a new message with the same words.

        Raises:
            CannotSay: it is no message of a person, or too old, or its robot is gone.
        """
        body = self._world.bodies.get(message.id)
        room = self._world.rooms.get(message.room)
        robot = self._world.robots.get(room.robot) if room else None
        if body is None or robot is None:
            raise CannotSay("message: it cannot be replayed")
        if not same_id:
            message = self._again(message)
            session = open_session(self._world, message)
            message.session = session.id
            body = self._world.bodies.put(
                message.id, renewed_body(self._world, body, message, session)
            )
        await self._carry(message, body, robot, wait=True)
        return message

    async def _carry(
        self, message: Message, body: dict[str, object], robot: Robot, *, wait: bool
    ) -> None:
        work = self._courier.deliver(message, body, robot)
        if wait:
            await work
        else:
            self._courier.begin(work)

    def _again(self, message: Message) -> Message:
        return self._world.post(
            Message(
                id=fresh_id("msg"),
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

    def _posted(self, scene: Scene) -> Message:
        person, words = scene.person, scene.say
        mentions_robot = scene.is_group and words.mentions_robot
        return self._world.post(
            Message(
                id=fresh_id("msg"),
                room=scene.room.id,
                by="person",
                author=Author(id=person.id, name=person.name),
                msgtype=words.msgtype,
                text=words.text or "".join(piece.text or "" for piece in words.pieces),
                mentions=[*([scene.robot.id] if mentions_robot else []), *words.mentions],
                quotes=words.quotes,
                media=self._attachments(words),
                delivery=Delivery.PENDING,
            )
        )

    def _attachments(self, words: Say) -> list[Attachment]:
        names = [words.media, *(piece.media for piece in words.pieces)]
        media = [self._world.media.find(name) for name in names if name is not None]
        return [self._world.attachment(one) for one in media if one is not None]

    def _scene(self, words: Say) -> Scene:
        person = self._world.people.get(words.person)
        if person is None:
            raise CannotSay("person: there is none with this id")
        room = self._room(words, person)
        robot = self._world.robots.get(room.robot)
        if robot is None or words.robot not in {None, robot.id}:
            raise CannotSay("robot: it is not the one of this room")
        self._check(words)
        if words.media is None and words.msgtype in MEDIA_KINDS:
            sample = sample_medium(self._world, words.msgtype)
            words = msgspec.structs.replace(words, media=sample.id)
        return Scene(world=self._world, say=words, person=person, robot=robot, room=room)

    def _check(self, words: Say) -> None:
        if words.quotes is not None and words.quotes not in self._world.messages:
            raise CannotSay("quotes: there is no message with this id")
        for name in (words.media, *(piece.media for piece in words.pieces)):
            if name is not None and self._world.media.find(name) is None:
                raise CannotSay("media: there is none with this id")
        try:
            msgspec.json.encode(words.more)
        except (msgspec.MsgspecError, UnicodeError, OverflowError) as error:
            raise CannotSay("more: it cannot be sent as JSON") from error
        people = (*words.mentions, *(piece.at for piece in words.pieces))
        if any(name is not None and name not in self._world.people for name in people):
            raise CannotSay("mentions: there is nobody with this id")

    def _room(self, words: Say, person: Person) -> Room:
        if words.room is not None:
            room = self._world.rooms.get(words.room)
            if room is None:
                raise CannotSay("room: there is none with this id")
            if person.id not in room.members:
                raise CannotSay("person: not a member of this room")
            return room
        robots = iter(self._world.robots)
        robot = self._world.robots.get(words.robot) if words.robot else next(robots, None)
        if robot is None:
            raise CannotSay("robot: there is none with this id")
        return self._world.private_room(person, robot)


def _reaches_robot(scene: Scene) -> bool:
    if scene.robot.is_disabled or scene.room.is_disbanded or not scene.room.has_robot:
        return False
    if scene.room.kind is RoomKind.PRIVATE:
        return True
    return scene.say.mentions_robot and scene.say.msgtype not in ONLY_PRIVATE


_Shape = TypeVar("_Shape")


class Click(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: str
    action: str
    params: dict[str, object] = {}


class _Change(msgspec.Struct, frozen=True):
    values: dict[str, str] = msgspec.field(name="cardParamMap", default_factory=dict)


class _Options(msgspec.Struct, frozen=True):
    by_key: bool = msgspec.field(name="updateCardDataByKey", default=False)


class _Response(msgspec.Struct, frozen=True):
    """What a robot may answer to a click: new values for the card."""

    change: _Change = msgspec.field(name="cardData", default=_Change())
    options: _Options = msgspec.field(name="cardUpdateOptions", default=_Options())


class _Acknowledged(msgspec.Struct, frozen=True):
    response: _Response | None = None


class CardClicks:
    """Clicks, carried to the robot the way its card was created for."""

    def __init__(self, world: World, courier: Courier) -> None:
        self._world = world
        self._courier = courier

    async def click(self, card: Card, click: Click) -> Call:
        """The exchange with the robot; what it answers changes the card.

        Raises:
            CannotSay: the person does not exist, or nobody is told of clicks on this card.
        """
        person = self._world.people.get(click.person)
        room = self._world.rooms.get(card.room or "")
        robot = self._world.robots.get(card.robot)
        if person is None or room is None or robot is None:
            raise CannotSay("person or card: there is none with this id, or it was not delivered")
        body = self._body(card, click, person, room)
        if card.callback_type == "STREAM":
            call, response = await self._pushed(card, body, robot)
        else:
            call, response = await self._posted(card, body, robot)
        if response is not None and response.change.values:
            card.set_variables(response.change.values, by_key=response.options.by_key)
            self._world.tell_card(card)
        return call

    def _body(self, card: Card, click: Click, person: Person, room: Room) -> dict[str, object]:
        is_group = room.kind is RoomKind.GROUP
        private = {"cardPrivateData": {"actionIds": [click.action], "params": click.params}}
        return {
            "type": "actionCallback",
            "outTrackId": card.id,
            "corpId": self._world.corp_id,
            "userId": person.staff_id,
            "userIdType": 1,
            "spaceId": room.id if is_group else person.staff_id,
            "spaceType": "IM_GROUP" if is_group else "IM_ROBOT",
            "extension": "{}",
            "content": msgspec.json.encode(private).decode(),
        }

    async def _posted(
        self, card: Card, body: Mapping[str, object], robot: Robot
    ) -> tuple[Call, _Response | None]:
        found = self._world.card_routes.get(card.callback_route_key)
        if found is None:
            raise CannotSay("card: nobody registered an address for clicks on it")
        url, secret = found
        timestamp = str(self._world.now())
        posting = Posting(
            endpoint="cardCallback",
            url=url,
            body=body,
            headers={
                "Content-Type": CONTENT_TYPE,
                "x-ddpaas-signature-timestamp": timestamp,
                "x-ddpaas-signature": card_signature(timestamp, secret),
            },
            time_limit=self._world.switches.card_click_time_limit,
            room=card.room,
            message=None,
            robot=robot.id,
            billed=Billed.FREE,
        )
        call, answer = await post(self._world, self._courier.client, posting)
        return call, _read(answer, _Response)

    async def _pushed(
        self, card: Card, body: Mapping[str, object], robot: Robot
    ) -> tuple[Call, _Response | None]:
        if self._courier.stream is None:
            raise CannotSay("card: there is no gateway for clicks on it")
        about = About(endpoint="cardCallback", robot=robot.id, room=card.room)
        pushed = await self._courier.stream.push(robot.client_id, CARD_CLICKS, body, about)
        told = (pushed.answer or "").encode("utf-8", "replace")
        inner = _read(told, _Acknowledged)
        return pushed.call, inner.response if inner else None


def _read(answer: bytes, shape: type[_Shape]) -> _Shape | None:
    try:
        return decode(answer, shape)
    except UNREADABLE:
        return None

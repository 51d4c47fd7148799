"""People click on cards. Source: DingTalk, "event-callback-card", "register-card-callback-address"."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from dingtalk_simulator.callbacks.courier import Courier
from dingtalk_simulator.callbacks.post import CONTENT_TYPE, Posting, post
from dingtalk_simulator.callbacks.stream import CARD_CLICKS, About
from dingtalk_simulator.callbacks.talk import CannotSay
from dingtalk_simulator.entities import Card, Person, Robot, Room, RoomKind
from dingtalk_simulator.records import Billed, Call
from dingtalk_simulator.signature import card_signature
from dingtalk_simulator.state import World
from dingtalk_simulator.wire import UNREADABLE, decode

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

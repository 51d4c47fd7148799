"""People talk: what they say is put into the room and carried to the robot."""

import msgspec

from dingtalk_simulator.callbacks.body import callback_body, open_session, renewed_body
from dingtalk_simulator.callbacks.contents import Scene, content_of, sample_medium
from dingtalk_simulator.callbacks.courier import Courier
from dingtalk_simulator.callbacks.say import MEDIA_KINDS, ONLY_PRIVATE, Say
from dingtalk_simulator.entities import Person, Robot, Room, RoomKind
from dingtalk_simulator.records import Attachment, Author, Delivery, Message
from dingtalk_simulator.state import World, fresh_id


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

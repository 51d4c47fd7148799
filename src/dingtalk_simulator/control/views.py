"""What the control API shows of the world at once."""

import msgspec

from dingtalk_simulator.entities import Person, Robot, Room
from dingtalk_simulator.records import Bill
from dingtalk_simulator.settings import Notice
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.state import Bounds
from dingtalk_simulator.switches import Failure, Switches


class OpenThings(msgspec.Struct, frozen=True, kw_only=True):
    """How much is alive."""

    sessions: int
    tokens: int
    media: int
    cards: int
    unfinished_cards: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    origin: str
    started_at: int
    cursor: int
    people: list[Person]
    robots: list[Robot]
    rooms: list[Room]
    switches: Switches
    failures: list[Failure]
    billing: Bill
    open: OpenThings
    bounds: Bounds
    notice: Notice


def snapshot(simulator: Simulator) -> Snapshot:
    world = simulator.world
    return Snapshot(
        origin=world.origin,
        started_at=world.started_at,
        cursor=world.events.cursor,
        people=list(world.people),
        robots=[shown_robot(simulator, robot) for robot in world.robots],
        rooms=list(world.rooms),
        switches=world.switches,
        failures=world.failures.all(),
        billing=world.billing.bill(),
        open=OpenThings(
            sessions=world.sessions.alive,
            tokens=world.tokens.alive,
            media=len(world.media),
            cards=len(world.cards),
            unfinished_cards=sum(card.is_unfinished for card in world.cards),
        ),
        bounds=world.bounds,
        notice=simulator.settings.notice,
    )


def shown_robot(simulator: Simulator, robot: Robot) -> Robot:
    """The robot with the number of its connections at this moment."""
    stream = simulator.stream
    count = len(stream.connections(robot.client_id)) if stream and robot.client_id else 0
    return msgspec.structs.replace(robot, connections=count)

"""All states, the nearest first; the shortest way to one that must not be."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from domain.inbox import MAX_ATTEMPTS, Delivery, State, StepOutOfOrder
from tests.explorer.protocol import LIMIT, Protocol
from tests.explorer.state import World

Rule = Callable[[World], Iterator[str]]


@dataclass(slots=True)
class Exploration:
    """What was found from one beginning on."""

    ways: dict[World, tuple[World, str] | None]
    violation: str = ""
    trace: list[str] = field(default_factory=list)

    @property
    def states(self) -> int:
        return len(self.ways)

    def way_to(self, world: World) -> list[str]:
        """What happened, from the beginning on."""
        steps: list[str] = []
        while (way := self.ways[world]) is not None:
            world, words = way
            steps.append(words)
        return steps[::-1]


def explore(begin: World, protocol: Protocol) -> Exploration:
    """Every state that can be reached; ends at the first that breaks a rule."""
    found = Exploration(ways={begin: None})
    waiting = deque([begin])
    back: dict[World, list[World]] = defaultdict(list)
    while waiting:
        world = waiting.popleft()
        broken = next((words for rule in RULES for words in rule(world)), "")
        if broken:
            return _with(found, world, broken)
        try:
            following = list(protocol.next(world))
        except StepOutOfOrder as error:
            return _with(found, world, f"a step that the message's life does not know: {error}")
        for words, is_fault, next_one in following:
            after = next_one.seen_alike()
            if after not in found.ways:
                found.ways[after] = (world, words)
                waiting.append(after)
            if not is_fault:
                back[after].append(world)
    lost = found.ways.keys() - _leading_to_the_end(found, back)
    if lost:
        world = next(one for one in found.ways if one in lost)
        return _with(found, world, "from here on a message is never finished")
    return found


def _with(found: Exploration, world: World, violation: str) -> Exploration:
    found.violation, found.trace = violation, found.way_to(world)
    return found


def _leading_to_the_end(found: Exploration, back: dict[World, list[World]]) -> set[World]:
    """The states from which everything is finished in the end if no fault comes any more."""
    ends = [world for world in found.ways if is_finished(world)]
    known, waiting = set(ends), deque(ends)
    while waiting:
        for before in back[waiting.popleft()]:
            if before not in known:
                known.add(before)
                waiting.append(before)
    return known


def is_finished(world: World) -> bool:
    return all(one.is_stored and not one.is_open for one in world.messages)


def charges(world: World) -> Iterator[str]:
    """I3: each question is charged once at most, and the count is the charges."""
    for index, one in enumerate(world.messages):
        if one.charges > 1:
            yield f"message {index} is charged twice"
        if one.refunds > one.charges:
            yield f"message {index} is given back more than it cost"
    if world.used != sum(one.charges - one.refunds for one in world.messages):
        yield "the count is not the charges"
    if world.used > (LIMIT.limit or 0):
        yield "more is used than the limit allows"


def repeats(world: World) -> Iterator[str]:
    """I4, I5: what happens again outside had a fault in between; what is refused is not asked."""
    for index, one in enumerate(world.messages):
        if one.sent > 1 + one.faults:
            yield f"the reply to message {index} is sent again for no reason"
        if one.asked > 1 + one.faults:
            yield f"message {index} is asked again for no reason"
        if one.progress.state is State.REFUSED and one.asked:
            yield f"message {index} was refused and asked"
        if one.asked > MAX_ATTEMPTS:
            yield f"message {index} is asked again where it should be given up"


def answers(world: World) -> Iterator[str]:
    """I2, I6: who counts as told was told; who got an answer paid for it, others did not."""
    for index, one in enumerate(world.messages):
        if one.progress.delivery is Delivery.DONE and not one.sent:
            yield f"message {index} counts as told, and nobody heard it"
        if one.sent and one.progress.state in {State.RECEIVED, State.LEASED}:
            yield f"the reply to message {index} was sent before it was stored"
        paid = one.charges > one.refunds
        if one.progress.state in {State.ANSWERED, State.DELIVERED} and not paid:
            yield f"message {index} was answered for nothing"
        if one.progress.state in {State.REFUSED, State.FAILED} and paid:
            yield f"message {index} cost something and was not answered"


def order(world: World) -> Iterator[str]:
    """I9: within a conversation the first to be stored is the first to be begun."""
    for one in world.messages:
        for other in world.messages:
            if one.lane != other.lane or one.number is None or other.number is None:
                continue
            if one.number < other.number and one.is_open and other.progress.attempts:
                yield "a later message was begun before an earlier one was finished"


def rights(world: World) -> Iterator[str]:
    """Nobody shares a lease with anybody."""
    holding = [world.lane_of(one) for one in world.workers if one and world.holds(one)]
    if len(holding) != len(set(holding)):
        yield "two workers hold one lease"


RULES: tuple[Rule, ...] = (charges, repeats, answers, order, rights)

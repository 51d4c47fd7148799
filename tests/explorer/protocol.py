"""What can happen next: each step is one transaction, or one thing that is seen outside.

The life of a message and the daily limit are the domain's own functions. What SQL guards is modelled here,
each guard under the name of the module that holds the statement.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from domain.inbox import DECIDED, State
from domain.quota import DailyQuota
from tests.explorer.state import Lease, Message, Step, Worker, World

LIMIT = DailyQuota(limit=1, zone=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """The rules that are relied on. A test breaks one after the other, and must be found out."""

    fenced: bool = True
    """`statements.lanes.held_message`: no write without the lease of the last epoch."""
    leased: bool = True
    """`statements.leasing`: nobody claims a conversation while a lease on it runs."""
    charged_once: bool = True
    """`ledger.charge`: a message that has a charge is not charged again."""
    counted_with_limit: bool = True
    """`ledger.charge`: the count grows only below the limit."""
    decided_before_sending: bool = True
    """`inbox.process_claim`: an answer is stored before it is sent."""
    in_order: bool = True
    """`statements.claims`: the oldest open message of the conversation."""
    exhausted: bool = True
    """`inbox.process_claim`: what was begun too often is given up and not asked again."""

    def next(self, world: World) -> Iterator[tuple[str, bool, World]]:
        """Everything that can happen: in words, whether it is a fault, and what comes of it."""
        for index, message in enumerate(world.messages):
            if not message.is_stored:
                number = sum(one.is_stored for one in world.messages)
                yield f"message {index} is stored", False, world.with_message(index, number=number)
        for index, lane in enumerate(world.lanes):
            if lane.lease is Lease.HELD and world.pauses:
                ended = _struck(world, index).with_lane(index, lease=Lease.ENDED)
                paused = ended._replace(pauses=world.pauses - 1)
                yield f"the lease on conversation {index} ends", True, paused
        for index, worker in enumerate(world.workers):
            if worker is None:
                yield from self._claims(world, index)
                continue
            for words, after in self._steps(world, index, worker):
                yield f"worker {index}: {words}", False, after
            if world.crashes:
                place = world.lane_of(worker)
                struck = _struck(world, place) if world.holds(worker) else world
                gone = struck.with_worker(index, None)._replace(crashes=world.crashes - 1)
                yield f"worker {index} dies", True, gone
        yield from self._time(world)

    def _time(self, world: World) -> Iterator[tuple[str, bool, World]]:
        """A lease that nobody renews ends by itself: that is no fault, it ends one."""
        for index, lane in enumerate(world.lanes):
            holders = [
                worker
                for worker in world.workers
                if worker and world.lane_of(worker) == index and world.holds(worker)
            ]
            if lane.lease is Lease.HELD and not holders:
                yield (
                    f"nobody renews conversation {index}",
                    False,
                    world.with_lane(index, lease=Lease.ENDED),
                )

    def _claims(self, world: World, index: int) -> Iterator[tuple[str, bool, World]]:
        for number, lane in enumerate(world.lanes):
            if lane.lease is Lease.HELD and self.leased:
                continue
            found = [
                (one.number or 0, place)
                for place, one in enumerate(world.messages)
                if one.lane == number and one.is_open
            ]
            if not found:
                continue
            _, place = min(found) if self.in_order else max(found)
            progress = world.messages[place].progress.leased()
            if progress.state in DECIDED:
                step = Step.SEND
            else:
                is_over = progress.is_exhausted and self.exhausted
                step = Step.GIVE_UP if is_over else Step.CHARGE
            after = world.with_new_epoch(number).with_lane(number, lease=Lease.HELD)
            after = after.with_message(place, progress=progress)
            after = after.with_worker(index, Worker(message=place, step=step))
            yield f"worker {index} claims message {place}", False, after

    def _steps(self, world: World, index: int, worker: Worker) -> Iterator[tuple[str, World]]:
        """What the worker may do next, whatever has happened since it looked last."""
        message = world.messages[worker.message]
        if worker.step is Step.ASK:
            asked = world.with_message(worker.message, asked=message.asked + 1)
            yield "asks the model", asked.with_worker(index, worker._replace(step=Step.RECORD))
            return
        if worker.step is Step.SEND:
            sent = world.with_message(worker.message, sent=message.sent + 1)
            yield "sends the reply", sent.with_worker(index, worker._replace(step=Step.SETTLE))
            yield "cannot send it", self._settled(world, index, worker, delivered=False)
            return
        if self.fenced and not world.holds(worker):
            yield f"is refused to {worker.step.value}", world.with_worker(index, None)
            return
        yield from self._writes(world, index, worker, message)

    def _writes(
        self, world: World, index: int, worker: Worker, message: Message
    ) -> Iterator[tuple[str, World]]:
        match worker.step:
            case Step.CHARGE:
                yield self._charged(world, index, worker, message)
                yield "hands it back", self._handed_back(world, index, worker, message)
            case Step.RECORD:
                yield "stores the answer", self._decided(world, index, worker, State.ANSWERED)
                yield "stores that it failed", self._decided(world, index, worker, State.FAILED)
            case Step.REFUSE:
                yield "stores the refusal", self._decided(world, index, worker, State.REFUSED)
            case Step.GIVE_UP:
                yield "gives it up", self._decided(world, index, worker, State.FAILED)
            case Step.SETTLE:
                yield "notes the delivery", self._settled(world, index, worker, delivered=True)
            case _:
                raise AssertionError(worker.step)

    def _charged(
        self, world: World, index: int, worker: Worker, message: Message
    ) -> tuple[str, World]:
        if message.charges and self.charged_once:
            return "finds it charged", world.with_worker(index, worker._replace(step=Step.ASK))
        if LIMIT.left_after(world.used) == 0 and self.counted_with_limit:
            return "finds no question left", world.with_worker(
                index, worker._replace(step=Step.REFUSE)
            )
        after = world.with_message(worker.message, charges=message.charges + 1)
        after = after._replace(used=world.used + 1)
        return "charges it", after.with_worker(index, worker._replace(step=Step.ASK))

    def _handed_back(self, world: World, index: int, worker: Worker, message: Message) -> World:
        after = world.with_message(worker.message, progress=message.progress.handed_back())
        return self._freed(after, index, worker)

    def _decided(self, world: World, index: int, worker: Worker, state: State) -> World:
        message = world.messages[worker.message]
        if message.progress.state in DECIDED and not self.fenced:
            return world.with_worker(index, None)
        after = world
        if self.decided_before_sending:
            progress = message.progress.decided(state, with_reply=True)
            after = world.with_message(worker.message, progress=progress)
        if state is State.FAILED and message.charges > message.refunds:
            after = after.with_message(worker.message, refunds=message.refunds + 1)
            after = after._replace(used=after.used - 1)
        return after.with_worker(index, worker._replace(step=Step.SEND))

    def _settled(self, world: World, index: int, worker: Worker, *, delivered: bool) -> World:
        if self.fenced and not world.holds(worker):
            return world.with_worker(index, None)
        progress = world.messages[worker.message].progress
        if not self.decided_before_sending:
            progress = progress.decided(State.ANSWERED, with_reply=True)
        settled = progress.delivered() if delivered else progress.undelivered()
        return self._freed(world.with_message(worker.message, progress=settled), index, worker)

    @staticmethod
    def _freed(world: World, index: int, worker: Worker) -> World:
        freed = world.with_lane(world.lane_of(worker), lease=Lease.FREE)
        return freed.with_worker(index, None)


def _struck(world: World, lane: int) -> World:
    """Note the fault with what is being worked on in the conversation."""
    for worker in world.workers:
        if worker and world.lane_of(worker) == lane and world.holds(worker):
            message = world.messages[worker.message]
            world = world.with_message(worker.message, faults=message.faults + 1)
    return world

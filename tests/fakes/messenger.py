"""A messenger that keeps what it is given, and fails as it is told to."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from domain.message import IncomingMessage
from domain.reply import ReplyPart, SendResult, Sent

PART_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One part that was taken, and what it answers."""

    part: ReplyPart
    message: IncomingMessage
    key: str


@dataclass(slots=True)
class InMemoryMessenger:
    """Takes everything, unless `results` still holds what the next sends are to come to.

    `tries` has every key that was sent, taken or not. A part is `PART_LENGTH` characters.
    """

    results: deque[SendResult] = field(default_factory=deque)
    deliveries: list[Delivery] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)
    on_send: Callable[[str], None] = lambda _: None

    def will(self, results: Iterable[SendResult]) -> None:
        self.results.extend(results)

    @property
    def texts(self) -> list[str]:
        return [delivery.part.text for delivery in self.deliveries]

    def parts_of(
        self,
        text: str,
        message: IncomingMessage,
        *,
        picture: str = "",
        preface: str = "",
        addresses: Sequence[str] = (),  # noqa: ARG002
    ) -> tuple[ReplyPart, ...]:
        mention = f"\n\n@{message.sender.staff_id}" if message.in_group else ""
        image = f"![]({picture})\n\n" if picture else ""
        text = text.strip() or "…"
        title = text[:20]
        text = (f"{preface}\n\n" if preface else "") + image + text
        stretches = [text[at : at + PART_LENGTH] for at in range(0, len(text), PART_LENGTH)]
        stretches[-1] += mention
        return tuple(ReplyPart(title=title, text=stretch) for stretch in stretches)

    async def send(self, part: ReplyPart, message: IncomingMessage, *, key: str) -> SendResult:
        self.on_send(key)
        self.tries.append(key)
        result = self.results.popleft() if self.results else Sent()
        if isinstance(result, Sent):
            self.deliveries.append(Delivery(part=part, message=message, key=key))
        return result

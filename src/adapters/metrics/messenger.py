"""The messenger, with what became of each part counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.metrics.instruments import Instruments
from application.ports import Messenger
from domain.message import IncomingMessage
from domain.reply import ReplyPart, SendResult, Sent


@dataclass(frozen=True, slots=True)
class CountedMessenger:
    """Satisfies `Messenger`."""

    messenger: Messenger
    instruments: Instruments

    def parts_of(
        self,
        text: str,
        message: IncomingMessage,
        *,
        picture: str = "",
        preface: str = "",
        addresses: Sequence[str] = (),
    ) -> tuple[ReplyPart, ...]:
        return self.messenger.parts_of(
            text, message, picture=picture, preface=preface, addresses=addresses
        )

    async def send(self, part: ReplyPart, message: IncomingMessage, *, key: str) -> SendResult:
        result = await self.messenger.send(part, message, key=key)
        code = "0" if isinstance(result, Sent) else self.instruments.codes(result.code or "none")
        self.instruments.delivered.labels(type(result).__name__.lower(), code).inc()
        return result

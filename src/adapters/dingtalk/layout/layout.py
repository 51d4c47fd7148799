"""An answer as the messages of DingTalk that carry it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from adapters.dingtalk.layout.mention import mention_for
from adapters.dingtalk.layout.sizes import Room
from adapters.dingtalk.layout.split import split
from adapters.dingtalk.markdown.links import destination
from adapters.dingtalk.markdown.rendering import render
from adapters.dingtalk.markdown.title import title_of
from application.wording import Wording
from domain.message import IncomingMessage
from domain.reply import ReplyPart

MOST_PARTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How answers become messages.

    `wording` is asked for each answer: for what stands in where an answer has no words, and for the sentence
    that ends one which is longer than `MOST_PARTS` messages. Images load only from `image_hosts` (`host` or
    `host:port`).
    """

    wording: Callable[[], Wording]
    image_hosts: frozenset[str] = frozenset()
    room: Room = field(default_factory=Room)

    def parts_of(
        self, text: str, message: IncomingMessage, *, picture: str = ""
    ) -> tuple[ReplyPart, ...]:
        """At least one part. The asker is mentioned in the last one; several are numbered.

        `picture` is the source of an image in front of the text. It comes from this house and not from
        people or models, so it is shown wherever it is from.
        """
        mention, fallback = mention_for(message), self.wording().reply_title
        rendered = render(text, image_hosts=self.image_hosts) or fallback
        title = title_of(rendered, fallback=fallback)
        if picture:
            alternative = self.wording().pictures.alternative
            rendered = f"![{alternative}]({destination(picture)})\n\n{rendered}"
        longest = max(mention.text, mention.silent, key=lambda end: len(end.encode()))
        if self.room.beside(longest).holds(rendered):
            return (ReplyPart(title=title, text=rendered + mention.text),)
        texts = self._texts(rendered, longest)
        texts[-1] += mention.text
        count = len(texts)
        return tuple(
            ReplyPart(title=f"({number}/{count}) {title}", text=f"({number}/{count})\n\n{part}")
            for number, part in enumerate(texts, 1)
        )

    def _texts(self, rendered: str, mention: str) -> list[str]:
        notice = f"\n\n{self.wording().answer_in_parts_cut}"
        room = self.room.beside(f"({MOST_PARTS}/{MOST_PARTS})\n\n", notice, mention)
        texts = [piece.whole for piece in islice(split(rendered, room), MOST_PARTS + 1)]
        if len(texts) > MOST_PARTS:
            return [*texts[: MOST_PARTS - 1], texts[MOST_PARTS - 1] + notice]
        return texts

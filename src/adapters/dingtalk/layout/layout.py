"""An answer as the messages of DingTalk that carry it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from adapters.dingtalk.layout.mention import Mention, mention_for
from adapters.dingtalk.layout.sizes import Room
from adapters.dingtalk.layout.split import split
from adapters.dingtalk.markdown.links import destination
from adapters.dingtalk.markdown.rendering import render
from adapters.dingtalk.markdown.title import title_of
from application.wording import Wording
from domain.message import IncomingMessage
from domain.reply import ReplyPart
from domain.sensitive_words import SensitiveWords

MOST_PARTS = 20

SHRINKING = 2
"""How much longer than all messages together a text may be of which the end is looked at."""

_FIRST_STAND_IN = 0xF0000
"""The first of the private characters that stand for addresses while words are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How answers become messages, none of which shows a sensitive word.

    `wording` and `words` are asked for each answer: for what stands in where an answer has no words, for the
    sentence that ends one which is longer than `MOST_PARTS` messages, and for the words that are masked.
    Images load only from `image_hosts` (`host` or `host:port`).
    """

    wording: Callable[[], Wording]
    words: Callable[[], SensitiveWords]
    image_hosts: frozenset[str] = frozenset()
    room: Room = field(default_factory=Room)

    def parts_of(
        self,
        text: str,
        message: IncomingMessage,
        *,
        picture: str = "",
        preface: str = "",
        addresses: Sequence[str] = (),
    ) -> tuple[ReplyPart, ...]:
        """At least one part. The asker is mentioned in the last one; several are numbered.

        `picture` is the source of an image in front of the text. It comes from this house and not from
        people or models, so it is shown wherever it is from. `preface` stands above all and gives no title.
        Words are looked for in what is really sent, and nothing is taken away or decoded afterwards.
        `addresses` are ours and stay whole.
        """
        longest = (MOST_PARTS + 1) * self.room.characters
        is_cut, text = len(text) > SHRINKING * longest, text[: SHRINKING * longest]
        masking = _Masking(self.words(), (*addresses, picture, destination(picture)))
        mention, fallback = masking.mention(mention_for(message)), self.wording().reply_title
        rendered = render(text, image_hosts=self.image_hosts, longest=longest) or fallback
        rendered = masking.markdown(rendered[:longest])
        title = masking.title(title_of(rendered, fallback=fallback))
        if picture:
            alternative = self.wording().pictures.alternative
            rendered = f"![{alternative}]({destination(picture)})\n\n{rendered}"
        if preface:
            above = render(preface, image_hosts=self.image_hosts, longest=longest)
            rendered = f"{masking.markdown(above)}\n\n{rendered}"
        end = max(mention.text, mention.silent, key=lambda end: len(end.encode()))
        if not is_cut and self.room.beside(end).holds(rendered):
            texts = [rendered]
        else:
            pieces = self._texts(rendered, end, is_cut=is_cut)
            texts = [self._checked(part, masking) for part in pieces]
        texts[-1] += mention.text
        if len(texts) == 1:
            return (ReplyPart(title=title, text=texts[0]),)
        count = len(texts)
        return tuple(
            ReplyPart(title=f"({number}/{count}) {title}", text=f"({number}/{count})\n\n{part}")
            for number, part in enumerate(texts, 1)
        )

    def _texts(self, rendered: str, mention: str, *, is_cut: bool) -> list[str]:
        notice = f"\n\n{self.wording().answer_in_parts_cut}"
        room = self.room.beside(f"({MOST_PARTS}/{MOST_PARTS})\n\n", notice, mention)
        texts = [piece.whole for piece in islice(split(rendered, room), MOST_PARTS + 1)]
        if is_cut or len(texts) > MOST_PARTS:
            texts = texts[:MOST_PARTS]
            return [*texts[:-1], texts[-1] + notice]
        return texts

    def _checked(self, part: str, masking: "_Masking") -> str:
        """The part itself, unless it shows a word where it stands alone: then masked, and cut to fit."""
        masked = masking.markdown(part)
        if masked == part or self.room.holds(masked):
            return masked
        return masked[: self.room.furthest(masked, 0)]


class _Masking:
    """The sensitive words, and the addresses among which none is looked for."""

    def __init__(self, words: SensitiveWords, addresses: Sequence[str]) -> None:
        self._words = words
        longest_first = sorted({*addresses} - {""}, key=len, reverse=True)
        self._stand_ins = {
            address: chr(_FIRST_STAND_IN + place) for place, address in enumerate(longest_first)
        }

    def markdown(self, text: str) -> str:
        if not len(self._words):
            return text
        text = text.translate(dict.fromkeys(map(ord, self._stand_ins.values())))
        for address, stand_in in self._stand_ins.items():
            text = text.replace(address, stand_in)
        text = self._words.mask_as_shown(text)
        for address, stand_in in self._stand_ins.items():
            text = text.replace(stand_in, address)
        return text

    def title(self, text: str) -> str:
        return self._words.mask_typed(text)

    def mention(self, mention: Mention) -> Mention:
        """A staff id that is a word calls nobody; the name stands in its place."""
        if not self._words.found_in(mention.text):
            return mention
        return Mention(text=mention.silent, silent=mention.silent)

"""What must hold after every fault: nothing lost, nobody charged twice, nobody gets another's answer."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.load import MULTI_TURN, RESET, SECRET, Said
from tests.crash.outside import NONCE, Outside
from tests.crash.records import Records

LEDGER = """
    SELECT user_key, used, (
        SELECT count(*) FROM charges WHERE charges.user_key = usage.user_key
        AND charges.day = usage.day AND refunded_at IS NULL)
    FROM usage"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A message as the database knows it."""

    number: int
    conversation: str
    user: str
    state: str
    delivery: str
    reason: str
    is_finished: bool
    charged: bool
    refunded: bool
    question: str
    answer: str


ROWS = """
    SELECT m.msg_id, m.id, m.conversation, m.user_key, m.state, m.delivery, m.reason,
        m.finished_at IS NOT NULL, c.message IS NOT NULL, c.refunded_at IS NOT NULL,
        coalesce(e.question, ''), coalesce(e.answer, '')
    FROM messages m LEFT JOIN charges c ON c.message = m.id LEFT JOIN exchanges e ON e.message = m.id
    ORDER BY m.id"""


@dataclass(slots=True, kw_only=True)
class Evidence:
    """All that is known when the faults are over and the work is done."""

    history: Sequence[Said]
    outside: Outside
    records: Records
    logs: Sequence[Path]
    limit: int
    stored: dict[str, Row] = field(init=False)

    def __post_init__(self) -> None:
        self.stored = {str(msg_id): row_of(rest) for msg_id, *rest in self.records.rows(ROWS)}

    def known(self) -> list[tuple[Said, Row]]:
        """The messages that the service has, in the order in which it took them."""
        found = [
            (one, self.stored[one.msg_id]) for one in self.history if one.msg_id in self.stored
        ]
        return sorted(found, key=lambda pair: pair[1].number)

    def violations(self) -> list[str]:
        """Every broken promise in a sentence; empty if all were kept."""
        judges = (
            self._lost, self._unanswered, self._charges, self._repeats, self._strangers,
            self._contexts, self._order, self._statuses, self._leaks, self._refusals,
        )  # fmt: skip
        return [found for judge in judges for found in judge()]

    def figures(self) -> dict[str, int]:
        asked, replies = self.outside.asked(), self.outside.replies()
        states = Counter(row.state for row in self.stored.values())
        return {
            "messages": len(self.history),
            "struck": len(self.outside.marks),
            "acknowledged": sum(one.acknowledged for one in self.history),
            "stored": len(self.stored),
            "delivered": states["delivered"],
            "refused": states["refused"],
            "given up": states["failed"],
            "model calls": len(asked),
            "asked again": len(asked) - len(set(asked)),
            "parts sent": len(replies),
            "parts sent again": len(replies) - len({(one.nonce, one.key) for one in replies}),
            "lost": len(list(self._lost())),
            "charged twice": len(list(self._charges())),
        }

    def _lost(self) -> Iterator[str]:
        """I1."""
        for said in self.history:
            row = self.stored.get(said.msg_id)
            if said.acknowledged and (row is None or not is_settled(row)):
                yield f"{said.msg_id} was acknowledged and is not finished: {row}"

    def _unanswered(self) -> Iterator[str]:
        """I2."""
        heard = {reply.nonce for reply in self.outside.replies()}
        for said, row in self.known():
            if row.delivery == "done" and said.nonce not in heard:
                yield f"{said.msg_id} counts as told, and nobody heard it: {row}"
            if row.delivery == "none" and row.is_finished:
                yield f"{said.msg_id} ended without a word: {row}"

    def _charges(self) -> Iterator[str]:
        """I3, at the end; `audit` looks while it runs."""
        yield from audit(self.records, self.limit)
        questions: Counter[str] = Counter()
        charged: Counter[str] = Counter()
        for said, row in self.known():
            questions[row.user] += said.is_question and row.state != "failed"
            charged[row.user] += row.charged and not row.refunded
            answered = said.is_question and row.state in {"answered", "delivered"}
            if answered != (row.charged and not row.refunded):
                yield f"{said.msg_id}: an answer costs, and nothing else does: {row}"
        for user, count in questions.items():
            if charged[user] != min(self.limit, count):
                yield f"{user} asked {count} with a limit of {self.limit}, charged {charged[user]}"

    def _repeats(self) -> Iterator[str]:
        """I4 and I5: what happens twice had a fault in between."""
        marks = self.outside.marks
        asked = self.outside.asked()
        yield from (
            f"{nonce} was asked again for no reason"
            for nonce in repeated(asked, [(mark.begin.asked, mark.end.asked) for mark in marks])
        )
        sent = [f"{reply.nonce} part {reply.key}" for reply in self.outside.replies()]
        yield from (
            f"{part} was sent again for no reason"
            for part in repeated(sent, [(mark.begin.replied, mark.end.replied) for mark in marks])
        )
        refused = {said.nonce for said, row in self.known() if row.state == "refused"}
        yield from (f"{nonce} was refused and asked" for nonce in refused & set(asked))

    def _strangers(self) -> Iterator[str]:
        """I6."""
        for reply in self.outside.replies():
            if set(NONCE.findall(reply.text)) - {reply.nonce}:
                yield f"{reply.nonce} got an answer to somebody else's question"
        firsts = {one.nonce for one in self.outside.replies() if one.nonce in one.text}
        for said, row in self.known():
            if not (said.is_question and row.state == "delivered"):
                continue
            if said.nonce not in firsts:
                yield f"{said.nonce} never got the part that holds its answer"
            if not (said.nonce in row.question and said.nonce in row.answer):
                yield f"{said.nonce} has another history: {row}"

    def _contexts(self) -> Iterator[str]:
        """I9: the history that goes along is that of the conversation, whole and in order."""
        expected: dict[str, tuple[str, ...]] = {}
        past: defaultdict[str, tuple[str, ...] | None] = defaultdict(lambda: None)
        for said, row in self.known():
            here = past[row.conversation]
            expected[said.nonce] = here or ()
            if row.state not in {"answered", "delivered"}:
                continue
            if said.text == RESET:
                past[row.conversation] = None
            elif said.text == MULTI_TURN:
                past[row.conversation] = here or ()
            elif said.is_question and here is not None:
                past[row.conversation] = (*here, said.nonce)
        for *context, nonce in self.outside.contexts():
            if tuple(context) != expected.get(nonce):
                yield f"{nonce} was asked with {context}, not with {expected.get(nonce)}"

    def _order(self) -> Iterator[str]:
        """I9: within a conversation the first to be taken is the first to be told."""
        first: dict[str, int] = {}
        for place, reply in enumerate(self.outside.replies()):
            first.setdefault(reply.nonce, place)
        last: dict[str, int] = {}
        for said, row in self.known():
            place = first.get(said.nonce, -1)
            if place >= 0 and row.delivery == "done":
                if place < last.get(row.conversation, -1):
                    yield f"{said.nonce} was told too early"
                last[row.conversation] = place

    def _statuses(self) -> Iterator[str]:
        """I7."""
        statuses = {status for said in self.history for status in said.outcomes}
        yield from (f"status {status}" for status in statuses - {200, 503, None})

    def _leaks(self) -> Iterator[str]:
        """I8: neither secrets nor what people say is in the log."""
        log = "".join(one.read_text() for one in self.logs)
        if SECRET in log or NONCE.search(log):
            yield "the log quotes what it must not"

    def _refusals(self) -> Iterator[str]:
        """What is sent is as DingTalk takes it: the right type, not too large, to a session that is open."""
        yield from (f"DingTalk refused {refusal}" for refusal in self.outside.refusals())


def audit(records: Records, limit: int) -> list[str]:
    """I3 at one moment: the count is the charges, and never above the limit."""
    return [
        f"{user} has used {used} of {limit}, with {charges} charges"
        for user, used, charges in records.rows(LEDGER)
        if used != charges or int(str(used)) > limit
    ]


def is_settled(row: Row) -> bool:
    return row.is_finished or row.delivery == "waiting"


def repeated(events: Sequence[str], marks: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Events that came twice without a mark, of begin and end, in between."""
    last: dict[str, int] = {}
    for place, event in enumerate(events):
        before = last.get(event)
        if before is not None and not any(before < end and begin <= place for begin, end in marks):
            yield event
        last[event] = place


def row_of(columns: Iterable[object]) -> Row:
    number, *texts = columns
    conversation, user, state, delivery, reason = map(str, texts[:5])
    finished, charged, refunded = map(bool, texts[5:8])
    question, answer = map(str, itertools.islice(texts, 8, None))
    return Row(
        number=int(str(number)),
        conversation=conversation,
        user=user,
        state=state,
        delivery=delivery,
        reason=reason,
        is_finished=finished,
        charged=charged,
        refunded=refunded,
        question=question,
        answer=answer,
    )

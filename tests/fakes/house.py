"""A whole house without walls: the use cases over fakes, and rules to judge by."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from application.ports import Claim, Lease, StoredReply, Use, WaitingReply
from application.rulebook import Rulebook
from application.wording import CHINESE
from domain.access import AccessPolicy
from domain.command import Mode
from domain.conversation import Session, TokenBudget
from domain.inbox import Progress
from domain.message import IncomingMessage, UserKey
from domain.prompts import PromptBook, PromptTemplate
from domain.quota import DailyQuota
from domain.reply import ReplyPart, SendResult, Sent
from domain.sensitive_words import SensitiveWords
from domain.spending import PriceBook
from tests.strategies import find_by_looking

RULES = Rulebook(
    access=AccessPolicy(),
    quota=DailyQuota(limit=2, zone=ZoneInfo("Asia/Shanghai")),
    sensitive_words=SensitiveWords(["机密"], find_by_looking),
    prompts=PromptBook.of([PromptTemplate(title="周报", prefix="写周报：", suffix="。")]),
    budget=TokenBudget(question=100, answer=100, text=400),
    default_mode=Mode.SINGLE_TURN,
    session_timeout=timedelta(minutes=10),
    system_prompt="",
    help="我能做什么",
    wording=CHINESE,
    prices=PriceBook(),
)


def rules(**changes: object) -> Rulebook:
    return replace(RULES, **changes)  # type: ignore[arg-type] # each test names real fields


def claim_of(  # noqa: PLR0913 - everything a claim can know
    message: IncomingMessage,
    *,
    session: Session | None = None,
    progress: Progress | None = None,
    reply: StoredReply | None = None,
    last_refusal: object = None,
    waiting: tuple[WaitingReply, ...] = (),
) -> Claim:
    """A freshly leased message."""
    return Claim(
        lease=Lease(conversation=message.conversation, epoch=1, message=1),
        message=message,
        progress=progress or Progress().leased(),
        reply=reply,
        session=session or Session(),
        last_refusal=last_refusal,  # type: ignore[arg-type] # a moment or None
        waiting=waiting,
    )


class LetterCounter:
    """One token a letter."""

    def count(self, text: str) -> int:
        return len(text)


class PlainPseudonyms:
    def pseudonym_of(self, user: UserKey) -> str:
        return f"pseudonym of {user}"


async def as_stored(part: ReplyPart, _message: IncomingMessage) -> ReplyPart:
    """Nothing is left out of what is stored."""
    return part


class WholeMessenger:
    """Every reply is one part, and every part is taken."""

    def parts_of(
        self,
        text: str,
        message: IncomingMessage,  # noqa: ARG002
        *,
        picture: str = "",
        preface: str = "",
        addresses: Sequence[str] = (),  # noqa: ARG002
    ) -> tuple[ReplyPart, ...]:
        image = f"![]({picture})\n\n" if picture else ""
        above = f"{preface}\n\n" if preface else ""
        return (ReplyPart(title="回复", text=above + image + text),)

    async def send(self, part: ReplyPart, message: IncomingMessage, *, key: str) -> SendResult:  # noqa: ARG002
        return Sent()


@dataclass
class CountingLedger:
    """Counts in a dictionary; the SQL one has the contract to keep."""

    counts: dict[tuple[UserKey, date], int] = field(default_factory=dict)
    charged: set[int] = field(default_factory=set)

    async def charge(self, lease: Lease, user: UserKey, day: date, *, limit: int | None) -> Use:
        used = self.counts.get((user, day), 0)
        if lease.message in self.charged:
            return Use(used=used)
        if limit is not None and used >= limit:
            return Use(used=used, admitted=False)
        self.charged.add(lease.message)
        self.counts[user, day] = used + 1
        return Use(used=used + 1)

    async def used(self, user: UserKey, day: date) -> int:
        return self.counts.get((user, day), 0)

"""What there is to write on the history page; each language writes all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.failover import Attempt
from domain.history import Record
from domain.inbox import State
from domain.message import RoomKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWording:
    """Plain text. Words in braces are filled in with `str.format`."""

    lang: str
    """The language itself, as HTML names it."""

    # Whose conversation it is, and who may read it.
    title: str  # {nick}
    staff_id: str  # {id}
    imported: str
    no_staff_id: str
    questions: str  # {count}
    period: str  # {first} {last}
    zone: str  # {zone}
    readers: str  # {moment}
    nothing_kept: str

    # What can be done.
    to_content: str
    actions: str
    download: str  # {format}
    revoke: str
    revoke_note: str
    revoke_now: str
    revoked_title: str
    revoked: str

    # What a link shows that opens nothing, and one that cannot be read at this moment.
    dead_title: str
    dead: str
    new_link: str
    no_format: str
    formats: str  # {formats}
    away_title: str
    away: str

    # On paper.
    printed: str  # {reader} {moment} {zone} {page}

    # Finding.
    search: str
    search_hint: str
    search_now: str
    clear: str
    found: str  # {count} {text}
    none_found: str  # {text}
    newest_first: str
    pages: str
    page_of: str  # {number} {count}
    go_to_page: str
    go: str
    first: str
    previous: str
    next: str
    last: str

    # One question with its answer.
    rooms: Mapping[RoomKind, str]
    asked: str
    answered: str
    no_answer: str
    picture: str  # {question}
    foreign_picture: str  # {text} {host}
    picture_without_host: str  # {text}
    not_laid_out: str
    cut: str
    states: Mapping[State, str]
    reasons: Mapping[str, str]
    because: str  # {state} {reason}
    imported_record: str
    tokens: str  # {prompt} {answer}
    thoughts: str  # {tokens}
    attempt: str  # {provider} {outcome} {seconds}
    not_asked: str  # {provider} {outcome}
    outcomes: Mapping[str, str]
    first_piece: str  # {seconds}
    took: str  # {seconds}

    day_form: str  # {year} {month} {day} {weekday}
    months: tuple[str, ...]
    weekdays: tuple[str, ...]

    def day(self, day: date) -> str:
        """A day as people write it."""
        return self.day_form.format(
            year=day.year,
            month=self.months[day.month - 1],
            day=day.day,
            weekday=self.weekdays[day.weekday()],
        )

    def moment(self, moment: datetime) -> str:
        """A moment as people read it, in its own zone."""
        return f"{moment:%Y-%m-%d %H:%M}"

    def outcome(self, record: Record) -> str:
        """What became of a question; a reason is named where there are words for it."""
        state, reason = self.states[record.state], self.reasons.get(record.reason)
        return state if reason is None else self.because.format(state=state, reason=reason)

    def facts(self, record: Record) -> tuple[str, ...]:
        """What was tried, who answered, with how much and how fast, as far as it is known."""
        told = [self._attempt(one) for one in record.attempts]
        if not record.provider and not record.model:
            return tuple(told)
        told.append(" · ".join(filter(None, (record.provider, record.model))))
        if record.prompt_tokens or record.answer_tokens:
            told.append(
                self.tokens.format(
                    prompt=f"{record.prompt_tokens:,}", answer=f"{record.answer_tokens:,}"
                )
            )
        if record.thought_tokens:
            told.append(self.thoughts.format(tokens=f"{record.thought_tokens:,}"))
        if record.first_token_after is not None:
            told.append(self.first_piece.format(seconds=_seconds(record.first_token_after)))
        if record.took:
            told.append(self.took.format(seconds=_seconds(record.took)))
        return tuple(told)

    def _attempt(self, attempt: Attempt) -> str:
        """One try at a provider, or why it was not asked."""
        outcome = self.outcomes.get(attempt.outcome) or self.reasons.get(attempt.outcome)
        form = self.attempt if attempt.was_asked else self.not_asked
        return form.format(
            provider=" · ".join(filter(None, (attempt.provider, attempt.model))),
            outcome=outcome or attempt.outcome,
            seconds=_seconds(attempt.took),
        )


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():.1f}"

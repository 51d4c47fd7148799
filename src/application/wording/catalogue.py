"""What there is to say; each language says all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.errors import ModelFailure
from application.wording.balance import BalanceWording
from application.wording.history import HistoryWording
from application.wording.pages import PageWording
from application.wording.pictures import PictureWording
from application.wording.sites import SiteWording
from domain.access import Refusal
from domain.command import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Sentences in Markdown. Words in braces are filled in with `str.format`."""

    help: str
    help_on_pictures: str  # the part of `help` that is left out where no pictures are made

    # Turned away.
    refusals: Mapping[Refusal, str]
    only_text: str
    allowance_used_up: str
    kept_back: str
    sensitive: str
    question_too_long: str  # {tokens} {limit}
    over_quota: str  # {limit} {resets_at}
    administrators_only: str

    # Modes.
    mode_names: Mapping[Mode, str]
    mode_switched: str  # {mode} {span} {default}
    session_reset: str  # {default}

    minutes: str  # {count}
    seconds: str  # {count}

    # Templates.
    templates: str  # {titles}
    template_line: str  # {title}
    no_templates: str
    template_shown: str  # {title} {prompt}
    template_words: str

    # Use of today.
    usage: str  # {asked} {limit} {left} {resets_at}
    usage_unlimited: str  # {asked}
    context_use: str  # {tokens} {room} {percent} {turns}
    no_context: str  # {mode}

    # Group ids.
    group_id: str  # {id} {title}
    group_id_logged: str
    group_id_outside: str
    user_id: str  # {id}
    no_user_id: str

    # Answers that did not come, or not whole.
    failures: Mapping[type[ModelFailure], str]
    gave_up: str
    went_wrong: str
    cut_short: str
    picture_not_seen: str
    cut_off: str
    answer_in_parts_cut: str
    reasoning: str
    reply_title: str

    # What has a page of its own.
    pictures: PictureWording
    history: HistoryWording
    pages: PageWording
    balance: BalanceWording
    sites: SiteWording

    def help_for(self, *, draws: bool) -> str:
        """The help text, without pictures where nobody makes them."""
        return self.help if draws else self.help.replace(self.help_on_pictures, "")

    def span(self, length: timedelta) -> str:
        """A length of time as people say it."""
        seconds = round(length.total_seconds())
        if seconds % 60:
            return self.seconds.format(count=seconds)
        return self.minutes.format(count=seconds // 60)

    def moment(self, moment: datetime) -> str:
        """A moment as people read it, in its own zone."""
        return f"{moment:%m-%d %H:%M}"

    def sorry(self, failure: ModelFailure) -> str:
        return self.failures[type(failure)]

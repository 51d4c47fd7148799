"""Switch a conversation's mode, or begin it anew."""

from application.rulebook import Rulebook
from domain.command import Mode
from domain.conversation import Session


def switch_mode(session: Session, mode: Mode, rules: Rulebook) -> tuple[str, Session]:
    """What the person is told, and the session in its new mode."""
    names = rules.wording.mode_names
    text = rules.wording.mode_switched.format(
        mode=names[mode],
        span=rules.wording.span(rules.session_timeout),
        default=names[rules.default_mode],
    )
    return text, session.in_mode(mode)


def reset(session: Session, rules: Rulebook) -> tuple[str, Session]:
    """What the person is told, and an empty session in the default mode."""
    default = rules.wording.mode_names[rules.default_mode]
    return rules.wording.session_reset.format(default=default), Session(
        touched_at=session.touched_at
    )

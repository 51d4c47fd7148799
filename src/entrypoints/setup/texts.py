"""What setup says and writes; each language says all of it, in a module of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from entrypoints.settings.texts import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupTexts:
    """Words in braces are filled in with `str.format`."""

    welcome: str  # {file}
    questions: Mapping[str, str]
    """What is asked for, by the name of the answer."""
    optional: str
    """Behind a question that may be left empty."""
    hidden: str
    """Behind a question whose answer is not shown."""

    services: str
    other_service: str
    key_page: str  # {page}
    choose: str  # {count}
    not_a_choice: str  # {count}
    listed_models: str  # {count}
    ends: str  # {day}
    more_models: str  # {count}
    matching_models: str  # {text}
    no_list: str  # {example}
    modes: Mapping[str, str]

    not_usable: str  # {name} {problem}
    unprintable: str
    needed: str
    checking_list: str
    checking_chat: str
    checking_robot: str
    checking_stream: str
    listed: str  # {count}
    after_failure: str
    after_network_failure: str

    written: str  # {file}
    start: str  # {command}
    doctor: str  # {command}
    stream_hint: str
    http_hint: str  # {url}
    http_hint_without_url: str
    cancelled: str
    file_exists: str  # {file} {command}
    cannot_write: str  # {file} {reason}
    not_given: str  # {options}
    check_failed: str
    unreadable_file: str  # {file} {reason}

    # Comments of the file that is written.
    file_head: str
    file_model: str
    file_proxy: str
    file_robot: str
    file_outgoing: str
    file_people: str


def texts_in(language: Language) -> SetupTexts:
    from entrypoints.setup import en, zh  # noqa: PLC0415 - they stand on this module

    return zh.CHINESE if language == "zh" else en.ENGLISH

"""What the command line has to say; each language says all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """The help of one command. `parameters` explains each option by the name of its Python parameter."""

    text: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CliTexts:
    """Words in braces are filled in with `str.format`."""

    program: str
    version: str
    show_help: str
    commands: Mapping[str, CommandHelp]

    # The frame of a help page.
    usage: str
    options_title: str
    arguments_title: str
    commands_title: str
    errors_title: str
    default: str  # {}
    required: str

    # Usage errors.
    no_such_command: str  # {name}
    no_such_option: str  # {name}
    did_you_mean: str  # {names}
    missing: str  # {name}
    bad_value: str  # {name} {allowed}
    wrong_usage: str
    try_help: str  # {command}

    no_such_file: str  # {file}

    # serve
    trial_needs_no_file: str  # {command}
    port_taken: str  # {address} {reason}
    port_taken_in_trial: str  # {address} {reason} {other}
    simulator_port_taken: str  # {address} {reason} {other}

    # migrate
    schema_is_current: str  # {revision}
    schema_changed: str  # {before} {after}
    schema_is_behind: str  # {before} {after}
    no_schema: str

    # Files that are written.
    file_exists: str  # {file}
    file_unwritable: str  # {file} {reason}

    # backup
    backup_in_file: str  # {file}
    backup_written: str
    backup_on_terminal: str
    backup_on_server: str
    nothing_to_back_up: str  # {file}
    backup_failed: str  # {reason}

    # export-history
    format_unknown: str  # {formats}
    exported: str  # {count} {names}
    exported_to_file: str  # {count} {names} {file}
    and_more_people: str  # {names} {count}
    no_history_yet: str  # {file}
    migrate_first: str  # {command}
    nobody_called: str  # {name}
    several_people: str
    one_of_several: str  # {key} {name} {count} {day}

    # simulate
    cannot_listen: str  # {address} {reason}
    no_address: str  # {option} {found}

    # send
    send_no_service: str  # {url} {start}
    send_refused: str  # {status}
    send_no_reply: str  # {seconds}
    send_unsigned: str  # {hosts}
    send_port_taken: str  # {port}
    send_not_delivered: str  # {delivery}
    send_simulator_gone: str  # {reason}
    picture_saved: str  # {path}

    # example-config
    example_written: str  # {file} {command}
    example_exists: str  # {file}
    example_failed: str  # {file} {reason}

"""Switches for behaviour that DingTalk leaves open, and failures to inject."""

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=10_000_000)]
Opening: TypeAlias = Literal["works", "refused", "throttled", "unavailable", "nonsense", "hangs"]
Pause = Annotated[float, msgspec.Meta(ge=0.01, le=10_000_000)]
"""Seconds between two attempts; not zero, which would repeat them without a pause."""
Names = Annotated[tuple[str, ...], msgspec.Meta(max_length=100)]

MAX_FAILURES = 200


class Switches(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The switches with their defaults. `docs/simulator.md` documents them."""

    callback_time_limit: Seconds = 2.5
    callback_redeliveries: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    callback_redelivery_pause: Seconds = 60.0
    redeliver_after_refusal: bool = True
    inline_replies_count: bool = True
    outgoing_callbacks_are_signed: bool = False
    is_published: bool = True
    content_as_string: bool = False
    voice_format: Literal["amr", "ogg"] = "amr"
    created_at_as_string: bool = False
    quota_code_as_string: bool = False
    quotes_in_legacy_form: bool = False

    session_life: Seconds = 5400.0
    session_sends_a_minute: Count = 0
    session_honours_msg_uuid: bool = False
    outgoing_sessions_need_sign: bool = False
    mentions_by_dingtalk_id: bool = True
    custom_sends_a_minute: Count = 20
    custom_rest: Seconds = 600.0

    token_life: Seconds = 7200.0
    tokens_are_interchangeable: bool = True
    invalid_token_status: Annotated[int, msgspec.Meta(ge=400, le=403)] = 400
    api_calls_a_second: Count = 20
    monthly_api_calls: Count = 0
    monthly_messages: Count = 0
    flow_controlled_staff_ids: Names = ()
    download_code_life: Seconds = 86_400.0
    download_url_life: Seconds = 600.0

    card_templates: Names = ()
    card_variables: Annotated[dict[str, Names], msgspec.Meta(max_length=100)] = {}
    card_keys_of_plain_text: Names = ()
    cards_take_empty_content: bool = True
    card_content_limit: Count = 0
    card_click_time_limit: Seconds = 2.0

    stream_opening: Opening = "works"
    stream_refuses_tickets: bool = False
    stream_closes_at_once: bool = False
    stream_is_silent: bool = False
    stream_sends_twice: bool = False
    stream_garbles: bool = False
    stream_ignores_acknowledgements: bool = False
    stream_loses_offline: bool = False
    stream_latency: Seconds = 0.0
    stream_hanging: Seconds = 60.0
    stream_ticket_life: Seconds = 90.0
    stream_attempts: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    stream_redelivery_pause: Pause = 60.0
    stream_ping_interval: Seconds = 30.0
    stream_ping_patience: Pause = 60.0
    stream_rotation_silence: Seconds = 10.0


def with_changes(switches: Switches, changes: bytes) -> Switches:
    """The switches with changes from JSON.

    Raises:
        msgspec.MsgspecError: it is no object, a switch does not exist, or a value is invalid.
    """
    values = msgspec.json.decode(changes, type=dict[str, object])
    return msgspec.convert(msgspec.to_builtins(switches) | values, Switches)


class FailureKind(StrEnum):
    ERRCODE = "errcode"
    CODE = "code"
    ANSWER = "answer"
    THROTTLE_PAGE = "throttle_page"
    THROTTLE_JSON = "throttle_json"
    LATENCY = "latency"
    HANG = "hang"
    CLOSE = "close"
    RESET = "reset"
    DRIP = "drip"
    FLOOD = "flood"
    DUPLICATE = "duplicate"
    BAD_SIGNATURE = "bad_signature"
    STALE_SIGNATURE = "stale_signature"
    QUOTA = "quota"


CALLBACK_KINDS = frozenset(
    {
        FailureKind.LATENCY,
        FailureKind.DUPLICATE,
        FailureKind.BAD_SIGNATURE,
        FailureKind.STALE_SIGNATURE,
        FailureKind.QUOTA,
    }
)
ANSWER_KINDS = (frozenset(FailureKind) - CALLBACK_KINDS) | {FailureKind.LATENCY}


class Failure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A failure of an endpoint; if `times` is None, it lasts until it is cleared.

    If `handled`, the request takes effect and only its response is replaced.
    """

    endpoint: str
    kind: FailureKind
    times: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = 1
    handled: bool = False
    errcode: int = -1
    errmsg: str = "said so"
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] | None = None
    code: str = "system.error"
    body: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 3600.0
    copies: Annotated[int, msgspec.Meta(ge=1, le=50)] = 1


class Failures:
    """A queue of failures for each endpoint; the next call gets the first one."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Failure]] = {}

    def add(self, failure: Failure) -> None:
        """Queue a failure. Raises ValueError if there are too many."""
        if len(self.all()) >= MAX_FAILURES:
            raise ValueError(f"there are {MAX_FAILURES} failures already")
        self._rows.setdefault(failure.endpoint, []).append(failure)

    def pop(self, endpoint: str) -> Failure | None:
        """The failure for this call; its remaining `times` decrease."""
        row = self._rows.get(endpoint)
        if not row:
            return None
        met = row[0]
        if met.times is not None:
            left = met.times - 1
            row[:1] = [msgspec.structs.replace(met, times=left)] if left else []
        return met

    def all(self) -> list[Failure]:
        return [failure for row in self._rows.values() for failure in row]

    def clear(self, endpoint: str | None = None) -> None:
        if endpoint is None:
            self._rows.clear()
        else:
            self._rows.pop(endpoint, None)

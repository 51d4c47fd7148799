"""What servers do to those who ask them, row by row of the list of faults (H1 to H15)."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.openai.answer import LONGEST_ANSWER
from adapters.openai.connection import ConnectionOptions, OpenAIEndpoint
from adapters.openai.timeouts import StreamTimeouts
from application.errors import (
    ModelCutOff,
    ModelDeclined,
    ModelFailure,
    ModelGaveNothing,
    ModelGone,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelRejected,
    ModelTimedOut,
    ModelUnavailable,
    PromptTooLong,
)
from application.ports import FinishReason
from tests.contracts.chat_model import PROMPT
from tests.fakes.model_server import (
    DONE,
    Behaviour,
    Call,
    Line,
    answer,
    chunk,
    completion,
    error,
    event,
    finished,
    reset,
    said,
    silence,
    status,
    stream,
    used,
)
from tests.integration.models.over_http import KEY, asked, model_at, outcome_of, served

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "body",
    [
        {"choices": []},
        {"choices": [{"finish_reason": "stop"}]},
        completion(None),
        completion(""),
        completion(" \n\t"),
        completion([{"type": "text"}]),
    ],
)
async def test_h1_an_answer_without_words_is_none(body: object) -> None:
    outcome = await asked(status(200, body), streams=False)

    assert isinstance(outcome.failure, ModelGaveNothing)
    assert outcome.text == ""


@pytest.mark.parametrize(
    "events",
    [
        [finished()],
        [chunk(), finished()],
        [said(""), finished()],
        [said(" "), said("\n\n"), finished()],
        [chunk({"content": None}), finished()],
        [event({"choices": [{"finish_reason": "stop"}]})],
        [event({"choices": [{"delta": None, "finish_reason": "stop"}]})],
        [DONE],
    ],
)
async def test_h1_a_stream_without_words_is_no_answer(events: list[bytes]) -> None:
    outcome = await asked(stream(*events, DONE))

    assert isinstance(outcome.failure, ModelGaveNothing)
    assert outcome.text == ""


async def test_h1_white_space_before_the_first_word_is_no_piece_of_its_own() -> None:
    async with served(answer(" ", "\n", "四", " ", "。")) as (model, _):
        pieces = [item async for item in model.answer(PROMPT) if isinstance(item, str)]

    assert pieces == [" \n四", " ", "。"]


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("word", ["length", "max_tokens"])
async def test_h2_an_answer_cut_by_length_says_so(word: str, *, streams: bool) -> None:
    outcome = await asked(answer("四", reason=word), streams=streams)

    assert outcome.finish
    assert (outcome.text, outcome.finish.reason) == ("四", FinishReason.LENGTH)


@pytest.mark.parametrize(
    "behaviour",
    [
        error(400, "content_filter", message="filtered"),
        status(400, {"error": {"code": "content_filter", "innererror": {"x": 1}}}),
        stream(said("四"), finished("content_filter"), DONE),
        stream(event({"error": {"code": "content_filter"}})),
        stream(chunk({"refusal": "no"}), finished(), DONE),
        status(200, completion(None, refusal="no")),
        status(200, completion("四", reason="content_filter")),
    ],
)
async def test_h3_a_filter_ends_the_question(behaviour: Behaviour) -> None:
    outcome = await asked(behaviour)

    assert isinstance(outcome.failure, ModelDeclined)


async def test_h3_a_refusal_beside_an_answer_does_not_take_it_away() -> None:
    outcome = await asked(stream(said("四"), chunk({"refusal": "hm"}), finished(), DONE))

    assert (outcome.text, outcome.failure) == ("四", None)


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        (error(401, "invalid_api_key"), ModelMisconfigured),
        (error(403, "forbidden"), ModelMisconfigured),
        (error(404, "model_not_found"), ModelGone),
        (error(400, "invalid_api_key"), ModelMisconfigured),
        (error(405), ModelMisconfigured),
        (error(400, "invalid_request_error"), ModelRejected),
        (error(413), PromptTooLong),
        (error(422, "bad"), ModelRejected),
        (status(301, None, "Location: http://127.0.0.1:9/v1"), ModelMisconfigured),
        (error(402), ModelOutOfFunds),
        (error(400, "context_length_exceeded"), PromptTooLong),
        (error(400, message="This model's maximum context length is 4096"), PromptTooLong),
        (error(429, "insufficient_quota"), ModelOutOfFunds),
        (error(429, "rate_limit_exceeded"), ModelUnavailable),
        (error(408), ModelUnavailable),
        (error(409), ModelUnavailable),
        (stream(event({"error": {"type": "insufficient_quota"}})), ModelOutOfFunds),
        (stream(event({"error": {"code": "invalid_api_key"}})), ModelMisconfigured),
        (stream(event({"error": {"type": "invalid_request_error"}})), ModelRejected),
    ],
)
async def test_h4_each_refusal_has_its_meaning(
    behaviour: Behaviour, failure: type[ModelFailure]
) -> None:
    outcome = await asked(behaviour)

    assert type(outcome.failure) is failure


@pytest.mark.parametrize("code", [400, 401, 404, 429, 500])
async def test_h4_a_failure_tells_nothing_that_is_not_its_business(code: int) -> None:
    text = f"Wrong key {KEY} at http://127.0.0.1, you asked 二加二"

    outcome = await asked(error(code, f"bad\n{'x' * 99} 二", message=text))

    told = f"{outcome.failure} {outcome.failure!r}"
    assert str(code) in told
    assert len(str(outcome.failure)) < 130
    for secret in (KEY, "127.0.0.1", "二", "Wrong", "\n"):
        assert secret not in told


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("2", timedelta(seconds=2)),
        ("2.5", timedelta(seconds=2.5)),
        ("0", timedelta()),
        ("99999", timedelta(seconds=99999)),
        ("-1", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e300", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
        ("Wed, 99 Oct 2015", None),
        ("", None),
    ],
)
async def test_h5_retry_after_is_read_and_nonsense_is_not(
    header: str, pause: timedelta | None
) -> None:
    outcome = await asked(status(429, {}, f"Retry-After: {header}"))

    assert isinstance(outcome.failure, ModelUnavailable)
    assert outcome.failure.retry_after == pause


async def test_h5_retry_after_may_be_told_in_milliseconds() -> None:
    headers = ("Retry-After: 2", "Retry-After-Ms: 1250.5")

    precise, odd = (
        await asked(status(429, {}, *headers)),
        await asked(status(429, {}, headers[0], "Retry-After-Ms: soon")),
    )

    assert isinstance(precise.failure, ModelUnavailable)
    assert isinstance(odd.failure, ModelUnavailable)
    assert precise.failure.retry_after == timedelta(milliseconds=1250.5)
    assert odd.failure.retry_after == timedelta(seconds=2)


async def test_h5_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)

    outcome = await asked(status(503, {}, f"Retry-After: {date}"))

    assert isinstance(outcome.failure, ModelUnavailable)
    assert outcome.failure.retry_after
    assert timedelta(seconds=15) < outcome.failure.retry_after <= timedelta(seconds=20)


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("code", [500, 502, 503, 504, 529])
@pytest.mark.parametrize("body", ["<html><h1>Bad gateway", {"error": "down"}, {"error": None}, []])
async def test_h6_a_server_in_trouble_is_unavailable(
    code: int, body: object, *, streams: bool
) -> None:
    outcome = await asked(status(code, body), streams=streams)

    assert isinstance(outcome.failure, ModelUnavailable)


def raw(*written: bytes) -> Behaviour:
    """Not even HTTP."""

    async def behave(line: Line, _: Call) -> None:
        await line.send(*written)
        line.reset()

    return behave


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize(
    "written",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\ndata\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    ],
)
async def test_h6_what_is_not_even_http_is_unavailable(written: bytes, *, streams: bool) -> None:
    outcome = await asked(raw(written), streams=streams)

    assert isinstance(outcome.failure, ModelUnavailable)


@pytest.mark.parametrize("streams", [True, False])
async def test_h6_a_page_instead_of_an_answer_is_at_a_wrong_address(*, streams: bool) -> None:
    outcome = await asked(status(200, "<html>Please log in"), streams=streams)

    assert isinstance(outcome.failure, ModelMisconfigured)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/v1",
        "http://no-such-host.invalid/v1",
        "http://a..b/v1",
        f"http://{'x' * 80}.test/v1",
    ],
)
@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:9", "socks5://127.0.0.1:9"])
async def test_h7_who_cannot_be_reached_is_unavailable(url: str, proxy: str) -> None:
    options = ConnectionOptions(proxy=proxy, connect_limit=timedelta(seconds=2))

    async with model_at(OpenAIEndpoint(api_key=KEY, base_url=url), options=options) as model:
        outcome = await outcome_of(model)

    assert isinstance(outcome.failure, ModelUnavailable | ModelMisconfigured)
    assert "invalid" not in str(outcome.failure)


async def test_h7_a_server_without_tls_is_unavailable_by_https() -> None:
    async with served(answer("四")) as (_, server):
        url = f"https://127.0.0.1:{server.port}/v1"
        async with model_at(OpenAIEndpoint(api_key=KEY, base_url=url)) as model:
            outcome = await outcome_of(model)

    assert isinstance(outcome.failure, ModelUnavailable | ModelTimedOut)


async def test_h7_a_reset_is_unavailable() -> None:
    outcome = await asked(reset)

    assert isinstance(outcome.failure, ModelUnavailable)


SHORT = timedelta(milliseconds=150)
PING = b": ping\n\n"


@pytest.mark.parametrize(
    ("behaviour", "timeouts", "text"),
    [
        (silence(), StreamTimeouts(first_token=SHORT), ""),
        (stream(hold=5), StreamTimeouts(first_token=SHORT), ""),
        (stream(*[PING] * 500, pause=0.01), StreamTimeouts(first_token=SHORT), ""),
        (stream(*[said("")] * 500, pause=0.01), StreamTimeouts(first_token=SHORT), ""),
        (stream(said("四"), hold=5), StreamTimeouts(idle=SHORT), "四"),
        (stream(said("四"), *[PING] * 500, pause=0.01), StreamTimeouts(idle=SHORT), "四"),
        (stream(said("四"), *[chunk()] * 500, pause=0.01), StreamTimeouts(idle=SHORT), "四"),
    ],
    ids=[
        "silence",
        "headers only",
        "comments only",
        "empty only",
        "one",
        "one and comments",
        "one and empty",
    ],
)
async def test_h8_who_makes_no_progress_is_given_up(
    behaviour: Behaviour, timeouts: StreamTimeouts, text: str
) -> None:
    async with served(behaviour, timeouts=timeouts) as (model, server), asyncio.timeout(2):
        outcome = await outcome_of(model)
        await server.hung_up()

    assert isinstance(outcome.failure, ModelCutOff if text else ModelTimedOut)
    assert outcome.text == text


@pytest.mark.parametrize("streams", [True, False])
async def test_h8_no_answer_takes_longer_than_all_its_time(*, streams: bool) -> None:
    endless = stream(*[said("四")] * 500, pause=0.01, kind="text/event-stream")

    async with asyncio.timeout(2):
        outcome = await asked(endless, streams=streams, timeouts=StreamTimeouts(whole=SHORT))

    assert isinstance(outcome.failure, ModelCutOff)


async def test_h8_thinking_aloud_is_progress() -> None:
    thoughts = [chunk({"reasoning_content": "hm"})] * 30

    outcome = await asked(
        stream(*thoughts, said("四"), finished(), pause=0.01),
        timeouts=StreamTimeouts(first_token=SHORT),
    )

    assert (outcome.text, outcome.failure) == ("四", None)


CUT = [
    stream(said("四")),
    stream(said("四")[:-3]),
    stream(said("四")[:-9], kind="text/event-stream; charset=utf-8"),
    stream(said("四"), b'data: {"choices": [{"delta": {"content": "\xe4\xba'),
    stream(said("四"), b"data: garbage\n\n", said("!"), finished(), DONE),
    stream(said("四"), b"data: [1,2]\n\n", finished(), DONE),
    stream(said("四"), b'data: {"choices": 7}\n\n', finished(), DONE),
    stream(said("四"), b"data: " + b"[" * 100_000 + b"\n\n", finished(), DONE),
    stream(said("四"), b"data: " + b"x" * 10_000_000 + b"\n\n", finished(), DONE),
    stream(said("四"), event({"error": {"message": "overloaded"}}), finished(), DONE),
    stream(said("四"), event({"error": "overloaded"}), finished(), DONE),
]


@pytest.mark.parametrize("behaviour", CUT)
async def test_h9_what_is_not_whole_is_never_complete(behaviour: Behaviour) -> None:
    outcome = await asked(behaviour)

    assert isinstance(outcome.failure, ModelCutOff | ModelUnavailable)
    assert outcome.text in {"", "四"}


def _crlf(*events: bytes) -> bytes:
    return b"".join(events).replace(b"\n", b"\r\n")


def _bytes_of(*events: bytes) -> list[bytes]:
    return [bytes([one]) for one in b"".join(events)]


WHOLE = [
    stream(said("二"), said("四"), finished(), DONE),
    stream(said("二"), said("四"), finished()),
    stream(said("二"), said("四"), DONE),
    stream(said("二"), said("四"), used(), finished(), used(), DONE),
    stream(said("二"), said("四"), finished(), b"data: garbage\n\n"),
    stream(said("二"), said("四"), finished(), event({"choices": []})),
    stream(_crlf(said("二"), said("四"), finished(), DONE)),
    stream(*_bytes_of(said("二"), said("四"), finished(), DONE)),
    stream(b"event: message\nid: 7\nretry: 5\n", said("二"), PING, said("四"), finished(), DONE),
    stream(said("二")[:-1], said("四")[:-1], finished()[:-1], DONE),
    stream(said("二"), said("四"), finished(), DONE[:-2]),
    stream(said("二"), said("四"), finished(), hold=3),
    stream(said("二"), said("四"), finished(), DONE, hold=3),
    stream(said("二"), said("四"), finished(), kind="text/plain"),
    stream(
        said("二"), b'data: {"choices":[{"delta":{"content":"\\u56db"},"finish_reason":"stop"}]}'
    ),
    stream(b'data:{"choices":[{"delta":{"content":"\xe4\xba\x8c\\u56db"}}]}\n\n', DONE),
    status(200, completion("二四")),
]


@pytest.mark.parametrize("behaviour", WHOLE)
async def test_h9_an_odd_but_whole_stream_is_an_answer(behaviour: Behaviour) -> None:
    async with asyncio.timeout(2):
        outcome = await asked(behaviour)

    assert (outcome.text, outcome.failure) == ("二四", None)


async def test_h9_after_the_end_mark_nothing_is_waited_for() -> None:
    behaviour = stream(said("四"), finished(), DONE, hold=30)

    async with asyncio.timeout(5):
        outcome = await asked(
            behaviour, timeouts=StreamTimeouts(after_finish=timedelta(seconds=30))
        )

    assert outcome.text == "四"


@pytest.mark.parametrize("streams", [True, False])
async def test_h10_an_endless_answer_is_cut_and_the_line_closed(*, streams: bool) -> None:
    behaviour = answer(*["字" * 1000] * 300)

    async with served(behaviour, streams=streams) as (model, server):
        outcome = await outcome_of(model)
        if streams:
            await server.hung_up()

    assert outcome.finish
    assert outcome.finish.reason is FinishReason.LENGTH
    assert outcome.text == "字" * LONGEST_ANSWER


async def test_h10_a_stream_of_nothing_much_is_cut_too() -> None:
    comment = b": " + b"x" * 1_000_000 + b"\n"

    outcome = await asked(stream(said("四"), *[comment] * 68, hold=30), timeouts=StreamTimeouts())

    assert outcome.finish
    assert (outcome.text, outcome.finish.reason) == ("四", FinishReason.LENGTH)


async def test_h10_a_body_without_an_end_is_given_up() -> None:
    outcome = await asked(stream(*[b" " * 1_000_000] * 50), streams=False)

    assert isinstance(outcome.failure, ModelUnavailable)


@pytest.mark.parametrize(
    ("mark", "kind"), [(b"data: ", "text/event-stream"), (b"", "application/json")]
)
@pytest.mark.parametrize("brackets", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000])
async def test_h10_brackets_without_measure_are_garbage(
    mark: bytes, kind: str, brackets: bytes
) -> None:
    outcome = await asked(stream(mark + b'{"x":' + brackets + b"}\n\n", kind=kind))

    assert isinstance(outcome.failure, ModelUnavailable)


async def test_h10_brackets_without_measure_in_an_error_page_keep_its_status() -> None:
    outcome = await asked(status(401, "[" * 30_000 + "]" * 30_000))

    assert isinstance(outcome.failure, ModelMisconfigured)


async def test_h10_an_error_page_without_an_end_keeps_its_status() -> None:
    async with served(status(401, "x" * 20_000_000)) as (model, server):
        outcome = await outcome_of(model)
        await server.hung_up()

    assert isinstance(outcome.failure, ModelMisconfigured)


@pytest.mark.parametrize("streams", [True, False])
async def test_h11_what_no_store_can_hold_is_cleaned_away(*, streams: bool) -> None:
    text = "a\x00\x1b[31mb\ud800c\udfff\u202ed\x85\r\n\te👋"

    outcome = await asked(answer(text), streams=streams)

    assert outcome.text == "a[31mbcd\r\n\te👋"


async def test_h11_broken_utf8_is_marked_and_not_fatal() -> None:
    broken = b'data: {"choices":[{"delta":{"content":"a\xff\xfeb"}}]}\n\n'

    outcome = await asked(stream(broken, finished(), DONE))

    assert outcome.text == "a\ufffd\ufffdb"


@pytest.mark.parametrize("text", ["x" * 150_000, "`" * 10_000, "\n" * 5 + "a"])
async def test_h11_long_lines_and_many_marks_come_through(text: str) -> None:
    outcome = await asked(answer(text))

    assert outcome.text == text


ODD_FIELDS: list[dict[str, object]] = [
    {"tool_calls": [{"index": 0, "function": {"name": "rm", "arguments": "{}"}}]},
    {"function_call": {"name": "rm"}},
    {"reasoning": "hm"},
    {"reasoning_content": ["hm"]},
    {"refusal": None, "role": "assistant", "audio": {"x": 1}},
    {"content": [{"type": "thinking", "text": "hm"}]},
    {"content": {"x": 1}},
]


@pytest.mark.parametrize("fields", ODD_FIELDS)
async def test_h13_fields_that_nobody_asked_for_are_passed_over(fields: dict[str, object]) -> None:
    outcome = await asked(stream(chunk(fields), said("四"), finished("tool_calls"), DONE))

    assert (outcome.text, outcome.failure) == ("四", None)


@pytest.mark.parametrize(
    ("tokens", "counted"),
    [
        (7, 7),
        (0, 0),
        (-1, None),
        (10**12, None),
        (10**40, None),
        ("7", None),
        (None, None),
        (True, None),
        (1.5, None),
    ],
)
async def test_h15_token_counts_are_taken_only_if_they_can_be_true(
    tokens: object, counted: int | None
) -> None:
    outcome = await asked(stream(said("四"), finished(), used(tokens, tokens), DONE))

    assert outcome.finish
    assert (outcome.finish.prompt_tokens, outcome.finish.answer_tokens) == (counted, counted)


@pytest.mark.parametrize("usage", [None, 7, [], {}, "x"])
async def test_h15_an_answer_needs_no_token_counts(usage: object) -> None:
    outcome = await asked(stream(said("四"), finished(), chunk(usage=usage), DONE))

    assert outcome.finish
    assert outcome.finish.answer_tokens is None

"""How answers end: with a proof that they are whole, or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.openai.timeouts import StreamTimeouts
from application.errors import (
    ModelCutOff,
    ModelDeclined,
    ModelFailure,
    ModelGaveNothing,
    ModelTimedOut,
    ModelUnavailable,
)
from application.ports import FinishReason
from tests.fakes.model_server import DONE, completion, event, finished, said, used
from tests.integration.models.over_http import CHAT, QUICK
from tests.integration.models.shapes.table import Shape, body, check_alone, check_with_backup

pytestmark = pytest.mark.anyio

BROKEN = "ReadError from ClientPayloadError from ContentLengthError"
NO_REASON = "the stream ended without a finish reason"
WHOLE = replace(CHAT, streams=False)
SHORT_WAITS = replace(CHAT, timeouts=replace(QUICK, idle=timedelta(milliseconds=150)))
LIKELY = replace(
    CHAT,
    timeouts=replace(
        QUICK, idle=timedelta(seconds=30), after_likely_finish=timedelta(milliseconds=100)
    ),
)
PATIENT = replace(
    CHAT,
    timeouts=StreamTimeouts(
        first_token=timedelta(seconds=5),
        idle=timedelta(seconds=5),
        after_finish=timedelta(milliseconds=20),
        after_end=timedelta(milliseconds=20),
    ),
)
"""Gives a server after its last word no more than a moment."""


def both(text: str, reason: object) -> bytes:
    """Text and a finish reason in one chunk."""
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": reason}]})


def role(reason: object = None) -> bytes:
    delta = {"role": "assistant", "content": ""}
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


def answered(name: str, *chunks: bytes, **fields: object) -> Shape:
    return Shape(name=name, chunks=chunks, text="二四", **fields)  # type: ignore[arg-type] # of Shape


def cut(name: str, *chunks: bytes, fact: str = NO_REASON, **fields: object) -> Shape:
    return Shape(
        name=name,
        chunks=chunks,
        before="二四",
        failure=ModelCutOff,
        fact=fact,
        **fields,  # type: ignore[arg-type] # of Shape
    )


ENDS = [
    answered("the usual end", role(), said("二"), said("四"), finished(), used(), DONE),
    answered("the end mark only", said("二"), said("四"), DONE),
    answered("the end mark as JSON", said("二"), said("四"), b'data: "[DONE]"\n\n'),
    answered("the end mark in small letters", said("二"), said("四"), b"data: [done]\n\n"),
    answered("a reason and no end mark", said("二"), said("四"), finished()),
    answered("a reason with the last text", said("二"), both("四", "stop")),
    answered("stop on every chunk", role("stop"), both("二", "stop"), both("四", "stop"), DONE),
    answered(
        "stop on every chunk, slowly",
        *(role("stop"), both("二", "stop"), both("", "stop"), both("四", "stop"), DONE),
        pause=0.1,
        chat=PATIENT,
    ),
    answered("stop on every chunk and no end mark", both("二", "stop"), both("四", "stop")),
    answered("text after the reason", said("二"), finished(), said("四"), finished(), DONE),
    answered("the word null", both("二", "null"), both("四", "null"), finished(), DONE),
    answered("an empty word", both("二", ""), both("四", ""), both("", "stop"), DONE),
    answered("None as a word", both("二", "None"), both("四", "None"), DONE),
    answered("odd values for none", both("二", 0), both("四", []), both("", {}), DONE),
    answered("the word of Gemini", said("二"), both("四", "STOP"), DONE),
    answered("Google's enumeration", said("二"), both("四", "FinishReason.STOP"), DONE),
    answered("unspecified", both("二", "FINISH_REASON_UNSPECIFIED"), both("四", "STOP"), DONE),
    answered("SGLang's object", said("二四"), finished({"type": "stop", "matched": 7}), DONE),
    answered("Qianfan's word", said("二四"), finished("normal"), DONE),
    answered("the words of Anthropic", said("二"), both("四", "end_turn")),
    answered("the word of a tokenizer", said("二"), said("四"), finished("eos_token"), DONE),
    answered("a stop behind the stop", said("二"), said("四"), finished(), finished(), DONE),
    answered("tools were called too", said("二"), said("四"), finished("tool_calls"), DONE),
    answered("all after the end mark", said("二"), said("四"), finished(), DONE, said("!")),
    answered("broken behind the reason", said("二"), said("四"), finished(), resets=True),
    answered("broken behind the end mark", said("二"), said("四"), DONE, resets=True),
    answered("an error behind the reason", said("二四"), finished(), event({"error": "x"})),
    answered(
        "no funds behind the reason",
        *(said("二四"), finished(), event({"error": {"code": "insufficient_quota"}}), DONE),
    ),
    answered("held open behind the reason", said("二"), said("四"), finished(), hold=3),
    answered(
        "held open behind text with a reason",
        *(said("二"), both("四", "stop")),
        hold=3,
        chat=SHORT_WAITS,
    ),
    answered(
        "held open behind the last text with a reason",
        *(said("二"), both("四", "stop")),
        hold=3,
        chat=LIKELY,
    ),
    answered(
        "keep-alives behind the last text with a reason",
        *(said("二"), both("四", "stop"), *[b": ping\n\n"] * 99),
        pause=0.03,
        chat=LIKELY,
    ),
    answered("a body held open", *body(completion("二四")), hold=3, chat=LIKELY),
    answered("a body that breaks behind its end", *body(completion("二四")), resets=True),
    answered("a body without a reason", *body(completion("二四", reason=None)), chat=WHOLE),
    answered("a body with the word null", *body(completion("二四", reason="null")), chat=WHOLE),
    answered(
        "cut by its length", said("二四"), finished("length"), DONE, reason=FinishReason.LENGTH
    ),
    answered(
        "a gateway's stop behind length",
        *(said("二四"), finished("length"), finished("stop"), DONE),
        reason=FinishReason.LENGTH,
    ),
    answered(
        "the length's word of Gemini",
        *(said("二"), both("四", "MAX_TOKENS"), DONE),
        reason=FinishReason.LENGTH,
    ),
    answered(
        "SGLang's object for length",
        *(said("二四"), finished({"type": "length", "length": 2}), DONE),
        reason=FinishReason.LENGTH,
    ),
    answered(
        "the context is full",
        *(said("二四"), finished("model_context_window_exceeded"), DONE),
        reason=FinishReason.LENGTH,
    ),
]
CUTS = [
    cut("it just stops", said("二"), said("四")),
    cut("it stops behind text behind a reason", said("二"), finished(), said("四")),
    cut("it breaks", said("二"), said("四"), resets=True, fact=BROKEN),
    cut(
        "it breaks, stop on every chunk",
        *(both("二", "stop"), both("四", "stop")),
        resets=True,
        fact=BROKEN,
    ),
    cut(
        "silence",
        *(said("二"), said("四")),
        hold=3,
        chat=SHORT_WAITS,
        fact="time is up while waiting for the next piece",
    ),
    cut(
        "silence and keep-alives",
        *(said("二"), said("四"), *[b": ping\n\n"] * 99),
        pause=0.01,
        chat=SHORT_WAITS,
        fact="time is up while waiting for the next piece, the server sent keep-alives",
    ),
    *(
        cut(
            f"the reason {reason}",
            said("二四"),
            finished(reason),
            DONE,
            fact=f"finish reason {fact}",
        )
        for reason, fact in [
            ("insufficient_system_resource", "insufficient_system_resource"),
            ("error", "error"),
            ("abort", "abort"),
            ("network_error", "network_error"),
            ("half-time/#1", "half-time1"),
        ]
    ),
    cut(
        "an unknown reason in a body",
        *body(completion("二四", reason="error")),
        chat=WHOLE,
        fact="finish reason error",
    ),
    cut(
        "an error in the middle",
        *(said("二四"), event({"error": {"code": "server_error"}}), DONE),
        fact="error in the answer server_error",
    ),
    cut(
        "overloaded in the middle",
        *(said("二四"), b"event: error\n" + event({"message": "busy"})),
        fact="error in the answer",
    ),
]


def none(name: str, failure: type[ModelFailure], *chunks: bytes, **fields: object) -> Shape:
    return Shape(name=name, chunks=chunks, failure=failure, **fields)  # type: ignore[arg-type] # of Shape


NOTHING = [
    none("only a reason", ModelGaveNothing, finished(), DONE),
    none("only tools", ModelGaveNothing, finished("tool_calls"), DONE),
    none("only the end mark", ModelGaveNothing, DONE),
    none("nothing", ModelUnavailable),
    none("only a role", ModelUnavailable, role()),
    none("an error as a reason", ModelUnavailable, finished("error"), DONE),
    none(
        "silence",
        ModelTimedOut,
        hold=3,
        chat=replace(CHAT, timeouts=replace(QUICK, first_token=timedelta(milliseconds=100))),
    ),
    none("filtered", ModelDeclined, said("二"), finished("content_filter"), before="二"),
    none(
        "filtered behind the reason",
        ModelDeclined,
        *(said("二"), finished(), event({"error": {"code": "content_filter"}})),
        before="二",
    ),
    none("Gemini's filter", ModelDeclined, said("二"), both("", "SAFETY"), DONE, before="二"),
    none("Google's filter, named", ModelDeclined, finished("content_filter: RECITATION"), DONE),
    none("Zhipu's filter", ModelDeclined, said("二"), finished("sensitive"), DONE, before="二"),
]
SHAPES = [*ENDS, *CUTS, *NOTHING]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
async def test_alone(shape: Shape) -> None:
    await check_alone(shape)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
async def test_with_a_backup(shape: Shape) -> None:
    await check_with_backup(shape)

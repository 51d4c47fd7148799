"""How servers write answers: what can be read is read, and what is an error is one of the provider."""

import json
from dataclasses import replace

import pytest

from application.errors import (
    ModelDeclined,
    ModelFailure,
    ModelGone,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelRejected,
    ModelUnavailable,
    PromptTooLong,
)
from tests.fakes.model_server import DONE, chunk, completion, event, finished, said
from tests.integration.models.over_http import CHAT
from tests.integration.models.shapes.table import Shape, body, check_alone, check_with_backup

pytestmark = pytest.mark.anyio

WHOLE = replace(CHAT, streams=False)
BOM = b"\xef\xbb\xbf"
NULL = b"data: null\n\n"
END = (finished(), DONE)


def answered(name: str, *chunks: bytes, **fields: object) -> Shape:
    return Shape(name=name, chunks=chunks, text="二四", **fields)  # type: ignore[arg-type] # of Shape


def failed(
    name: str,
    failure: type[ModelFailure],
    *chunks: bytes,
    fact: str | None = None,
    **fields: object,
) -> Shape:
    return Shape(name=name, chunks=chunks, failure=failure, fact=fact, **fields)  # type: ignore[arg-type] # of Shape


def parts(*content: object) -> bytes:
    return chunk({"content": list(content)})


def text(words: str, kind: str = "text") -> dict[str, object]:
    return {"type": kind, "text": words}


def choices(*found: object) -> bytes:
    return event({"choices": list(found)})


def message(words: str) -> dict[str, object]:
    return {"message": {"role": "assistant", "content": words}}


def raw(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


STREAM = b"".join([said("二"), said("四"), *END])
INDENTED = b"".join(
    b"".join(b"data: " + line + b"\n" for line in raw(json.loads(one[5:])).splitlines()) + b"\n"
    for one in (said("二"), said("四"), finished())
)
DETAILED = {
    "prompt_tokens": 5,
    "completion_tokens": 9,
    "completion_tokens_details": {"reasoning_tokens": 4},
}
RESPONSES = {
    "input_tokens": 5,
    "output_tokens": 9,
    "output_tokens_details": {"reasoning_tokens": 4},
}
BESIDE = {**DETAILED, "completion_tokens": 5, "total_tokens": 14}
LONG = "一句话，长到没有模型会一步说出两次。"
STOP = {"index": 0, "delta": {}, "finish_reason": "stop"}


def usage(value: object) -> bytes:
    return event({"choices": [STOP], "usage": value})


EVENTS = [
    answered("null between chunks", NULL, said("二"), NULL, said("四"), NULL, finished(), DONE),
    answered("a mark before the first event", BOM + said("二"), said("四"), *END),
    answered("a mark in pieces", BOM[:1], BOM[1:] + said("二"), said("四"), *END),
    answered("CRLF", STREAM.replace(b"\n", b"\r\n")),
    answered("CR", STREAM.replace(b"\n", b"\r")),
    answered("byte by byte", *[bytes([one]) for one in STREAM]),
    answered("one line an event", STREAM.replace(b"\n\n", b"\n")),
    answered("no space behind data", STREAM.replace(b"data: ", b"data:")),
    answered("JSON over several lines", INDENTED, DONE),
    answered("comments", b": OPENROUTER PROCESSING\n\n", said("二"), b": x\n", said("四"), *END),
    answered("names and numbers of events", b"event: message\nid: 1\nretry: 9\n" + STREAM),
    answered(
        "keep-alives as data", b"data: ping\n\n", said("二"), b"data: ping\n\n", said("四"), *END
    ),
    answered("noise between events", said("二"), b"ping\n\n", b"id\n", said("四"), *END),
    answered("a stream as a document", STREAM, kind="application/json"),
    answered("a stream where none was asked for", STREAM, chat=WHOLE),
    answered("a stream behind keep-alives", b"\n\n", b": hi\n\n", STREAM),
    answered("chunks without data", STREAM.replace(b"data: ", b"").replace(b"\n\n", b"\n")),
    answered("a document as a stream", *body(completion("二四"))),
    answered("a document as text", *body(completion("二四")), kind="text/plain"),
    answered("a document with a mark", BOM, *body(completion("二四")), kind="application/json"),
    answered(
        "a document behind blank lines", b"\n\n", b"\r\n", raw(completion("二四")), chat=WHOLE
    ),
    answered("an indented document", raw(completion("二四")), chat=WHOLE),
]
CHUNKS = [
    answered(
        "another choice beside",
        said("二"),
        choices({"index": 1, "delta": {"content": "!"}}, {"index": 0, "delta": {"content": "四"}}),
        *END,
    ),
    answered(
        "only another choice",
        said("二四"),
        choices({"index": 1, "delta": {"content": "!"}, "finish_reason": "length"}),
        *END,
    ),
    answered("no choices", choices(), choices(None), choices({"delta": None}), said("二四"), *END),
    answered("content by parts", parts(text("二"), text("四", "output_text")), *END),
    answered("content by parts without types", parts("二", {"text": "四"}), *END),
    answered(
        "thinking by parts",
        *(parts({"type": "thinking", "thinking": [text("想")]}), parts(text("二四")), *END),
        thoughts="想",
    ),
    answered(
        "reasoning by parts", parts(text("想", "reasoning"), text("二四")), *END, thoughts="想"
    ),
    answered(
        "parts nobody reads",
        parts({"type": "image_url", "image_url": {"url": "x"}}, text("二四"), 7, None),
        *END,
    ),
    answered("a document by parts", *body(completion([text("二"), text("四")])), chat=WHOLE),
    answered("empty objects of PHP", said("二四"), choices({**STOP, "delta": []}), DONE),
    answered("a delta that is text", choices({"delta": "二"}), choices({"delta": "四"}), *END),
    answered(
        "choices by number",
        *(
            event({"choices": {"0": json.loads(one[6:])["choices"][0]}})
            for one in (said("二四"), finished())
        ),
        DONE,
    ),
    answered(
        "no choices in odd ways", event({"choices": {}}), event({"choices": ""}), said("二四"), *END
    ),
    replace(
        answered(
            "digits as numbers", said("x"), chunk({"content": 42}), chunk({"content": 0}), *END
        ),
        text="x420",
    ),
    replace(
        answered(
            "all of it once more",
            said(LONG[:9]),
            said(LONG[9:]),
            choices({**STOP, "delta": {"content": LONG}}),
            DONE,
        ),
        text=LONG,
    ),
    replace(answered("said twice", said(LONG), said(LONG), *END), text=LONG * 2),
    answered("the legacy field", choices({"text": "二"}), choices({**STOP, "text": "四"}), DONE),
    answered(
        "the whole message again", said("二"), said("四"), choices({**STOP, **message("二四")})
    ),
    answered("messages that grow", *map(choices, map(message, ("二", "二四", "二四"))), *END),
    answered("messages for steps", *map(choices, map(message, ("二", "四"))), *END),
    answered("an empty delta beside the message", choices({**STOP, **message("二四")}), DONE),
    answered("success with a code", *body({"code": 0, "message": "ok", **completion("二四")})),
    answered("MiniMax's success", *body({"base_resp": {"status_code": 0}, **completion("二四")})),
    answered("no error", event({"error": None, "code": "", "choices": []}), STREAM),
]
USAGES = [
    answered("in the choice", said("二四"), choices({**STOP, "usage": DETAILED}), tokens=(5, 9, 4)),
    answered(
        "in several chunks",
        event({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 0}}),
        said("二四"),
        *(usage({"completion_tokens": 3}), usage(DETAILED)),
        usage({"prompt_tokens": 0, "completion_tokens": 0}),
        tokens=(5, 9, 4),
    ),
    answered("by other names", said("二四"), usage(RESPONSES), tokens=(5, 9, 4)),
    answered("thoughts beside the answer", said("二四"), usage(BESIDE), tokens=(5, 9, 4)),
]


NOT_AN_ANSWER: list[tuple[object, type[ModelFailure], str]] = [
    ({"error": {"message": "down", "code": "server_error"}}, ModelUnavailable, "server_error"),
    ({"error": "model overloaded"}, ModelUnavailable, ""),
    ({"code": 50505, "message": "Model service overloaded"}, ModelUnavailable, "50505"),
    ({"code": "1113", "msg": "您的账户已欠费"}, ModelOutOfFunds, "1113"),
    ({"code": 401, "message": "no"}, ModelMisconfigured, "401"),
    ({"code": 30001, "message": "balance is insufficient"}, ModelOutOfFunds, "30001"),
    ({"detail": "Invalid API key"}, ModelMisconfigured, ""),
    (
        {"object": "error", "message": "The model `x` does not exist.", "code": 404},
        ModelGone,
        "404",
    ),
    (
        {"type": "error", "error": {"type": "overloaded_error"}},
        ModelUnavailable,
        "overloaded_error",
    ),
    ({"success": False, "message": "余额不足"}, ModelOutOfFunds, ""),
    ({"success": False}, ModelUnavailable, ""),
    ({"status": "error", "msg": "余额不足"}, ModelOutOfFunds, ""),
    ({"message": "Invalid API key"}, ModelMisconfigured, ""),
    (
        {"Response": {"Error": {"Code": "AuthFailure", "Message": "x"}}},
        ModelMisconfigured,
        "AuthFailure",
    ),
    (
        {"header": {"code": 10013, "message": "输入内容审核不通过", "sid": "x"}},
        ModelDeclined,
        "10013",
    ),
    (
        {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}},
        ModelUnavailable,
        "minimax.1002",
    ),
    (
        {"base_resp": {"status_code": 1027, "status_msg": "x"}, "choices": [{"delta": {}}]},
        ModelDeclined,
        "minimax.1027",
    ),
    (
        {"base_resp": {"status_code": 1008, "status_msg": "x"}, "choices": None},
        ModelOutOfFunds,
        "minimax.1008",
    ),
    ({"error_code": 336100, "error_msg": "busy"}, ModelUnavailable, "336100"),
    ({"errors": [{"message": "x", "code": "model_not_found"}]}, ModelGone, "model_not_found"),
    (
        [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}],
        ModelUnavailable,
        "429 RESOURCE_EXHAUSTED",
    ),
    ({"error": {"code": "content_filter"}}, ModelDeclined, "content_filter"),
    (
        {"error": {"message": "Content Exists Risk", "type": "invalid_request_error"}},
        ModelDeclined,
        "invalid_request_error",
    ),
]
KINDS = [("text/event-stream", CHAT), ("application/json", WHOLE), ("text/plain", CHAT)]
ERRORS = [
    failed(
        f"{kind} {json.dumps(value, ensure_ascii=False)[:60]}",
        failure,
        *written,
        fact=f"error in the answer {fact}".strip(),
        kind=kind,
        chat=chat,
    )
    for value, failure, fact in NOT_AN_ANSWER
    for kind, chat, written in [
        *((kind, chat, body(value)) for kind, chat in KINDS),
        ("text/event-stream ", CHAT, [event(value)]),
    ]
]
PAGE = b"<!DOCTYPE html>\n<html><body>one-api</body></html>"
DASHSCOPE = b'id:1\nevent:error\n:HTTP_STATUS/401\ndata:{"code":"InvalidApiKey","message":"x"}\n\n'
TOO_LONG = {"error": {"message": "maximum context length is 10 tokens, 90 in the messages"}}
OTHERS = [
    failed("a web page", ModelMisconfigured, PAGE, kind="text/html"),
    failed("a web page as a stream", ModelMisconfigured, b"\n" + PAGE),
    failed("a web page for a document", ModelMisconfigured, PAGE, chat=WHOLE),
    failed("words", ModelUnavailable, b"upstream connect error or disconnect", kind="text/plain"),
    failed("nothing of the protocol", ModelUnavailable, *body({}), chat=WHOLE),
    failed(
        "nothing of the protocol in events",
        ModelMisconfigured,
        event({"message": "Invalid API key"}),
        DONE,
    ),
    failed("words about funds", ModelOutOfFunds, "余额不足".encode(), kind="text/plain"),
    failed(
        "other names of fields",
        ModelOutOfFunds,
        *body({"success": False, "errorCode": "x", "errorMsg": "余额不足"}),
    ),
    failed(
        "llama.cpp's field",
        PromptTooLong,
        b'error: {"code":500,"message":"Context size has been exceeded."}\n\n',
    ),
    failed("half a document", ModelUnavailable, raw(completion("二四"))[:-9], chat=WHOLE),
    failed("a number", ModelUnavailable, b"7", chat=WHOLE),
    failed("an error by its name", ModelUnavailable, b'event: error\ndata: {"message": "x"}\n\n'),
    failed("an error by its name, in words", ModelUnavailable, b"event: error\ndata: oh\n\n"),
    failed("an error without data", ModelOutOfFunds, b": hi\n\n", b'{"error": {"code": "1113"}}\n'),
    failed("DashScope's error", ModelMisconfigured, DASHSCOPE),
    failed(
        "the prompt is too long",
        PromptTooLong,
        *body(TOO_LONG),
        fact="error in the answer context 10 prompt 90",
    ),
    failed("a bad request", ModelRejected, event({"error": {"type": "invalid_request_error"}})),
    failed(
        "no funds in the middle",
        ModelOutOfFunds,
        *(said("二"), event({"error": {"code": "insufficient_quota"}})),
        before="二",
    ),
]
SHAPES = [*EVENTS, *CHUNKS, *USAGES, *ERRORS, *OTHERS]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
async def test_alone(shape: Shape) -> None:
    await check_alone(shape)


@pytest.mark.parametrize("shape", [*EVENTS, *CHUNKS, *ERRORS[::4], *OTHERS], ids=str)
async def test_with_a_backup(shape: Shape) -> None:
    await check_with_backup(shape)

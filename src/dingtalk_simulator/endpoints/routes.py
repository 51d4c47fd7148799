"""DingTalk's URLs as HTTP routes: each call is checked, answered or failed, counted and recorded."""

import asyncio
import time
from typing import Protocol

import msgspec
from litestar import Response, route
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from dingtalk_simulator.endpoints import cards, robot_api, tokens, webhooks
from dingtalk_simulator.endpoints.protocol import (
    Answer,
    Asked,
    Endpoint,
    Refused,
    code,
    errcode,
)
from dingtalk_simulator.endpoints.tokens import TOKEN_HEADER
from dingtalk_simulator.faults import forged, misbehave
from dingtalk_simulator.media import Medium
from dingtalk_simulator.records import LONGEST_BODY, Billed, Call
from dingtalk_simulator.state import World
from dingtalk_simulator.stores import SECOND
from dingtalk_simulator.wire import HttpRequest

NOTHING = Answer(status=504, code="nothing")
"""In the place of an answer where the connection was cut."""


class _Endings(Protocol):
    """What tells that the simulator is about to end."""

    @property
    def closing(self) -> asyncio.Event: ...


def endpoint_route(endpoint: Endpoint, world: World, endings: _Endings) -> HTTPRouteHandler:
    """The route of one endpoint."""

    @route(
        endpoint.path,
        http_method=[HttpMethod(endpoint.method)],
        status_code=200,
        request_max_body_size=endpoint.largest,
        include_in_schema=False,
    )
    async def called(request: HttpRequest) -> Response[bytes] | Stream:
        asked = await _asked(request)
        begun = time.perf_counter()
        failure = world.failures.take(endpoint.name)
        # What is taken all the same is in its room at once, however long the answer is in coming.
        taken = _handled(world, endpoint, asked) if failure and failure.handled else None
        cut = await misbehave(failure, request, endings.closing) if failure else None
        false = NOTHING if cut else forged(failure) if failure else None
        if taken is None and false is None:
            taken = _handled(world, endpoint, asked)
        answer = _answer(taken or Answer(), false)
        call = _exchange(world, endpoint, asked, answer)
        call.failure = failure.kind if failure else ""
        call.latency_ms = round((time.perf_counter() - begun) * 1000, 3)
        world.record(call)
        return cut or Response(
            answer.body,
            status_code=answer.status,
            media_type=answer.media_type,
            headers=answer.headers,
        )

    return called


def _answer(taken: Answer, false: Answer | None) -> Answer:
    """What is said: the usual, or what the failure makes of it, about the same message."""
    if false is None:
        return taken
    about = {"room": taken.room, "message": taken.message, "robot": taken.robot}
    return msgspec.structs.replace(false, **about)


def _handled(world: World, endpoint: Endpoint, asked: Asked) -> Answer:
    if refusal := _over_the_limit(world, endpoint, asked):
        return refusal
    try:
        answer = endpoint.handle(world, asked)
    except Refused as refused:
        answer = refused.answer
    world.billing.count(endpoint.billed, endpoint.name)
    return answer


def _over_the_limit(world: World, endpoint: Endpoint, asked: Asked) -> Answer | None:
    """Refused calls cost nothing. Source: DingTalk, "call-frequency-limit"."""
    allowance = world.switches.monthly_api_calls
    is_spent = bool(allowance) and world.billing.of(Billed.API) >= allowance
    if endpoint.billed is Billed.API and is_spent:
        if not endpoint.is_paced:
            return errcode(90020, "the monthly quota is used up")
        return code("Forbidden.AccessDenied.ApiCountLimitForOrg", status=403)
    token = world.tokens.find(asked.headers.get(TOKEN_HEADER, ""))
    who = f"calls {token.client_id if token else ''} {endpoint.name}"
    limit = world.switches.api_calls_a_second
    if endpoint.is_paced and world.rate_limits.exceeds(who, limit=limit, window_ms=SECOND):
        return code("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", status=403)
    return None


def _exchange(world: World, endpoint: Endpoint, asked: Asked, answer: Answer) -> Call:
    """The call as it is kept: without the secrets of robots."""
    is_cut = answer.code == NOTHING.code
    return Call(
        endpoint=endpoint.name,
        at=world.now(),
        method=asked.method,
        path=asked.path,
        query={name: world.without_secrets(value) for name, value in asked.query.items()},
        request_headers=asked.headers,
        request_body=world.without_secrets(_kept(asked)),
        request_size=len(asked.body),
        status=None if is_cut else answer.status,
        answer_headers=answer.headers,
        answer_body=world.without_secrets(_readable(answer.body)),
        errcode=answer.errcode,
        code=answer.code,
        room=answer.room,
        message=answer.message,
        robot=answer.robot,
        billed=endpoint.billed,
        error="hung_up" if is_cut else "",
    )


def _kept(asked: Asked) -> str:
    """What was sent, as it can be read: of a form with a file its fields, and what the file is."""
    if asked.upload is None:
        return _readable(asked.body)
    file = {
        "file_name": asked.upload.file_name,
        "content_type": asked.upload.content_type,
        "size": len(asked.upload.content),
    }
    return msgspec.json.encode({**asked.form, "media": file}).decode()[:LONGEST_BODY]


def _readable(body: bytes) -> str:
    """The beginning of it as text; bytes that are none are told by their number."""
    try:
        return body[: LONGEST_BODY * 4].decode("utf-8", "strict")[:LONGEST_BODY]
    except UnicodeDecodeError:
        return f"({len(body)} bytes)"


async def _asked(request: HttpRequest) -> Asked:
    body = await request.body()
    form, upload = await _form(request)
    return Asked(
        method=request.method,
        path=request.scope["path"],
        query=dict(request.query_params.items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        form=form,
        upload=upload,
    )


async def _form(request: HttpRequest) -> tuple[dict[str, str], Medium | None]:
    """The fields of a form and its file `media`; nothing of a form that is broken."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return {}, None
    try:
        fields: FormMultiDict = await request.form()
    except HTTPException:
        return {}, None
    words = {name: value for name, value in fields.multi_items() if isinstance(value, str)}
    file = fields.get("media")
    if not isinstance(file, UploadFile):
        return words, None
    content = await file.read()
    return words, Medium(
        id="", media_id="", file_name=file.filename, content_type=file.content_type, content=content
    )


UPLOAD_SIZE = 24 * 1024 * 1024

OPENAPI = (
    ("batchSend", "POST", "/v1.0/robot/oToMessages/batchSend", robot_api.batch_send),
    ("groupSend", "POST", "/v1.0/robot/groupMessages/send", robot_api.group_send),
    ("download", "POST", "/v1.0/robot/messageFiles/download", robot_api.download),
    ("emotionReply", "POST", "/v1.0/robot/emotion/reply", robot_api.react),
    ("emotionRecall", "POST", "/v1.0/robot/emotion/recall", robot_api.recall),
    ("cardCreate", "POST", "/v1.0/card/instances", cards.create),
    ("cardDeliver", "POST", "/v1.0/card/instances/deliver", cards.deliver),
    (
        *("cardCreateAndDeliver", "POST", "/v1.0/card/instances/createAndDeliver"),
        cards.create_and_deliver,
    ),
    ("cardUpdate", "PUT", "/v1.0/card/instances", cards.update),
    ("cardStreaming", "PUT", "/v1.0/card/streaming", cards.stream),
    (
        *("cardCallbackRegister", "POST", "/v1.0/card/callbacks/register"),
        cards.register_callback,
    ),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        name="sendBySession",
        method="POST",
        path="/robot/sendBySession",
        handle=webhooks.send_by_session,
        billed=Billed.MESSAGES,
    ),
    Endpoint(
        name="robotSend",
        method="POST",
        path="/robot/send",
        handle=webhooks.robot_send,
        billed=Billed.MESSAGES,
    ),
    Endpoint(
        name="gettoken",
        method="GET",
        path="/gettoken",
        handle=tokens.gettoken,
        billed=Billed.FREE,
    ),
    Endpoint(
        name="accessToken",
        method="POST",
        path="/v1.0/oauth2/accessToken",
        handle=tokens.access_token,
        billed=Billed.FREE,
    ),
    Endpoint(
        name="mediaUpload",
        method="POST",
        path="/media/upload",
        handle=robot_api.upload,
        largest=UPLOAD_SIZE,
    ),
    Endpoint(
        name="files",
        method="GET",
        path="/files/{name:str}",
        handle=robot_api.file_at,
        billed=Billed.FREE,
    ),
    *(
        Endpoint(name=name, method=method, path=path, handle=handle, is_paced=True)
        for name, method, path, handle in OPENAPI
    ),
)

NAMES = frozenset(one.name for one in ENDPOINTS)

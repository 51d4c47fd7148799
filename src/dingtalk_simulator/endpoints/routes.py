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
    ApiError,
    ApiRequest,
    ApiResponse,
    Endpoint,
    api_error,
    errcode,
)
from dingtalk_simulator.endpoints.tokens import TOKEN_HEADER
from dingtalk_simulator.faults import apply_fault, faked_response
from dingtalk_simulator.media import Medium
from dingtalk_simulator.records import MAX_BODY, Billed, Call
from dingtalk_simulator.state import State
from dingtalk_simulator.stores import SECOND
from dingtalk_simulator.wire import HttpRequest

NOTHING = ApiResponse(status=504, code="nothing")
"""The recorded response of a connection that was cut."""

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


class _Closing(Protocol):
    """The event that signals that the simulator is closing."""

    @property
    def closing(self) -> asyncio.Event: ...


def endpoint_route(endpoint: Endpoint, state: State, closing_event: _Closing) -> HTTPRouteHandler:
    """The route of one endpoint."""

    @route(
        endpoint.path,
        http_method=[HttpMethod(endpoint.method)],
        status_code=200,
        request_max_body_size=endpoint.largest,
        include_in_schema=False,
    )
    async def called(request: HttpRequest) -> Response[bytes] | Stream:
        api_request = await _asked(request)
        begun = time.perf_counter()
        failure = state.failures.pop(endpoint.name)
        # A request that is handled despite the failure takes effect at once, before a delayed response.
        response = _handled(state, endpoint, api_request) if failure and failure.handled else None
        cut = await apply_fault(failure, request, closing_event.closing) if failure else None
        faked = NOTHING if cut else faked_response(failure) if failure else None
        if response is None and faked is None:
            response = _handled(state, endpoint, api_request)
        answer = response or ApiResponse()
        if faked is not None:
            about = {"room": answer.room, "message": answer.message, "robot": answer.robot}
            answer = msgspec.structs.replace(faked, **about)
        call = _exchange(state, endpoint, api_request, answer)
        call.failure = failure.kind if failure else ""
        call.latency_ms = round((time.perf_counter() - begun) * 1000, 3)
        state.record(call)
        return cut or Response(
            answer.body,
            status_code=answer.status,
            media_type=answer.media_type,
            headers=answer.headers,
        )

    return called


def _handled(state: State, endpoint: Endpoint, api_request: ApiRequest) -> ApiResponse:
    if refusal := _over_the_limit(state, endpoint, api_request):
        return refusal
    try:
        answer = endpoint.handle(state, api_request)
    except ApiError as refused:
        answer = refused.answer
    state.billing.count(endpoint.billed, endpoint.name)
    return answer


def _over_the_limit(
    state: State, endpoint: Endpoint, api_request: ApiRequest
) -> ApiResponse | None:
    """The error response of an exceeded limit. Such calls are not billed. Source: "call-frequency-limit"."""
    allowance = state.switches.monthly_api_calls
    is_spent = bool(allowance) and state.billing.of(Billed.API) >= allowance
    if endpoint.billed is Billed.API and is_spent:
        if not endpoint.is_paced:
            return errcode(90020, "the monthly quota is used up")
        return api_error("Forbidden.AccessDenied.ApiCountLimitForOrg", status=403)
    token = state.tokens.find(api_request.headers.get(TOKEN_HEADER, ""))
    who = f"calls {token.client_id if token else ''} {endpoint.name}"
    limit = state.switches.api_calls_a_second
    if endpoint.is_paced and state.rate_limits.exceeds(who, limit=limit, window_ms=SECOND):
        return api_error("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", status=403)
    return None


def _exchange(
    state: State, endpoint: Endpoint, api_request: ApiRequest, answer: ApiResponse
) -> Call:
    """The call as it is recorded, without the secrets of robots."""
    is_cut = answer.code == NOTHING.code
    return Call(
        endpoint=endpoint.name,
        at=state.now(),
        method=api_request.method,
        path=api_request.path,
        query={name: state.without_secrets(value) for name, value in api_request.query.items()},
        request_headers=api_request.headers,
        request_body=state.without_secrets(_readable_request(api_request)),
        request_size=len(api_request.body),
        status=None if is_cut else answer.status,
        answer_headers=answer.headers,
        answer_body=state.without_secrets(_readable(answer.body)),
        errcode=answer.errcode,
        code=answer.code,
        room=answer.room,
        message=answer.message,
        robot=answer.robot,
        billed=endpoint.billed,
        error="hung_up" if is_cut else "",
    )


def _readable_request(api_request: ApiRequest) -> str:
    """The body as text; for an upload its fields and the description of the file."""
    if api_request.upload is None:
        return _readable(api_request.body)
    file = {
        "file_name": api_request.upload.file_name,
        "content_type": api_request.upload.content_type,
        "size": len(api_request.upload.content),
    }
    return msgspec.json.encode({**api_request.form, "media": file}).decode()[:MAX_BODY]


def _readable(body: bytes) -> str:
    """The beginning as text, or the number of bytes if it is binary."""
    try:
        return body[: MAX_BODY * 4].decode("utf-8", "strict")[:MAX_BODY]
    except UnicodeDecodeError:
        return f"({len(body)} bytes)"


async def _asked(request: HttpRequest) -> ApiRequest:
    body = await request.body()
    form, upload = await _form(request)
    return ApiRequest(
        method=request.method,
        path=request.scope["path"],
        query=dict(request.query_params.items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        form=form,
        upload=upload,
    )


async def _form(request: HttpRequest) -> tuple[dict[str, str], Medium | None]:
    """The fields of a form and its file `media`; empty if the form is malformed."""
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

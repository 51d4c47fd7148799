"""Calls of addresses that are not served here: refused in DingTalk's words, and noted for whoever looks."""

from litestar import Request
from litestar.datastructures import State
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from dingtalk_simulator.endpoints.exchange import Answer, code
from dingtalk_simulator.records import Call
from dingtalk_simulator.state import World

UNKNOWN = "unknown"
"""The name of all these addresses together."""

BROWSERS_HEADER = "sec-fetch-site"


def unknown_call(world: World, request: Request[None, None, State], *, status: int) -> Answer:
    """The answer. What a browser looks for beside the page is no call, nor is a caller who hung up."""
    answer = code("InvalidAction.NotFound", "no such address here", status=status)
    if BROWSERS_HEADER not in request.headers and status < HTTP_500_INTERNAL_SERVER_ERROR:
        world.record(_call(world, request, answer))
    return answer


def _call(world: World, request: Request[None, None, State], answer: Answer) -> Call:
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return Call(
        endpoint=UNKNOWN,
        at=world.now(),
        method=request.method,
        path=world.without_secrets(raw.decode("latin-1")),
        query={name: world.without_secrets(value) for name, value in request.query_params.items()},
        request_headers={
            name.lower(): world.without_secrets(value) for name, value in request.headers.items()
        },
        request_size=int(request.headers.get("content-length", "0")),
        status=answer.status,
        answer_body=answer.body.decode(),
        code=answer.code,
    )

"""Access tokens: the endpoints that issue them, and the app that a token authenticates."""

import hmac

import msgspec

from dingtalk_simulator.endpoints.protocol import (
    ApiError,
    ApiRequest,
    ApiResponse,
    api_error,
    errcode,
    read_body,
    success,
)
from dingtalk_simulator.entities import Robot
from dingtalk_simulator.state import State
from dingtalk_simulator.stores import SECOND, AccessToken, TokenSource

TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105 - the name of a header

BAD_CREDENTIALS = "invalidClientIdOrSecret"


class TokenRequest(msgspec.Struct, frozen=True):
    app_key: str = msgspec.field(name="appKey")
    app_secret: str = msgspec.field(name="appSecret")


def access_token(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /v1.0/oauth2/accessToken`."""
    keys = read_body(request, TokenRequest, otherwise=api_error("invalidParameter.body"))
    if not accepts(state, keys.app_key, keys.app_secret):
        return api_error(BAD_CREDENTIALS, "the client id or the secret is wrong")
    token = _issue(state, keys.app_key, TokenSource.NEW)
    return success({"accessToken": token.text, "expireIn": _life(state)})


def gettoken(state: State, request: ApiRequest) -> ApiResponse:
    """`GET /gettoken`."""
    client_id = request.query.get("appkey", "")
    if not client_id or "appsecret" not in request.query:
        return errcode(40035, "missing parameter appkey or appsecret")
    if not accepts(state, client_id, request.query["appsecret"]):
        return errcode(40089, "invalid appkey or appsecret")
    token = _issue(state, client_id, TokenSource.OLD)
    return errcode(0, access_token=token.text, expires_in=_life(state))


def accepts(state: State, client_id: str, client_secret: str) -> bool:
    """Whether an app with this id and secret exists."""
    robot = state.robot_of_client(client_id)
    keys = state.keys.get(robot.id) if robot else None
    if keys is None or not keys.secret:
        return False
    return hmac.compare_digest(keys.secret.encode(), client_secret.encode("utf-8", "replace"))


def app_of(state: State, request: ApiRequest) -> Robot:
    """The app authenticated by the header of the new API. Raises ApiError."""
    token = state.tokens.find(request.headers.get(TOKEN_HEADER, ""))
    robot = _alive(state, token, TokenSource.NEW)
    if robot is None:
        status = state.switches.invalid_token_status
        raise ApiError(
            api_error("InvalidAuthentication", "the access token is not valid", status=status)
        )
    return robot


def app_of_query(state: State, request: ApiRequest) -> Robot:
    """The app authenticated by the query of the old API. Raises ApiError."""
    token = state.tokens.find(request.query.get("access_token", ""))
    robot = _alive(state, token, TokenSource.OLD)
    if robot is not None:
        return robot
    has_ended = token is not None and not state.tokens.is_alive(token)
    raise ApiError(
        errcode(42001, "access_token has expired")
        if has_ended
        else errcode(40014, "access_token is not valid")
    )


def _alive(state: State, token: AccessToken | None, source: TokenSource) -> Robot | None:
    if token is None or not state.tokens.is_alive(token):
        return None
    if token.source is not source and not state.switches.tokens_are_interchangeable:
        return None
    return state.robot_of_client(token.client_id)


def _issue(state: State, client_id: str, source: TokenSource) -> AccessToken:
    return state.tokens.issue(client_id, source, life_ms=_life(state) * SECOND)


def _life(state: State) -> int:
    return round(state.switches.token_life)

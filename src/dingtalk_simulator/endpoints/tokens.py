"""Who calls: an app by its access token. Tokens that were never issued, or have ended, are refused."""

import hmac

import msgspec

from dingtalk_simulator.endpoints.protocol import (
    Answer,
    Asked,
    Refused,
    code,
    errcode,
    read,
    said,
)
from dingtalk_simulator.entities import Robot
from dingtalk_simulator.state import World
from dingtalk_simulator.stores import SECOND, AccessToken, TokenSource

TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105 - the name of a header

BAD_CREDENTIALS = "invalidClientIdOrSecret"


class TokenRequest(msgspec.Struct, frozen=True):
    app_key: str = msgspec.field(name="appKey")
    app_secret: str = msgspec.field(name="appSecret")


def access_token(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/oauth2/accessToken`."""
    keys = read(asked, TokenRequest, otherwise=code("invalidParameter.body"))
    if not accepts(world, keys.app_key, keys.app_secret):
        return code(BAD_CREDENTIALS, "the client id or the secret is wrong")
    token = _issue(world, keys.app_key, TokenSource.NEW)
    return said({"accessToken": token.text, "expireIn": _life(world)})


def gettoken(world: World, asked: Asked) -> Answer:
    """`GET /gettoken`."""
    client_id = asked.query.get("appkey", "")
    if not client_id or "appsecret" not in asked.query:
        return errcode(40035, "missing parameter appkey or appsecret")
    if not accepts(world, client_id, asked.query["appsecret"]):
        return errcode(40089, "invalid appkey or appsecret")
    token = _issue(world, client_id, TokenSource.OLD)
    return errcode(0, access_token=token.text, expires_in=_life(world))


def accepts(world: World, client_id: str, client_secret: str) -> bool:
    """Whether there is an app with that id and that secret."""
    robot = world.robot_of_client(client_id)
    keys = world.keys.get(robot.id) if robot else None
    if keys is None or not keys.secret:
        return False
    return hmac.compare_digest(keys.secret.encode(), client_secret.encode("utf-8", "replace"))


def app_of(world: World, asked: Asked) -> Robot:
    """The app whose token came in the new API's header. Raises Refused."""
    token = world.tokens.find(asked.headers.get(TOKEN_HEADER, ""))
    robot = _alive(world, token, TokenSource.NEW)
    if robot is None:
        status = world.switches.invalid_token_status
        raise Refused(code("InvalidAuthentication", "the access token is not valid", status=status))
    return robot


def app_of_query(world: World, asked: Asked) -> Robot:
    """The app whose token came in the old API's address. Raises Refused."""
    token = world.tokens.find(asked.query.get("access_token", ""))
    robot = _alive(world, token, TokenSource.OLD)
    if robot is not None:
        return robot
    has_ended = token is not None and not world.tokens.is_alive(token)
    raise Refused(
        errcode(42001, "access_token has expired")
        if has_ended
        else errcode(40014, "access_token is not valid")
    )


def _alive(world: World, token: AccessToken | None, source: TokenSource) -> Robot | None:
    if token is None or not world.tokens.is_alive(token):
        return None
    if token.source is not source and not world.switches.tokens_are_interchangeable:
        return None
    return world.robot_of_client(token.client_id)


def _issue(world: World, client_id: str, source: TokenSource) -> AccessToken:
    return world.tokens.issue(client_id, source, life_ms=_life(world) * SECOND)


def _life(world: World) -> int:
    return round(world.switches.token_life)

"""DingTalk: a token for each robot, its permission to send, and the stream where that is used."""

from collections.abc import AsyncIterator, Mapping

import httpx

from adapters.dingtalk.outbound.access_tokens import (
    AccessTokens,
    Credentials,
    TokenRefused,
    TokenUnavailable,
    below,
)
from adapters.dingtalk.outbound.errcodes import api_code
from adapters.dingtalk.outbound.exchange import NoAnswer, posted
from adapters.dingtalk.stream.frames import ROBOT_MESSAGES
from adapters.dingtalk.stream.gateway import GatewayRefused, GatewayUnavailable, StreamGateway
from entrypoints.doctor.finding import Finding
from entrypoints.doctor.patient import Patient
from entrypoints.doctor.troubles import (
    DINGTALK_AWAY,
    NO_CREDENTIALS,
    NO_SECRETS,
    PERMISSION_MISSING,
    STREAM_REFUSED,
    TOKEN_REFUSED,
)

HOP = "dingtalk"
SENDING = "/v1.0/robot/oToMessages/batchSend"
DENIED = "accesstokenpermissiondenied"


async def dingtalk(patient: Patient) -> AsyncIterator[Finding]:
    """Sends nothing to anybody: the permission is asked for with an empty list of receivers."""
    settings = patient.settings
    if not settings.names_a_robot:
        yield Finding(hop=HOP, trouble=NO_SECRETS)
    elif not settings.credentials:
        yield Finding(hop=HOP, trouble=NO_CREDENTIALS)
    for one in settings.credentials:
        credentials = Credentials(
            client_id=one.client_id,
            client_secret=one.secret.reveal(),
        )
        async for finding in _of_robot(patient, credentials):
            yield finding


async def _of_robot(patient: Patient, credentials: Credentials) -> AsyncIterator[Finding]:
    robot, url = credentials.client_id, httpx.URL(patient.settings.dingtalk_api_url)
    tokens = AccessTokens(patient.to_dingtalk, url, patient.clock)
    try:
        token = await tokens.token_for(credentials)
    except TokenRefused as refusal:
        yield Finding(hop=HOP, about=robot, trouble=TOKEN_REFUSED, fact=str(refusal))
        return
    except TokenUnavailable as failure:
        yield Finding(hop=HOP, about=robot, trouble=DINGTALK_AWAY, fact=str(failure))
        return
    yield Finding(hop=HOP, about=robot, fact="access token")
    yield await _permission(patient, credentials, token)
    if patient.settings.run_mode == "stream":
        yield await _stream(patient, credentials)


async def _permission(patient: Patient, credentials: Credentials, token: str) -> Finding:
    """Without it DingTalk answers 403 `Forbidden.AccessDenied.AccessTokenPermissionDenied`."""
    body: Mapping[str, object] = {
        "robotCode": credentials.client_id,
        "userIds": [],
        "msgKey": "sampleText",
        "msgParam": '{"content":""}',
    }
    url = below(httpx.URL(patient.settings.dingtalk_api_url), SENDING)
    headers = {"x-acs-dingtalk-access-token": token}
    try:
        answer = await posted(patient.to_dingtalk, url, body, headers=headers)
    except NoAnswer as failure:
        fact = f"batchSend: {failure}"
        return Finding(hop=HOP, about=credentials.client_id, trouble=DINGTALK_AWAY, fact=fact)
    code = api_code(answer.body or {})
    is_denied = code.lower().endswith(DENIED)
    return Finding(
        hop=HOP,
        about=credentials.client_id,
        trouble=PERMISSION_MISSING if is_denied else None,
        fact=code if is_denied else "permission to send",
    )


async def _stream(patient: Patient, credentials: Credentials) -> Finding:
    """A ticket that nobody uses ends by itself."""
    robot = credentials.client_id
    gateway = StreamGateway(patient.to_dingtalk, httpx.URL(patient.settings.dingtalk_api_url))
    try:
        await gateway.ticket_for(credentials, [ROBOT_MESSAGES])
    except GatewayRefused as refusal:
        return Finding(hop=HOP, about=robot, trouble=STREAM_REFUSED, fact=str(refusal))
    except GatewayUnavailable as failure:
        return Finding(hop=HOP, about=robot, trouble=DINGTALK_AWAY, fact=str(failure))
    return Finding(hop=HOP, about=robot, fact="stream ticket")

"""`chatgpt-dingtalk send`: be DingTalk for one message and print the reply."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import rich_click as click

from adapters.dingtalk.inbound.signature import sign
from adapters.dingtalk.outbound.reply_permit import permitted_address
from entrypoints.cli.exits import configuration_mistakes_told, fail, refuse
from entrypoints.cli.invocation import language_of_call
from entrypoints.cli.reply_listener import ReplyListener, reply_listener
from entrypoints.cli.shown_reply import show
from entrypoints.cli.simulated_dingtalk import SimulatedDingTalk, simulated_dingtalk
from entrypoints.cli.texts import CliTexts, texts_in
from entrypoints.program import serve_command
from entrypoints.settings import Settings
from entrypoints.trial import load_as_served, reply_origin

QUIET_AFTER_REPLY = 1.0
"""Seconds without another part after which a reply is taken to be complete."""

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing listens here
"""The loopback address that belongs to a `host` which stands for every address."""

WEBHOOK_LIFE = 90 * 60 * 1000
"""Milliseconds, as DingTalk gives them."""

LARGEST_PICTURE = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What is sent, by whom and where. `group` is a group's title, empty for a private chat."""

    text: str
    staff_id: str
    nick: str
    group: str
    timeout: float


@click.command()
@click.argument("text")
@click.option("--as", "staff_id", default="trial-user", show_default=True)
@click.option("--nick", default="试用者", show_default=True)
@click.option("--group", default="")
@click.option("--config", "path", type=click.Path(path_type=Path))
@click.option("--timeout", default=120.0, show_default=True)
def send(  # noqa: PLR0913, PLR0917 - an option each
    text: str, staff_id: str, nick: str, group: str, path: Path | None, timeout: float
) -> None:
    with configuration_mistakes_told():
        settings = load_as_served(path, os.environ).settings
    spoken = Spoken(text=text, staff_id=staff_id, nick=nick, group=group, timeout=timeout)
    texts = texts_in(language_of_call())
    with simulated_dingtalk(settings) as simulated:
        if simulated is not None:
            send_in_simulator(simulated, settings, spoken, texts)
        else:
            send_to_service(settings, spoken, texts)


def send_in_simulator(
    simulated: SimulatedDingTalk, settings: Settings, spoken: Spoken, texts: CliTexts
) -> None:
    """Say it where the simulator's page shows it, and print the reply."""
    try:
        said = simulated.say(
            spoken.text,
            staff_id=spoken.staff_id,
            nick=spoken.nick,
            group=spoken.group,
            is_admin=spoken.staff_id in settings.admin_users,
        )
        if said.delivery not in {"acknowledged", "queued"}:
            fail(texts.send_not_delivered.format(delivery=said.delivery))
        has_reply = False
        for part in simulated.replies(said, within=spoken.timeout, quiet=QUIET_AFTER_REPLY):
            has_reply = True
            show(part, fetch=simulated.media, saved=texts.picture_saved)
    except httpx.HTTPError as error:
        fail(texts.send_simulator_gone.format(reason=type(error).__name__))
    if not has_reply:
        fail(texts.send_no_reply.format(seconds=f"{spoken.timeout:g}"))


def send_to_service(settings: Settings, spoken: Spoken, texts: CliTexts) -> None:
    """Post it to the service on this machine, and print what it replies to a listener of this command."""
    secrets = [one.secret.reveal() for one in settings.credentials]
    secrets += [one.reveal() for one in settings.app_secrets]
    origin = reply_origin(settings.port)
    if not secrets and origin not in settings.webhook_hosts:
        hosts = ", ".join(f'"{one}"' for one in (*settings.webhook_hosts, origin))
        refuse(texts.send_unsigned.format(hosts=hosts))
    port = 0 if secrets else urlsplit(origin).port or 0
    with ExitStack() as opened:
        try:
            listener = opened.enter_context(reply_listener(port))
        except OSError:
            fail(texts.send_port_taken.format(port=port))
        post(settings, callback(spoken, listener, secrets), secrets, texts)
        has_reply = False
        for part in listener.parts(within=spoken.timeout, quiet=QUIET_AFTER_REPLY):
            has_reply = True
            show(part, fetch=picture_of_service(settings), saved=texts.picture_saved)
    if not has_reply:
        fail(texts.send_no_reply.format(seconds=f"{spoken.timeout:g}"))


def callback(spoken: Spoken, listener: ReplyListener, secrets: list[str]) -> dict[str, object]:
    """A message as DingTalk posts it, whose reply goes to the listener and to nobody else."""
    now, message_id = int(time.time() * 1000), f"msg-{uuid4()}"
    if secrets:
        webhook = permitted_address(listener.port, message_id, secrets[0])
    else:
        webhook = f"http://127.0.0.1:{listener.port}/robot/sendBySession?session={uuid4().hex}"
    parts = urlsplit(webhook)
    listener.expects = f"{parts.path}?{parts.query}"
    body: dict[str, object] = {
        "msgtype": "text",
        "text": {"content": spoken.text},
        "msgId": message_id,
        "createAt": now,
        "conversationType": "2" if spoken.group else "1",
        "conversationId": f"cid-{spoken.group or spoken.staff_id}",
        "senderId": f"$:LWCP_v1:${spoken.staff_id}",
        "senderStaffId": spoken.staff_id,
        "senderNick": spoken.nick,
        "chatbotUserId": "$:LWCP_v1:$robot",
        "sessionWebhook": webhook,
        "sessionWebhookExpiredTime": now + WEBHOOK_LIFE,
    }
    if spoken.group:
        body |= {"conversationTitle": spoken.group, "isInAtList": True}
    return body


def post(settings: Settings, body: dict[str, object], secrets: list[str], texts: CliTexts) -> None:
    """Post a signed callback to the service of this configuration on this machine."""
    headers = {}
    if secrets:
        timestamp = str(int(time.time() * 1000))
        headers = {"timestamp": timestamp, "sign": sign(timestamp, secrets[0])}
    url = service_address(settings)
    try:
        answer = httpx.post(url, json=body, headers=headers, trust_env=False, timeout=10)
    except httpx.HTTPError:
        fail(texts.send_no_service.format(url=url, start=serve_command()))
    if answer.is_error:
        fail(texts.send_refused.format(status=answer.status_code))


def service_address(settings: Settings) -> str:
    """Where a service of this configuration is reached from its own machine."""
    host = ANYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def picture_of_service(settings: Settings) -> Callable[[str], bytes | None]:
    """How to get a picture that the service keeps; those that DingTalk keeps cannot be had from here."""

    def fetched(source: str) -> bytes | None:
        path = urlsplit(source).path
        if not settings.service_url or not source.startswith(f"{settings.service_url}/images/"):
            return None
        url = service_address(settings).rstrip("/") + path[path.index("/images/") :]
        try:
            answer = httpx.get(url, trust_env=False, timeout=10)
        except httpx.HTTPError:
            return None
        is_whole = answer.is_success and len(answer.content) <= LARGEST_PICTURE
        return answer.content if is_whole else None

    return fetched

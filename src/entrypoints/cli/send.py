"""`chatgpt-dingtalk send`: be DingTalk for one message and print the reply."""

import json
import os
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import rich_click as click

from adapters.dingtalk.inbound.signature import sign
from entrypoints.cli.exits import configuration_mistakes_told, fail, refuse
from entrypoints.cli.simulated_dingtalk import SimulatedDingTalk, simulated_dingtalk
from entrypoints.settings import Settings
from entrypoints.trial import load_as_served, reply_origin

QUIET_AFTER_REPLY = 1.0
"""Seconds without another part after which a reply is taken to be complete."""

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing listens here
"""The loopback address that belongs to a `host` which stands for every address."""

WEBHOOK_LIFE = 90 * 60 * 1000
"""Milliseconds, as DingTalk gives them."""


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
    with simulated_dingtalk(settings) as simulated:
        if simulated is not None:
            said_by = {"staff_id": staff_id, "nick": nick, "group": group}
            say_in_simulator(simulated, settings, text, said_by, timeout)
            return
    origin = reply_origin(settings.port)
    if origin not in settings.webhook_hosts:
        hosts = ", ".join(f'"{one}"' for one in (*settings.webhook_hosts, origin))
        refuse(
            f"The service may not reply to this command: add its address to the configuration and "
            f"restart the service:\n  webhook_hosts: [{hosts}]"
        )
    with replies_to(origin) as replies:
        post(settings, callback(text, staff_id, nick, group, origin))
        for part in parts_of_reply(replies, timeout):
            click.echo(part)


def say_in_simulator(
    simulated: SimulatedDingTalk,
    settings: Settings,
    text: str,
    said_by: dict[str, str],
    timeout: float,
) -> None:
    """Say it where the simulator's page shows it, and print the reply."""
    is_admin = said_by["staff_id"] in settings.admin_users
    try:
        said = simulated.say(text, is_admin=is_admin, **said_by)
        if said.delivery not in {"acknowledged", "queued"}:
            fail(f"The service did not take the message ({said.delivery}): does it run?")
        replies = simulated.replies(said, within=timeout, quiet=QUIET_AFTER_REPLY)
        has_reply = False
        for part in replies:
            click.echo(part)
            has_reply = True
    except httpx.HTTPError as error:
        fail(f"The simulator did not take it ({type(error).__name__}): is the trial still running?")
    if not has_reply:
        fail(f"No reply within {timeout:g} seconds: the service's log tells why.")


def callback(text: str, staff_id: str, nick: str, group: str, origin: str) -> dict[str, object]:
    """A message as DingTalk posts it."""
    now = int(time.time() * 1000)
    body: dict[str, object] = {
        "msgtype": "text",
        "text": {"content": text},
        "msgId": f"msg-{uuid4()}",
        "createAt": now,
        "conversationType": "2" if group else "1",
        "conversationId": f"cid-{group or staff_id}",
        "senderId": f"$:LWCP_v1:${staff_id}",
        "senderStaffId": staff_id,
        "senderNick": nick,
        "chatbotUserId": "$:LWCP_v1:$robot",
        "sessionWebhook": f"{origin}/robot/sendBySession?session={uuid4().hex}",
        "sessionWebhookExpiredTime": now + WEBHOOK_LIFE,
    }
    if group:
        body |= {"conversationTitle": group, "isInAtList": True}
    return body


def post(settings: Settings, body: dict[str, object]) -> None:
    """Post a signed callback to the service of this configuration on this machine."""
    headers = {}
    secrets = [one.secret for one in settings.credentials] + list(settings.app_secrets)
    if secrets:
        timestamp = str(int(time.time() * 1000))
        headers = {"timestamp": timestamp, "sign": sign(timestamp, secrets[0].reveal())}
    url = service_address(settings)
    try:
        answer = httpx.post(url, json=body, headers=headers, trust_env=False, timeout=10)
    except httpx.HTTPError:
        fail(f"Nothing answers at {url}: start the service first (`make run`).")
    if answer.is_error:
        fail(
            f"The service refused the message with status {answer.status_code}: "
            "does it run with the same configuration?"
        )


def service_address(settings: Settings) -> str:
    """Where a service of this configuration is reached from its own machine."""
    host = ANYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


@contextmanager
def replies_to(origin: str) -> Iterator["queue.Queue[str]"]:
    """The texts of replies that come to this address of this machine."""
    arrived: queue.Queue[str] = queue.Queue()

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            arrived.put(body.get("markdown", body.get("text", {})).get("text", ""))
            answer = b'{"errcode":0,"errmsg":"ok"}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing on the screen."""

    port = urlsplit(origin).port or 0
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Webhook)
    except OSError:
        fail(f"Port {port} of this machine is taken: is another `send` still waiting?")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield arrived
    finally:
        server.shutdown()
        server.server_close()


def parts_of_reply(replies: "queue.Queue[str]", timeout: float) -> Iterator[str]:
    """Each part of the reply as it comes; the reply ends when no other part follows."""
    try:
        yield replies.get(timeout=timeout)
    except queue.Empty:
        fail(f"No reply within {timeout:g} seconds: the service's log tells why.")
    with suppress(queue.Empty):
        while True:
            yield replies.get(timeout=QUIET_AFTER_REPLY)

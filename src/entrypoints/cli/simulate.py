"""`chatgpt-dingtalk simulate`: a DingTalk of one's own, for any robot."""

import asyncio
import os
import signal
from socket import socket
from urllib.parse import urlsplit

import rich_click as click
import uvloop

from dingtalk_simulator.entities import ReceiveMode
from dingtalk_simulator.page import page_routes
from dingtalk_simulator.server import listening_socket, origin_of, running_simulator
from dingtalk_simulator.simulator import SimulatorSettings
from entrypoints.cli.exits import fail, refuse
from entrypoints.cli.invocation import language_of_call
from entrypoints.cli.texts import texts_in
from entrypoints.log import log_to_stderr
from entrypoints.settings.reading.mistakes import quoted


@click.command()
@click.option("--target", default="")
@click.option("--secret", envvar="SIMULATOR_SECRET")
@click.option("--client-id", default="dingsimulated0001", show_default=True)
@click.option("--stream", is_flag=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8091, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--origin", default="")
@click.option("--control-host", multiple=True)
def simulate(  # noqa: PLR0913, PLR0917 - an option each
    target: str,
    secret: str | None,
    client_id: str,
    port: int,
    host: str,
    origin: str,
    control_host: tuple[str, ...],
    *,
    stream: bool,
) -> None:
    _check_address("--target", target)
    _check_address("--origin", origin)
    mode = ReceiveMode.STREAM if stream else ReceiveMode.HTTP
    settings = SimulatorSettings(
        target=target,
        secret=secret or SimulatorSettings().secret,
        client_id=client_id,
        mode=mode,
        host=host,
        port=port,
        origin=origin.removesuffix("/"),
        control_hosts=control_host,
    )
    listening = _listening(host, port)
    log_to_stderr("info")
    click.echo(welcome(settings, origin_of(listening), is_made=not secret))
    uvloop.run(_run(settings, listening))


def _listening(host: str, port: int) -> socket:
    try:
        return listening_socket(host, port)
    except OSError as error:
        sentence = texts_in(language_of_call()).cannot_listen
        reason = os.strerror(error.errno) if error.errno else str(error)
        fail(sentence.format(address=f"{host}:{port}", reason=reason))


def _check_address(option: str, address: str) -> None:
    if address and not _is_web_address(address):
        sentence = texts_in(language_of_call()).no_address
        refuse(sentence.format(option=option, found=quoted(address)))


def _is_web_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        return address.scheme in {"http", "https"} and bool(address.hostname)
    except ValueError:
        return False


async def _run(settings: SimulatorSettings, listening: socket) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running_simulator(settings, extras=[page_routes], listening=listening):
        await stop.wait()


def welcome(settings: SimulatorSettings, page: str, *, is_made: bool) -> str:
    """Where the page is, what this is, and what the robot has to know."""
    origin = settings.origin or page
    receives = settings.target or "stream mode: the robot connects itself"
    if not settings.target and settings.mode is ReceiveMode.HTTP:
        receives = "nowhere yet: name --target, or set it on the page"
    lines = [
        f"钉钉模拟器 · DingTalk simulator · {page}/",
        "  不是钉钉：人、群和消息都是模拟的，不会发到外面",
        "    (not DingTalk: people, groups and messages are played, nothing leaves this machine)",
        f"  callbacks go to: {receives}",
        f"  client id: {settings.client_id}",
        *([f"  secret, made for this run: {settings.secret}"] if is_made else []),
        f"  the robot has to know: webhook_hosts: [{origin}], dingtalk_api_url: {origin}",
        f"  control API: {page}/_simulator/state",
    ]
    return "\n".join(lines)

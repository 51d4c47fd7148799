"""`chatgpt-dingtalk serve`: run the service."""

import logging
import os
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack, nullcontext
from functools import partial
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import rich_click as click
import uvloop

from adapters.words.finder import aho_corasick
from application.errors import StorageFailed
from entrypoints.cli.exits import configuration_mistakes_told, fail, refuse
from entrypoints.cli.invocation import language_of_call
from entrypoints.cli.texts import texts_in
from entrypoints.descriptors import (
    DescriptorShares,
    raise_limit,
    shares_of,
    within_descriptors,
)
from entrypoints.live import LiveConfiguration
from entrypoints.log import log_to_stderr
from entrypoints.program import program_as_called
from entrypoints.settings import Loaded, Settings, configuration_file, load
from entrypoints.settings.notes import warnings_on_settings
from entrypoints.settings.permissions import warning_on_readers
from entrypoints.storage import emptied_metrics_folder, prepared_storage
from entrypoints.trial import (
    DEFAULT_PORT,
    free_port_beside,
    load_trial,
    notice_of,
    simulator_origin,
)
from entrypoints.web.server import listening_socket
from entrypoints.workforce import Workforce, end_with_the_workforce

if TYPE_CHECKING:
    from entrypoints.container import Container

logger = logging.getLogger(__name__)

LEAVING_LIMIT = 1.0
"""Seconds from the closing of everything to the end of the process."""

METRICS_OF_ALL = "PROMETHEUS_MULTIPROC_DIR"
"""Where the processes of one machine count together. prometheus_client reads it when it is imported."""


@click.command()
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
)
@click.option("--trial", is_flag=True)
def serve(path: Path | None, *, trial: bool) -> None:
    if trial and (path or configuration_file(None, os.environ)):
        texts = texts_in(language_of_call())
        refuse(texts.trial_needs_no_file.format(command=f"{program_as_called()} serve"))
    read: Callable[[], Loaded] = (lambda: load_trial(os.environ)) if trial else (lambda: load(path))
    with configuration_mistakes_told():
        loaded = read()
    if loaded.file is not None:
        # A file that was there must be there again: without it, every rule in it would be gone.
        read = partial(load, loaded.file)
    settings = loaded.settings
    log_to_stderr(settings.log_level)
    if warning := warning_on_readers(loaded):
        remedy = warning.told(settings.language)
        logger.warning("configuration_readable_by_others", extra={"remedy": remedy})
    live = LiveConfiguration(loaded, load_again=read, make_finder=aho_corasick)
    shares = shares_of(raise_limit(), database=settings.database_pool_size)
    settings = within_descriptors(settings, shares)
    try:
        listening = listening_socket(settings.host, settings.port, backlog=shares.backlog)
    except OSError as error:
        texts = texts_in(language_of_call())
        sentence = texts.port_taken_in_trial if trial else texts.port_taken
        fail(
            sentence.format(**port_facts(f"{settings.host}:{settings.port}", error, settings.port))
        )
    with listening, _simulators_door(settings) if trial else nullcontext() as door:
        try:
            with prepared_storage(settings):
                click.echo(welcome(loaded, trial=trial), err=True)
                run = partial(
                    _run,
                    partial(_container, live, settings, shares, listening, is_trial=trial),
                    settings,
                    door,
                )
                if settings.workers > 1:
                    os.environ[METRICS_OF_ALL] = str(emptied_metrics_folder(settings))
                    Workforce(size=settings.workers, work=lambda end: uvloop.run(run(end))).run()
                else:
                    uvloop.run(run())
        except StorageFailed as error:
            fail(str(error))


def _simulators_door(settings: Settings) -> socket:
    address = urlsplit(simulator_origin(settings.port))
    try:
        return listening_socket(str(address.hostname), address.port or 0)
    except OSError as error:
        sentence = texts_in(language_of_call()).simulator_port_taken
        fail(sentence.format(**port_facts(address.netloc, error, settings.port)))


def port_facts(address: str, error: OSError, port: int) -> dict[str, object]:
    """What is said of an address that cannot be listened on, with another port to try."""
    # Without the address, which Python adds to its own sentence.
    reason = os.strerror(error.errno) if error.errno else str(error)
    return {"address": address, "reason": reason, "other": free_port_beside(port)}


def _container(
    live: LiveConfiguration,
    settings: Settings,
    shares: DescriptorShares,
    listening: socket,
    *,
    is_trial: bool,
) -> "Container":
    # Seconds to import: not before help and mistakes are told.
    from entrypoints.container import Container  # noqa: PLC0415 - see above

    return Container(
        settings=settings,
        live=live,
        listening=listening,
        descriptors=shares,
        is_trial=is_trial,
    )


async def _run(
    make_container: Callable[[], "Container"],
    settings: Settings,
    simulators_door: socket | None,
    lifeline: int | None = None,
) -> None:
    """Until the service is asked to stop, or the workforce it is one of is gone. Raises what broke it."""
    from entrypoints.container import opened_service  # noqa: PLC0415 - as above

    container = make_container()
    if lifeline is not None:
        end_with_the_workforce(lifeline)
    async with AsyncExitStack() as opened:
        if simulators_door is not None:
            from entrypoints.trial_simulator import trial_simulator  # noqa: PLC0415 - the same

            await opened.enter_async_context(trial_simulator(settings, simulators_door))
        service = await opened.enter_async_context(opened_service(container))
        await service.run()
    leave_within(LEAVING_LIMIT)


def leave_within(seconds: float) -> None:
    """End the process with 0 by then: all is stored and closed, and nobody may keep it any longer.

    A thread that looks up a name cannot be broken off, and where no server answers it takes half a minute.
    """
    leaving = threading.Timer(seconds, os._exit, (0,))
    leaving.daemon = True
    leaving.start()


def welcome(loaded: Loaded, *, trial: bool) -> str:
    """Where the service is, and what is real."""
    settings = loaded.settings
    asked = ", ".join(
        one.name if one.kind == "demo" else f"{one.name} ({one.asked_for})"
        for one in settings.effective_providers
    )
    lines = [f"chatgpt-dingtalk · http://{settings.host}:{settings.port}", f"  models: {asked}"]
    if trial:
        lines += trial_lines(settings)
    told = (one.told(settings.language) for one in warnings_on_settings(settings))
    lines += [f"  !! {warning}" for warning in told]
    return "\n".join(lines)


def trial_lines(settings: Settings) -> list[str]:
    """Where the page is, what leaves this machine, and how to go on; the page says the same of it."""
    notice = notice_of(settings)
    port = "" if settings.port == DEFAULT_PORT else f"PORT={settings.port} "
    return [
        f"  打开 open:  {simulator_origin(settings.port)}/",
        "  试用模式 trial mode: 只监听本机，钉钉是模拟的 (this machine only, DingTalk is simulated)",
        f"    {notice.zh}",
        f"    {notice.en}",
        f"  命令行 in a terminal:  {port}{program_as_called()} send 你好",
        f"  试用数据 trial data:  {settings.data_dir}",
        f"  正式使用 for real use:  {program_as_called()} setup",
    ]

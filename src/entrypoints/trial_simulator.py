"""The trial's DingTalk: the simulator beside the service, in the same process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

from dingtalk_simulator.entities import ReceiveMode
from dingtalk_simulator.page import page_routes
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Notice, Simulator, SimulatorSettings
from entrypoints.settings import Settings
from entrypoints.trial import notice_of


@asynccontextmanager
async def trial_simulator(settings: Settings, door: socket) -> AsyncIterator[Simulator]:
    """Plays DingTalk for the trial's robot on that socket, and closes it at the end."""
    (robot,) = settings.credentials
    notice = notice_of(settings)
    address = f"http://127.0.0.1:{settings.port}/"
    played = SimulatorSettings(
        target=address,
        secret=robot.secret.reveal(),
        client_id=robot.client_id,
        mode=ReceiveMode(settings.run_mode),
        notice=Notice(zh=notice.zh, en=notice.en),
    )
    async with running_simulator(played, extras=[page_routes], listening=door) as simulator:
        yield simulator

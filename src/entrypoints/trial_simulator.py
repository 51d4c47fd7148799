"""The trial's DingTalk: the simulator beside the service, in the same process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

from entrypoints.providers import KINDS
from entrypoints.settings import Settings
from entrypoints.simulator.page.page import page_routes
from entrypoints.simulator.server import running_simulator
from entrypoints.simulator.settings import Notice, SimulatorSettings
from entrypoints.simulator.simulator import Simulator
from entrypoints.simulator.world.inhabitants import ReceiveMode

DEMO = Notice(
    zh="回答来自内置的演示模型；一切都在这台电脑上。",
    en="The built-in demo model answers; everything stays on this machine.",
)
REAL = Notice(
    zh="问题会发给您配置的模型 {models}，可能产生费用；钉钉是模拟的。",
    en="Questions go to the model you configured, {models}, and may cost money; DingTalk is simulated.",
)


@asynccontextmanager
async def trial_simulator(settings: Settings, door: socket) -> AsyncIterator[Simulator]:
    """Plays DingTalk for the trial's robot on that socket, and closes it at the end."""
    (robot,) = settings.credentials
    address = f"http://127.0.0.1:{settings.port}/"
    played = SimulatorSettings(
        target=address,
        secret=robot.secret.reveal(),
        client_id=robot.client_id,
        mode=ReceiveMode(settings.run_mode),
        notice=notice_of(settings),
    )
    async with running_simulator(played, extras=[page_routes], listening=door) as simulator:
        yield simulator


def notice_of(settings: Settings) -> Notice:
    """What whoever opens the page has to know: who answers, and what leaves this machine."""
    real = [one for one in settings.effective_providers if KINDS[one.kind].is_remote]
    if not real:
        return DEMO
    models = ", ".join(one.asked_for for one in real)
    return Notice(zh=REAL.zh.format(models=models), en=REAL.en.format(models=models))

"""How a simulator is set up."""

import secrets
from dataclasses import dataclass, field

from dingtalk_simulator.entities import ReceiveMode
from dingtalk_simulator.state import Bounds
from dingtalk_simulator.switches import Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence for whoever opens the page, in both languages."""

    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """Where the simulator listens, and the robot that it plays DingTalk for.

    `origin` is what robots call it by, if that is not the address it listens on; `control_hosts` are names
    besides those of the loopback by which its page may be opened, and from other machines.
    """

    target: str = ""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    client_id: str = "dingsimulated0001"
    mode: ReceiveMode = ReceiveMode.HTTP
    host: str = "127.0.0.1"
    port: int = 0
    origin: str = ""
    control_hosts: tuple[str, ...] = ()
    notice: Notice = Notice()
    switches: Switches = field(default_factory=Switches)
    bounds: Bounds = field(default_factory=Bounds)

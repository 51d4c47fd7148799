"""A simulated DingTalk that knows the asker and the rooms of the contracts, and its faults by name."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from dingtalk_simulator.entities import Chat, ChatKind
from dingtalk_simulator.records import Call
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Simulator, SimulatorSettings
from dingtalk_simulator.state import make_person
from tests.contracts.messenger import IN_GROUP, QUESTION

CLIENT_ID = "ding1"
SECRET = "canary-client-secret"

SESSION = "sendBySession"
OLD_TOKEN = "gettoken"
TOKEN = "accessToken"
GROUP = "groupSend"
PRIVATE = "batchSend"
UPLOAD = "mediaUpload"
UNKNOWN = "unknown"

Fault = Mapping[str, object]
"""What a call meets in the place of the usual answer."""

HANG: Fault = {"kind": "hang"}
CLOSE: Fault = {"kind": "close"}
RESET: Fault = {"kind": "reset"}
DRIP: Fault = {"kind": "drip"}
FLOOD: Fault = {"kind": "flood"}


def answer(
    status: int, body: str | Mapping[str, object], *, headers: Mapping[str, str] | None = None
) -> Fault:
    """A whole HTTP answer: JSON, or any text."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {"kind": "answer", "status": status, "body": text, "headers": dict(headers or {})}


def errcode(number: int | str | None, *, status: int = 200) -> Fault:
    return answer(status, {"errcode": number, "errmsg": "said so"})


def code(word: str, *, status: int = 400) -> Fault:
    return {"kind": "code", "code": word, "status": status}


def html(status: int = 200) -> Fault:
    return {"kind": "throttle_page", "status": status}


def redirect(url: str, status: int = 302) -> Fault:
    return answer(status, "", headers={"location": url})


def will(simulator: Simulator, endpoint: str, *faults: Fault) -> None:
    """The next calls of an endpoint meet these, one after another."""
    for fault in faults:
        facts = dict(fault)
        simulator.fail(endpoint, str(facts.pop("kind")), **facts)


def body_of(call: Call) -> dict[str, object]:
    """The JSON that came."""
    body = json.loads(call.request_body)
    assert isinstance(body, dict)
    return body


@asynccontextmanager
async def simulated_dingtalk() -> AsyncIterator[Simulator]:
    settings = SimulatorSettings(client_id=CLIENT_ID, secret=SECRET)
    async with running_simulator(settings) as simulator:
        populate(simulator)
        yield simulator


def populate(simulator: Simulator) -> None:
    """Let the contracts' asker and rooms be known."""
    state = simulator.state
    asker = make_person(state, QUESTION.sender.nick, staff_id=str(QUESTION.sender.staff_id))
    for room, kind in ((QUESTION.room, ChatKind.PRIVATE), (IN_GROUP.room, ChatKind.GROUP)):
        name, robot = str(room.id), simulator.robot.id
        state.chats.put(name, Chat(id=name, kind=kind, robot=robot, members=(asker.id,)))

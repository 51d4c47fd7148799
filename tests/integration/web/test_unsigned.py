"""Callbacks without a signature, where no robot is configured."""

import logging

import pytest

from adapters.dingtalk.inbound.robots import Robots
from entrypoints.web.door import Gate
from entrypoints.web.peers import Requester
from tests.fakes.clock import ManualClock
from tests.integration.web.service import BODY, ROBOT, Address, House, serving, signed

pytestmark = pytest.mark.anyio

JSON = {"content-type": "application/json"}
FORWARDING = [
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "X-Client-IP",
    "CF-Connecting-IP",
    "True-Client-IP",
    "Fly-Client-IP",
    "X-Cluster-Client-Ip",
    "X-Unheard-Of",
]


@pytest.fixture
def house() -> House:
    return House(robots=Robots())


async def knock(address: Address, **headers: str) -> int:
    async with address.client() as client:
        response = await client.post("/", content=BODY, headers={**JSON, **headers})
    return response.status_code


async def test_a14_machine_itself_may_knock_and_has_no_privileges(
    house: House, address: Address
) -> None:
    assert await knock(address) == 200
    (arrival,) = house.doorstep.arrivals
    assert (arrival.message.authentic, arrival.signed_at) == (False, None)


@pytest.mark.parametrize("header", FORWARDING)
async def test_a14_who_is_forwarded_may_not(house: House, address: Address, header: str) -> None:
    assert await knock(address, **{header: "127.0.0.1"}) == 401
    assert house.doorstep.knocks == 0


@pytest.mark.parametrize("header", FORWARDING)
async def test_a14_forwarded_callbacks_can_be_allowed(
    house: House, address: Address, header: str
) -> None:
    house.allow_unsigned = True

    assert await knock(address, **{header: "203.0.113.7"}) == 200
    assert not house.doorstep.messages[0].authentic


@pytest.mark.parametrize(("peer", "may"), [("127.0.0.1", True), ("10.0.0.5", False), (None, False)])
@pytest.mark.parametrize("allowed", [False, True])
def test_a14_only_this_machine_may_call(peer: str | None, *, may: bool, allowed: bool) -> None:
    gate = Gate(robots=Robots, allow_unsigned=lambda: allowed, clock=ManualClock())
    asking = Requester(peer=peer, headers={"host": ["127.0.0.1:8090"]})

    assert (gate.caller(asking) is not None) is (may or allowed)


async def test_one_robot_ends_all_unsigned_callbacks(house: House, address: Address) -> None:
    house.robots = Robots(robots=(ROBOT,))
    house.allow_unsigned = True

    assert await knock(address) == 401


async def test_one_outgoing_token_ends_all_unsigned_callbacks(
    house: House, address: Address
) -> None:
    house.robots = Robots(outgoing_tokens=("a token",))

    assert await knock(address) == 401
    assert await knock(address, token="a token") == 200


async def test_signature_that_nobody_can_check_proves_nothing(
    house: House, address: Address
) -> None:
    assert await knock(address, **signed()) == 200
    assert not house.doorstep.messages[0].authentic


async def test_refusal_tells_the_log_which_key_to_set_and_nothing_of_the_body(
    address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for _ in range(2):
            await knock(address, **{"x-forwarded-for": "203.0.113.7"})

    told = [one for one in caplog.records if one.msg == "unsigned_callback_refused"]
    assert [one.levelname for one in told] == ["WARNING"]
    assert "app_secrets" in vars(told[0])["reason"]
    written = "".join(str(vars(one)) for one in caplog.records)
    assert "203.0.113.7" not in written
    assert "你好" not in written


async def test_door_of_all_addresses_knows_its_own_machine() -> None:
    house = House(robots=Robots())

    async with serving(house, host="::1") as address:
        assert await knock(Address(host="[::1]", port=address.port)) == 200

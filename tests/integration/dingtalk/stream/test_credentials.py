"""Credentials that are wrong, change, come and go while the service runs."""

import asyncio

import pytest

from adapters.dingtalk.outbound.access_tokens import Credentials
from tests.integration.dingtalk.stream.relay import relaying
from tests.integration.dingtalk.stream.robot import (
    FIRST,
    Robot,
    connected,
    facts_of,
    less_patient,
    running,
    seconds,
)
from tests.simulator.integration.gateway.standalone import (
    CLIENT_ID,
    SECOND_ID,
    SECRET,
    serving,
    until,
)

pytestmark = pytest.mark.anyio

WRONG = Credentials(client_id=CLIENT_ID, client_secret="wrong-secret")
SECOND = Credentials(client_id=SECOND_ID, client_secret=SECRET)
RENEWED = Credentials(client_id=CLIENT_ID, client_secret="renewed-secret")


async def test_wrong_credentials_are_said_once_and_clearly_and_tried_slowly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    robot = Robot(credentials=[WRONG], timings=less_patient(refused_pause=seconds(0.15)))

    async with serving(robot.played), relaying(robot.played.port) as relay:
        robot.api_url = relay.url
        async with running(robot) as streams:
            await until(lambda: relay.openings() == 3)
            reasons = streams.reasons()

    (said,) = [one for one in caplog.records if one.getMessage() == "stream_refused"]
    assert facts_of(said, "client_id", "fact") == (CLIENT_ID, "HTTP 400, invalidClientIdOrSecret")
    assert "client_secret" in str(facts_of(said, "mend"))
    assert reasons == (
        f"robot {CLIENT_ID} has no good connection to DingTalk: HTTP 400, invalidClientIdOrSecret",
    )
    assert "wrong-secret" not in caplog.text + str(vars(said))


async def test_wrong_credentials_are_not_tried_again_and_again() -> None:
    robot = Robot(credentials=[WRONG], timings=less_patient(refused_pause=seconds(60)))

    async with serving(robot.played), relaying(robot.played.port) as relay:
        robot.api_url = relay.url
        async with running(robot):
            await until(lambda: relay.openings() == 1)
            await asyncio.sleep(0.3)

            assert relay.openings() == 1


async def test_a_wrong_secret_that_is_corrected_is_tried_without_waiting() -> None:
    robot = Robot(credentials=[WRONG], timings=less_patient(refused_pause=seconds(60)))

    async with serving(robot.played), running(robot) as streams:
        await until(lambda: "invalidClientIdOrSecret" in "".join(streams.reasons()))
        robot.credentials = [FIRST]
        await robot.played.connected()


async def test_a_robot_that_is_added_is_connected_and_one_that_is_taken_away_is_not() -> None:
    robot = Robot()

    async with connected(robot) as streams:
        robot.credentials = [SECOND]
        await robot.played.connected(1, SECOND_ID)
        await robot.played.connected(0, CLIENT_ID)

        assert [one.client_id for one in streams.standings()] == [SECOND_ID]


async def test_the_connection_of_the_old_secret_ends_when_the_new_one_is_up() -> None:
    robot = Robot()

    async with connected(robot):
        (old,) = robot.played.gateway.connections(CLIENT_ID)
        robot.played.secrets[CLIENT_ID] = "renewed-secret"
        robot.credentials = [RENEWED]
        await until(lambda: robot.played.gateway.connections(CLIENT_ID) not in {(old,), ()})
        await robot.played.connected()

        assert robot.played.gateway.connections(CLIENT_ID) != (old,)


async def test_a_new_secret_that_is_wrong_leaves_what_is_connected() -> None:
    robot = Robot()

    async with connected(robot) as streams:
        old = robot.played.gateway.connections(CLIENT_ID)
        robot.credentials = [WRONG]
        await until(lambda: "invalidClientIdOrSecret" in "".join(streams.warnings()))
        delivery = await robot.hear()

        assert robot.played.gateway.connections(CLIENT_ID) == old
        assert delivery.acknowledgement is not None


async def test_a_configuration_that_stays_the_same_changes_nothing() -> None:
    robot = Robot()

    async with connected(robot):
        before = robot.played.gateway.connections(CLIENT_ID)
        robot.credentials = [Credentials(client_id=CLIENT_ID, client_secret=SECRET)]
        await robot.hear("msg1")
        await robot.hear("msg2")

        assert robot.played.gateway.connections(CLIENT_ID) == before


async def test_one_robot_that_is_connected_makes_the_service_ready_and_the_other_a_warning() -> (
    None
):
    robot = Robot(credentials=[FIRST, Credentials(client_id="dingnobody", client_secret="x")])

    async with connected(robot) as streams:
        await until(lambda: "HTTP" in "".join(streams.warnings()))
        await until(lambda: len(streams.warnings()) == 1)

        assert streams.reasons() == ()
        assert len(streams.warnings()) == 1


async def test_without_any_credentials_the_service_says_so() -> None:
    async with running(Robot(credentials=[], api_url="http://127.0.0.1:9")) as streams:
        assert streams.reasons() == ("no robot of `credentials` can be connected to DingTalk",)

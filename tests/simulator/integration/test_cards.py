"""Cards: creation, delivery, streaming, clicks."""

import json

import pytest

from dingtalk_simulator.entities import CardState
from dingtalk_simulator.simulator import Simulator
from tests.simulator.integration.conftest import Caller
from tests.simulator.integration.robot import Robot

pytestmark = pytest.mark.anyio

INSTANCES = "/v1.0/card/instances"
DELIVER = f"{INSTANCES}/deliver"
BOTH = f"{INSTANCES}/createAndDeliver"
STREAMING = "/v1.0/card/streaming"
TEMPLATE = "02fcf2f4-5e02-4a85-b672-46d1f715543e.schema"


def _card(simulator: Simulator, **changes: object) -> dict[str, object]:
    card: dict[str, object] = {
        "cardTemplateId": TEMPLATE,
        "outTrackId": "card-1",
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": {"msgContent": "", "flowStatus": "1"}},
        "openSpaceId": f"dtv1.card//IM_GROUP.{simulator.group.id}",
        "imGroupOpenSpaceModel": {"supportForward": True},
        "imGroupOpenDeliverModel": {"robotCode": simulator.robot.robot_code},
        "userIdType": 1,
    }
    return {name: value for name, value in (card | changes).items() if value is not None}


def _update(number: int, content: str, **changes: object) -> dict[str, object]:
    return {
        "outTrackId": "card-1",
        "guid": f"guid-{number}",
        "key": "msgContent",
        "content": content,
        "isFull": True,
        "isFinalize": False,
        "isError": False,
    } | changes


async def test_a_card_is_streamed_and_finished(caller: Caller, simulator: Simulator) -> None:
    token = await caller.token()
    created = await caller.call("POST", BOTH, _card(simulator), token=token)
    states = [simulator.state.cards.get("card-1").state]  # type: ignore[union-attr] # it is there

    for update in (_update(1, "你"), _update(2, "你好"), _update(3, "你好。", isFinalize=True)):
        answer = await caller.call("PUT", STREAMING, update, token=token)
        assert answer.json() == {"success": True, "result": True}
        states.append(simulator.state.cards.get("card-1").state)  # type: ignore[union-attr] # as above

    (result,) = created.json()["result"]["deliverResults"]
    assert (result["success"], result["spaceId"]) == (True, simulator.group.id)
    assert states == [
        CardState.PROCESSING,
        CardState.INPUTTING,
        CardState.INPUTTING,
        CardState.FINISHED,
    ]
    (message,) = simulator.state.messages
    assert (message.card, message.text, message.query_key) == (
        "card-1",
        "你好。",
        result["carrierId"],
    )
    assert [frame.endpoint for frame in message.frames] == [
        "cardCreateAndDeliver",
        *["cardStreaming"] * 3,
    ]


BAD_CARDS = [
    ({"cardTemplateId": "no template"}, "param.templateNotExist"),
    ({"cardTemplateId": None}, "param.invalid"),
    ({"outTrackId": ""}, "param.invalid"),
    ({"cardData": {"cardParamMap": {"n": 1}}}, "param.invalid"),
    ({"cardData": {"cardParamMap": {"n": ["x"]}}}, "param.invalid"),
    ({"openSpaceId": None}, "param.openSpaceIdInvalid"),
    ({"openSpaceId": "IM_GROUP.cid"}, "param.openSpaceIdInvalid"),
    ({"openSpaceId": "dtv1.card//ELSEWHERE.cid"}, "param.openSpaceIdInvalid"),
    ({"imGroupOpenDeliverModel": None}, "param.openDeliverModelEmpty"),
    ({"imGroupOpenDeliverModel": {"robotCode": "another"}}, "param.openDeliverModelError"),
    ({"imGroupOpenSpaceModel": {}}, "param.invalid"),
    ({"callbackType": "PIGEON"}, "param.invalid"),
    ({"userIdType": 3}, "param.invalid"),
    (
        {
            "openSpaceId": "dtv1.card//IM_ROBOT.manager1001",
            "imRobotOpenDeliverModel": {"spaceType": "ONE_BOX", "robotCode": "dingsimulated0001"},
        },
        "param.openDeliverModelError",
    ),
]


@pytest.mark.parametrize(("changes", "code"), BAD_CARDS)
async def test_a_bad_card_is_refused(
    caller: Caller, simulator: Simulator, changes: dict[str, object], code: str
) -> None:
    answer = await caller.call("POST", BOTH, _card(simulator, **changes))

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert len(simulator.state.messages) == 0


OTHER_TEMPLATE = "11111111-2222-3333-4444-555555555555.schema"

SHOWN = [
    (TEMPLATE, {"msgContent": ""}, "msgContent", True),
    (TEMPLATE, {"msgContent": ""}, "content", False),
    (TEMPLATE, {}, "content", False),
    (TEMPLATE, {"content": "", "flowStatus": "1"}, "content", False),
    (OTHER_TEMPLATE, {"answer": "", "flowStatus": "1"}, "answer", True),
    (OTHER_TEMPLATE, {"answer": "", "flowStatus": "1"}, "content", False),
    (OTHER_TEMPLATE, {"flowStatus": "1", "config": "{}"}, "content", True),
]


@pytest.mark.parametrize(("template", "variables", "key", "is_shown"), SHOWN)
async def test_only_variables_of_the_template_are_shown(  # noqa: PLR0913, PLR0917 - a row of the table
    caller: Caller,
    simulator: Simulator,
    template: str,
    variables: dict[str, str],
    key: str,
    is_shown: bool,  # noqa: FBT001 - the table says it
) -> None:
    """DingTalk accepts updates of unknown variables, finishes the card, and shows nothing of them."""
    content = {"cardParamMap": variables}
    await caller.call("POST", BOTH, _card(simulator, cardTemplateId=template, cardData=content))

    answer = await caller.call("PUT", STREAMING, _update(1, "你好", key=key, isFinalize=True))

    card = simulator.state.cards.get("card-1")
    (message,) = simulator.state.messages
    assert answer.json() == {"success": True, "result": True}
    assert card is not None
    assert card.state is CardState.FINISHED
    assert (card.text, message.text) == (("你好",) * 2 if is_shown else ("", ""))
    assert card.ignored_keys == ([] if is_shown else [key])


async def test_the_variables_of_a_template_can_be_configured(
    caller: Caller, simulator: Simulator
) -> None:
    simulator.switch(card_variables={OTHER_TEMPLATE: ["body"]})
    await caller.call("POST", BOTH, _card(simulator, cardTemplateId=OTHER_TEMPLATE))
    card = simulator.state.cards.get("card-1")
    assert card is not None

    shown = []
    for number, key in enumerate(("msgContent", "body")):
        await caller.call("PUT", STREAMING, _update(number, "你好", key=key))
        shown.append(card.text)

    assert shown == ["", "你好"]


async def test_a_card_id_is_unique(caller: Caller, simulator: Simulator) -> None:
    await caller.call("POST", BOTH, _card(simulator))

    again = await caller.call("POST", BOTH, _card(simulator))

    assert (again.status_code, again.json()["code"]) == (400, "param.cardAlreadyExist")


async def test_templates_can_be_listed(caller: Caller, simulator: Simulator) -> None:
    simulator.switch(card_templates=["ours.schema"])

    unknown = await caller.call("POST", BOTH, _card(simulator))
    known = await caller.call("POST", BOTH, _card(simulator, cardTemplateId="ours.schema"))

    assert (unknown.status_code, known.status_code) == (400, 200)


@pytest.mark.parametrize(
    "space", ["dtv1.card//IM_GROUP.cid-nowhere", "dtv1.card//IM_ROBOT.stranger"]
)
async def test_an_undeliverable_card_fails_only_in_its_result(
    caller: Caller, simulator: Simulator, space: str
) -> None:
    private = {"spaceType": "IM_ROBOT", "robotCode": simulator.robot.robot_code}
    asked = _card(simulator, openSpaceId=space, imRobotOpenDeliverModel=private)

    answer = await caller.call("POST", BOTH, asked)

    assert answer.status_code == 200
    assert answer.json()["result"]["deliverResults"][0]["success"] is False


async def test_a_card_is_created_first_and_delivered_later(
    caller: Caller, simulator: Simulator
) -> None:
    card = _card(simulator)
    early = {"outTrackId": "card-1", "openSpaceId": "dtv1.card//IM_ROBOT.manager1001"}
    delivery = early | {
        "imRobotOpenDeliverModel": {
            "spaceType": "IM_ROBOT",
            "robotCode": simulator.robot.robot_code,
        }
    }

    before = await caller.call("POST", DELIVER, delivery)
    created = await caller.call("POST", INSTANCES, card)
    unwritable = await caller.call("PUT", STREAMING, _update(1, "x"))
    delivered = await caller.call("POST", DELIVER, delivery)

    assert before.status_code == unwritable.status_code == 400
    assert created.json() == {"success": True, "result": "card-1"}
    assert delivered.json()["result"][0]["success"] is True


BAD_UPDATES = [
    ({"outTrackId": "never"}, "param.stream.outTrackId"),
    ({"guid": ""}, "param.stream.guidEmpty"),
    ({"key": ""}, "param.stream.keyEmpty"),
    ({"isFull": False}, "param.stream.isFull"),
    ({"content": 1}, "param.invalid"),
]


@pytest.mark.parametrize(("changes", "code"), BAD_UPDATES)
async def test_a_bad_update_is_refused(
    caller: Caller, simulator: Simulator, changes: dict[str, object], code: str
) -> None:
    await caller.call("POST", BOTH, _card(simulator))

    answer = await caller.call("PUT", STREAMING, _update(1, "x") | changes)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("switches", "content", "code"),
    [
        ({"cards_take_empty_content": False}, "", "param.stream.contentEmpty"),
        ({}, "", None),
        ({"card_content_limit": 3}, "四个字吧", "param.stream.content"),
        ({"card_content_limit": 3}, "三个字", None),
    ],
)
async def test_undocumented_content_rules_are_switches(
    caller: Caller,
    simulator: Simulator,
    switches: dict[str, object],
    content: str,
    code: str | None,
) -> None:
    simulator.switch(**switches)
    await caller.call("POST", BOTH, _card(simulator))

    answer = await caller.call("PUT", STREAMING, _update(1, content))

    assert answer.json().get("code") == code


async def test_a_plain_variable_can_be_appended_to(caller: Caller, simulator: Simulator) -> None:
    simulator.switch(card_keys_of_plain_text=["msgContent"])
    await caller.call("POST", BOTH, _card(simulator))

    for number, piece in enumerate("一二三"):
        await caller.call("PUT", STREAMING, _update(number, piece, isFull=False))

    assert simulator.state.cards.get("card-1").text == "一二三"  # type: ignore[union-attr] # it is there


async def test_a_repeated_guid_changes_nothing(caller: Caller, simulator: Simulator) -> None:
    await caller.call("POST", BOTH, _card(simulator))
    await caller.call("PUT", STREAMING, _update(1, "first", isFinalize=True))

    again = await caller.call("PUT", STREAMING, _update(1, "second"))

    card = simulator.state.cards.get("card-1")
    assert card is not None
    assert (again.status_code, card.text, card.updates) == (200, "first", 1)


@pytest.mark.parametrize(
    ("last", "state"), [({"isFinalize": True}, "finished"), ({"isError": True}, "failed")]
)
async def test_a_finished_card_takes_no_updates(
    caller: Caller, simulator: Simulator, last: dict[str, object], state: str
) -> None:
    await caller.call("POST", BOTH, _card(simulator))
    await caller.call("PUT", STREAMING, _update(1, "end", **last))

    late = await caller.call("PUT", STREAMING, _update(2, "late"))

    shown = (await caller.control("GET", "/cards/card-1")).json()
    assert late.status_code == 400
    assert (shown["state"], shown["text"]) == (state, "end")
    assert (await caller.control("GET", "/state")).json()["open"]["unfinished_cards"] == 0


@pytest.mark.parametrize("by_key", [False, True])
async def test_variables_are_replaced_or_changed_by_key(
    caller: Caller, simulator: Simulator, *, by_key: bool
) -> None:
    await caller.call("POST", BOTH, _card(simulator))
    change = {
        "outTrackId": "card-1",
        "cardData": {"cardParamMap": {"flowStatus": "3"}},
        "cardUpdateOptions": {"updateCardDataByKey": by_key},
    }

    await caller.call("PUT", INSTANCES, change)

    card = simulator.state.cards.get("card-1")
    assert card is not None
    assert card.variables == (
        {"msgContent": "", "flowStatus": "3"} if by_key else {"flowStatus": "3"}
    )
    assert card.state is CardState.FINISHED


async def test_a_click_reaches_the_robot_and_changes_the_card(
    caller: Caller, simulator: Simulator, robot: Robot
) -> None:
    route = {"callbackRouteKey": "route", "callbackUrl": robot.url, "apiSecret": "s3"}
    await caller.call("POST", "/v1.0/card/callbacks/register", route)
    card = _card(simulator, callbackType="HTTP", callbackRouteKey="route")
    await caller.call("POST", BOTH, card)
    change = {
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": None},
        "cardData": {"cardParamMap": {"flowStatus": "3"}},
        "userPrivateData": None,
    }
    robot.answers.append((200, json.dumps(change).encode(), 0.0))

    click = {"person": "manager1001", "action": "btn_stop", "params": {"action": "stop"}}
    call = (await caller.control("POST", "/cards/card-1/click", click)).json()

    headers, body = robot.posted[0].headers, robot.posted[0].body
    assert headers["x-ddpaas-signature"]
    assert (body["userId"], body["spaceType"]) == ("manager1001", "IM_GROUP")
    content = json.loads(str(body["content"]))
    assert content == {"cardPrivateData": {"actionIds": ["btn_stop"], "params": {"action": "stop"}}}
    assert call["status"] == 200
    assert (await caller.control("GET", "/cards/card-1")).json()["state"] == "finished"


async def test_a_card_callback_route_is_replaced_only_if_forced(caller: Caller) -> None:
    route = {"callbackRouteKey": "route", "callbackUrl": "http://127.0.0.1:9/", "apiSecret": "s"}
    path = "/v1.0/card/callbacks/register"

    answers = [
        await caller.call("POST", path, route | more) for more in ({}, {}, {"forceUpdate": True})
    ]

    assert [answer.status_code for answer in answers] == [200, 400, 200]

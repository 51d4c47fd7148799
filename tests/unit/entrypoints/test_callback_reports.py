"""What DingTalk reports in place of messages reaches the operator, and is over when a message comes."""

import json
import logging

import pytest

from adapters.dingtalk.inbound.callback import BadCallback, EncryptedCallback, read_callback
from application.rate_limited_logger import RateLimitedLogger
from domain.message import RobotId
from entrypoints.callback_reports import CallbackReports
from tests.unit.adapters.dingtalk.inbound.payloads import GROUP_TEXT, Payload, without

ROBOT = RobotId("dingfirst")
USED_UP: Payload = {**without("text"), "errorCode": 20001}


def reports(counted: list[str] | None = None) -> CallbackReports:
    count = [] if counted is None else counted
    return CallbackReports(logger=RateLimitedLogger(logging.getLogger("x")), count=count.append)


def read(made: CallbackReports, body: Payload, robot: RobotId = ROBOT) -> None:
    made.read(robot, read_callback(json.dumps(body).encode()))


def test_a_used_up_allowance_is_a_warning_until_a_message_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counted = list[str]()
    made = reports(counted)

    read(made, USED_UP)
    read(made, GROUP_TEXT, RobotId("dingsecond"))

    (warning,) = made.warnings()
    assert "dingfirst" in warning
    assert "用量管控" in warning
    assert caplog.messages == ["dingtalk_allowance_used_up"]
    read(made, GROUP_TEXT)
    assert made.warnings() == ()
    assert counted == ["20001"]


@pytest.mark.parametrize(
    ("code", "told"), [(30007, "30007"), ("quota!", "unknown"), ([1], "unknown")]
)
def test_another_error_is_told_by_its_code(
    caplog: pytest.LogCaptureFixture, code: int | str | list[int], told: str
) -> None:
    made = reports()

    read(made, {**without("text"), "errorCode": code})  # type: ignore[dict-item] # any JSON

    assert told in made.warnings()[0]
    (record,) = caplog.records
    assert (record.msg, vars(record)["code"]) == ("dingtalk_error_reported", told)


def test_an_encrypted_body_comes_with_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    made = reports()

    made.unreadable(ROBOT, EncryptedCallback("its body is encrypted"))
    made.unreadable(ROBOT, BadCallback("not a callback of DingTalk"))

    assert caplog.messages == ["callback_encrypted", "bad_callback"]
    assert "switch body encryption" in vars(caplog.records[0])["remedy"]

"""What DingTalk's answers mean."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from adapters.dingtalk.outbound.errcodes import Detour, api_verdict, webhook_verdict
from adapters.dingtalk.outbound.exchange import Answer
from domain.reply import Busy, Sent, Undeliverable

Body = Mapping[str, object] | None


def said(status: int, body: Body, retry_after: timedelta | None = None) -> Answer:
    return Answer(status=status, body=body, retry_after=retry_after)


@pytest.mark.parametrize("number", [0, "0"])
def test_errcode_zero_delivers_as_number_and_as_word(number: int | str) -> None:
    assert webhook_verdict(said(200, {"errcode": number, "errmsg": "ok"})) == Sent()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, None),
        (200, {}),
        (200, {"errcode": None}),
        (200, {"errcode": False}),
        (200, {"errcode": 0.0}),
        (200, {"errcode": "ok"}),
        (302, {"errcode": 0}),
        (400, {"errcode": 0}),
        (500, {"errcode": 0}),
        (404, None),
        (429, None),
        (502, None),
        (200, {"errcode": 31337}),
    ],
)
def test_whatever_is_no_clear_success_is_tried_again(status: int, body: Body) -> None:
    assert isinstance(webhook_verdict(said(status, body)), Busy)


@pytest.mark.parametrize(
    ("number", "seconds"),
    [(-1, None), (90002, 5), (90005, 5), (90018, 1), (130101, 60), (410100, 10), ("130101", 60)],
)
def test_a_busy_code_names_its_pause(number: int | str, seconds: int | None) -> None:
    verdict = webhook_verdict(said(200, {"errcode": number}))

    assert isinstance(verdict, Busy)
    assert verdict.pause == (None if seconds is None else timedelta(seconds=seconds))


def test_the_throttle_page_is_left_alone_for_the_time_of_the_ban() -> None:
    body = {"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "u"}

    verdict = webhook_verdict(said(200, body))

    assert isinstance(verdict, Busy)
    assert verdict.pause == timedelta(minutes=5)


def test_too_many_requests_are_paused_as_long_as_was_asked() -> None:
    verdict = webhook_verdict(said(429, None, timedelta(seconds=42)))

    assert isinstance(verdict, Busy)
    assert verdict.pause == timedelta(seconds=42)


@pytest.mark.parametrize("number", [300001, 90030])
def test_an_ended_session_asks_for_the_other_way(number: int) -> None:
    assert webhook_verdict(said(200, {"errcode": number})) is Detour.OTHER_WAY


@pytest.mark.parametrize(
    "number",
    [
        *(
            40035,
            43004,
            43005,
            43009,
            90020,
            300005,
            310000,
            400013,
            400101,
            400102,
            400105,
            400106,
        ),
        *(430101, 430102, 430103, 430104, 460101),
    ],
)
def test_a_permanent_code_ends_the_trying_and_is_named(number: int) -> None:
    verdict = webhook_verdict(said(200, {"errcode": number, "errmsg": "words of people"}))

    assert isinstance(verdict, Undeliverable)
    assert str(number) in verdict.reason
    assert "people" not in verdict.reason


QUERY = {"processQueryKey": "Q"}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, QUERY, Sent),
        (200, {**QUERY, "invalidStaffIdList": [], "flowControlledStaffIdList": []}, Sent),
        (200, {**QUERY, "invalidStaffIdList": ["m"]}, Undeliverable),
        (200, {**QUERY, "filteredStaffIdList": ["m"]}, Undeliverable),
        (200, {**QUERY, "flowControlledStaffIdList": ["m"]}, Busy),
        (200, {}, Busy),
        (200, None, Busy),
        (400, {"code": "send.too.fast"}, Busy),
        (400, {"Code": "send.byToken.tooFast"}, Busy),
        (400, {"code": "too.many.group"}, Busy),
        (403, {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}, Busy),
        (403, {"code": "Forbidden.AccessDenied.QpsLimitForApi"}, Busy),
        (403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg"}, Undeliverable),
        (403, {"code": "Forbidden.AccessDenied.AccessTokenPermissionDenied"}, Undeliverable),
        (400, {"code": "group.disbanded"}, Undeliverable),
        (429, {}, Busy),
        (500, {"code": "system.busy"}, Busy),
        (504, None, Busy),
    ],
)
def test_the_openapi_is_understood(status: int, body: Body, kind: type[object]) -> None:
    assert isinstance(api_verdict(said(status, body)), kind)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {}),
        (400, {"code": "InvalidAuthentication"}),
        (400, {"code": "invalidParameter.token.invalid"}),
        (400, {"Code": "token.notExisted"}),
    ],
)
def test_a_token_that_is_not_accepted_is_told_apart(status: int, body: Body) -> None:
    assert api_verdict(said(status, body)) is Detour.NEW_TOKEN

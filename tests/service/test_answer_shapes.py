"""Shapes of answers and refusals from the wire to the reply, the database, the count and the log.

What the bytes mean is tested with the adapter (`tests/integration/models/shapes`). Here a few of each kind
go through the whole service: each question names the shape that it is answered with.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from anyio.from_thread import BlockingPortal

from tests.fakes.model_server import (
    DONE,
    Behaviour,
    Call,
    Line,
    answer,
    chunk,
    completion,
    echo,
    error,
    event,
    finished,
    line_closes,
    said,
    status,
    stream,
)
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk, fake_model, messages_of
from tests.service.running import Config, RunningService, eventually
from tests.service.talk import People, Person, Said

PROSE = "host-17 wrote about 李四: sk-leaked"
SECRET_THOUGHT = "无人看见的想法"
CUT = "（回答在这里中断了"
SHORTENED = "（回答达到长度上限"
CUTS = ("ModelCutOff",) * 3
DOWN = ("ModelUnavailable",) * 3
NUMBERED = re.compile(r"第(\d+)种")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One row. `reply` is how the reply begins, or a part of the one sentence; `stored`, the stored answer.

    `outcomes` are the tries that failed, and `fact` is what the log says of the last of them.
    """

    name: str
    sent: Behaviour
    reply: str
    stored: str = "二四"
    reason: str = "answered"
    note: str = ""
    outcomes: tuple[str, ...] = ()
    fact: str = ""
    goes_on: bool = False
    """Whether another provider is asked, which has another model."""

    @property
    def is_answered(self) -> bool:
        return self.reason in {"answered", "answer_cut"}

    @property
    def calls(self) -> int:
        return max(1, len(self.outcomes))


def good(name: str, *events: bytes, reply: str = "二四", note: str = "", **more: str) -> Shape:
    return Shape(name=name, sent=stream(*events), reply=reply, note=note, **more)  # type: ignore[arg-type] # texts only


def cut(name: str, fact: str, *events: bytes) -> Shape:
    return Shape(
        name=name,
        sent=stream(*events),
        reply="二",
        stored="二",
        reason="answer_cut",
        note=CUT,
        outcomes=CUTS,
        fact=fact,
        goes_on=True,
    )


def bad(  # noqa: PLR0913 - the columns of the table
    name: str, kind: str, sent: Behaviour, reply: str, fact: str, *, tries: int = 1, goes_on: bool
) -> Shape:
    return Shape(
        name=name,
        sent=sent,
        reply=reply,
        stored="",
        reason=kind,
        outcomes=(kind,) * tries,
        fact=fact,
        goes_on=goes_on,
    )


def both(text: str, reason: str) -> bytes:
    return event({"choices": [{"delta": {"content": text}, "finish_reason": reason}]})


def answering(body: object) -> Behaviour:
    return status(200, body)


THOUGHT = chunk({"reasoning_content": SECRET_THOUGHT})
FINISH = (finished(), DONE)
MODEL_GONE = {"error": {"code": "1211", "message": f"模型不存在 {PROSE}"}}
SHAPES: Sequence[Shape] = [
    good("the usual", said("二"), said("四"), *FINISH),
    good("stop on every chunk", both("二", "stop"), both("四", "STOP"), DONE),
    good("no reason but the end mark", said("二四"), DONE),
    good("null between", said("二"), b"data: null\n\n", said("四"), *FINISH),
    good("CRLF and comments", b": OPENROUTER PROCESSING\r\n\r\n", said("二四"), *FINISH),
    good("thoughts beside", THOUGHT, said("二四"), *FINISH),
    good("thoughts within", said(f"<think>{SECRET_THOUGHT}"), said("</thi"), said("nk>二四"), *FINISH),
    good("cut by its limit", said("二四"), finished("length"), DONE, note=SHORTENED),
    Shape(name="a document", sent=answering(completion("二四")), reply="二四"),
    cut("it stops", "the stream ended without a finish reason", said("二")),
    cut("a reason of failure", "finish reason insufficient_system_resource",
        said("二"), finished("insufficient_system_resource"), DONE),
    cut("an error in the middle", "error in the answer server_error",
        said("二"), event({"error": {"code": "server_error", "message": PROSE}}), DONE),
    bad("down", "ModelUnavailable", error(502, message=PROSE), "暂时没有响应", "status 502",
        tries=3, goes_on=True),
    bad("nothing", "ModelGaveNothing", stream(*FINISH), "没有给出回答",
        "empty answer, finish reason stop", tries=3, goes_on=True),
    bad("used up by thoughts", "ThinkingUsedUpLimit", stream(THOUGHT, finished("length"), DONE),
        "max_answer_len", "the limit was reached before the answer began", goes_on=True),
    bad("thoughts only", "OnlyThoughts", stream(THOUGHT, *FINISH), "只给出了思考过程",
        "thoughts without an answer, finish reason stop", goes_on=True),
    bad("a wrong key", "ModelMisconfigured", error(401, "invalid_api_key", message=PROSE),
        "联系管理员", "status 401 invalid_api_key", goes_on=True),
    bad("a web page", "ModelMisconfigured", stream(b"<!DOCTYPE html>\n" + PROSE.encode()),
        "联系管理员", "a web page in place of an answer: the address may be wrong", goes_on=True),
    bad("gone", "ModelGone", status(400, MODEL_GONE), "不提供所配置的模型", "status 400 1211", goes_on=True),
    bad("no funds, with status 200", "ModelOutOfFunds",
        answering({"base_resp": {"status_code": 1008, "status_msg": PROSE}}),
        "额度用完", "error in the answer minimax.1008", goes_on=True),
    bad("declined", "ModelDeclined", error(400, "data_inspection_failed", message=PROSE),
        "内容审核", "status 400 data_inspection_failed", goes_on=False),
    bad("declined in the middle", "ModelDeclined", stream(said("二"), finished("content_filter"), DONE),
        "内容审核", "finish reason content_filter", goes_on=False),
    bad("too long", "PromptTooLong", error(400, message="Range of input length should be [1, 6144]"),
        "超过了模型一次能处理的长度", "status 400 at least 1 at most 6144", goes_on=True),
    bad("too large", "PromptTooLong", status(413, f"<html>{PROSE}"), "超过了模型一次能处理的长度",
        "status 413", goes_on=True),
    bad("not taken", "ModelRejected", error(400, "invalid_request_error", message=PROSE, param="messages"),
        "没有接受这个请求", "status 400 invalid_request_error param messages", goes_on=True),
    good("only the end of thoughts", said(f"{SECRET_THOUGHT}\n</think>\n\n二四"), *FINISH),
]  # fmt: skip
TAUGHT = SHAPES[-1:]
"""What it shows about the model is remembered, and changes what its next answers are taken for."""
RESTING = ("ModelUnavailable", "ModelCutOff", "ModelMisconfigured", "ModelGone", "ModelOutOfFunds")
"""After these a provider rests."""


async def by_number(line: Line, call: Call) -> None:
    """Answers with the shape that the question names."""
    found = NUMBERED.search(messages_of(call)[-1]["content"])
    sent = SHAPES[int(found[1])].sent if found else echo(chunks=5, delay=0)
    await respond(sent, line, call)


async def respond(sent: Behaviour, line: Line, call: Call) -> None:
    """A stream ends with its connection; others may be used again."""
    await sent(line, call)
    if line_closes(sent):
        await line.end()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that was put with a shape, and who put it."""

    shape: Shape
    person: Person
    said: Said
    text: str


def all_asked(
    service: RunningService, dingtalk: SimulatedDingTalk, shapes: Sequence[Shape]
) -> list[Asked]:
    """All of them at once, each by somebody else."""
    people = People(service, dingtalk)
    asked = []
    for shape in shapes:
        person, text = people.stranger(), f"第{SHAPES.index(shape)}种"
        asked.append(Asked(shape=shape, person=person, said=person.say(text), text=text))
    return asked


def asked_of(model: FakeModel, text: str) -> int:
    return model.questions.count(text)


@pytest.fixture(scope="module")
def backup(portal: BlockingPortal) -> Iterator[FakeModel]:
    with fake_model(portal) as opened:
        yield opened


@pytest.fixture(scope="module")
def main(portal: BlockingPortal) -> Iterator[FakeModel]:
    with fake_model(portal) as opened:
        opened.will(then=by_number)
        yield opened


def stored(service: RunningService, text: str) -> tuple[object, ...]:
    eventually(lambda: service.rows("SELECT 1 FROM exchanges WHERE question = ?", text))
    (row,) = service.rows(
        "SELECT state, reason, answer, attempts FROM exchanges WHERE question = ?", text
    )
    return row


def outcomes_in(attempts: object) -> list[str]:
    return [one["outcome"] for one in json.loads(str(attempts))] if attempts else []


def fact_of(service: RunningService, asked: Asked) -> object:
    events = [*service.events("question_failed"), *service.events("answer_cut")]
    return next((one["fact"] for one in events if one["msg_id"] == asked.said.msg_id), "")


def check_silence(service: RunningService, dingtalk: SimulatedDingTalk) -> None:
    """Nothing of a thought, of a provider's words or of the key is anywhere."""
    rows = str(service.rows("SELECT * FROM exchanges"))
    for hidden in (SECRET_THOUGHT, "host-17", "sk-leaked", "sk-service-tests"):
        assert hidden not in service.said
        assert hidden not in rows
        assert hidden not in dingtalk.everything()


@pytest.fixture(scope="module")
def alone(
    tmp_path_factory: pytest.TempPathFactory, main: FakeModel, dingtalk: SimulatedDingTalk
) -> Iterator[RunningService]:
    config = config_of(main, dingtalk, default_mode="串聊")
    with RunningService(folder=tmp_path_factory.mktemp("alone"), config=config) as running:
        yield running


def test_with_one_provider_each_shape_is_an_answer_or_one_true_sentence(
    alone: RunningService, main: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    for asked in all_asked(alone, dingtalk, SHAPES[:-1]):
        check(alone, main, asked)
    for asked in all_asked(alone, dingtalk, TAUGHT):
        check(alone, main, asked)
    check_silence(alone, dingtalk)


def check(alone: RunningService, main: FakeModel, asked: Asked) -> None:
    shape, reply = asked.shape, asked.said.reply()
    state, reason, text, attempts = stored(alone, asked.text)

    if shape.is_answered:
        assert reply.startswith(shape.reply + ("\n\n" + shape.note if shape.note else "")), (
            shape.name
        )
        assert shape.note or reply == shape.reply, shape.name
    else:
        assert shape.reply in reply, shape.name
    kept = ("answered" if shape.is_answered else "failed", shape.reason, shape.stored)
    assert (state, reason, text) == kept, shape.name
    assert outcomes_in(attempts) == list(shape.outcomes), shape.name
    assert asked_of(main, asked.text) == shape.calls, shape.name
    assert fact_of(alone, asked) == shape.fact, shape.name
    used = f"已提问 **{int(shape.is_answered)}** 次"
    assert used in asked.person.ask("用量"), shape.name
    if shape.is_answered:
        check_context(asked, main)


def check_context(asked: Asked, main: FakeModel) -> None:
    """The next question brings what was shown, without notes and thoughts."""
    follow_up = f"然后呢 {asked.person.staff_id}"
    asked.person.ask(follow_up)
    (heard,) = [one for one in main.heard if one[-1]["content"] == follow_up]
    assert [one["content"] for one in heard[-3:]] == [asked.text, asked.shape.stored, follow_up]


def two(main: Sequence[FakeModel], backup: FakeModel, dingtalk: SimulatedDingTalk) -> Config:
    config = config_of(backup, dingtalk, api_key="")
    config["providers"] = [
        {
            "name": name,
            "kind": "openai",
            "api_key": "sk-service-tests",
            "base_url": model.url,
            "model": name,
        }
        for name, model in [*((f"main-{n}", one) for n, one in enumerate(main)), ("backup", backup)]
    ]
    return config


def test_with_a_backup_what_is_about_the_question_goes_on_by_its_kind(
    tmp_path_factory: pytest.TempPathFactory,
    main: FakeModel,
    backup: FakeModel,
    dingtalk: SimulatedDingTalk,
) -> None:
    shapes = [one for one in SHAPES[:-1] if not {*one.outcomes} & {*RESTING}]
    main.forget()
    main.will(then=by_number)
    backup.will(then=answer("备用的回答"))
    folder = tmp_path_factory.mktemp("both")
    with RunningService(folder=folder, config=two([main], backup, dingtalk)) as service:
        for asked in all_asked(service, dingtalk, shapes):
            shape, reply = asked.shape, asked.said.reply()
            _, _, text, attempts = stored(service, asked.text)
            outcomes = [*shape.outcomes, *(["answered"] if shape.goes_on else [])]
            if not shape.goes_on and not shape.is_answered:
                outcomes.append("not_suitable")

            assert ("备用的回答" in reply, shape.reply in reply) == (
                shape.goes_on,
                not shape.goes_on,
            )
            assert text == ("备用的回答" if shape.goes_on else shape.stored), shape.name
            assert outcomes_in(attempts) == outcomes, shape.name
            assert asked_of(main, asked.text) == shape.calls, shape.name
            assert asked_of(backup, asked.text) == int(shape.goes_on), shape.name
        check_silence(service, dingtalk)


def test_a_question_goes_through_all_providers_that_then_rest(
    tmp_path_factory: pytest.TempPathFactory,
    main: FakeModel,
    backup: FakeModel,
    dingtalk: SimulatedDingTalk,
) -> None:
    """One question meets each kind of failure after which a provider rests, and the next meets none."""
    kinds = {kind: next(one for one in SHAPES if kind in one.outcomes) for kind in RESTING}
    main.forget()
    main.will(then=by_path(list(kinds.values())))
    backup.forget()
    backup.will(then=answer("备用的回答"))
    config = two([main] * len(kinds), backup, dingtalk)
    for number, one in enumerate(list_in(config)[:-1]):
        one["base_url"] = f"{main.url}/{number}"
    folder = tmp_path_factory.mktemp("chain")
    with RunningService(folder=folder, config=config) as service:
        zhang = People(service, dingtalk).stranger()

        assert [zhang.ask("一"), zhang.ask("二")] == ["备用的回答", "备用的回答"]
        first, second = (outcomes_in(stored(service, text)[3]) for text in ("一", "二"))
        check_silence(service, dingtalk)

    assert first == [
        *(outcome for shape in kinds.values() for outcome in shape.outcomes),
        "answered",
    ]
    assert second == ["cooling_down"] * len(kinds) + ["answered"]
    assert (asked_of(main, "二"), backup.questions) == (0, ["一", "二"])


def by_path(shapes: Sequence[Shape]) -> Behaviour:
    """Answers with the shape whose number the path begins with."""

    async def behave(line: Line, call: Call) -> None:
        await respond(shapes[int(call.path.split("/")[1])].sent, line, call)

    return behave


def list_in(config: Config) -> list[dict[str, object]]:
    found = config["providers"]
    assert isinstance(found, list)
    return found

"""The front door: who is turned away, and what each command says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.admit_question import Question
from application.handle_message import HandleMessage
from application.obey_command import ObeyCommand
from application.ports import Claim, Outcome
from application.report_usage import ReportUsageOf
from application.rulebook import Rulebook
from application.wording import CHINESE, ENGLISH, Wording, wording_in
from domain.access import AccessPolicy, AllowList, Refusal
from domain.command import (
    InspectCertificate,
    InspectDomain,
    LookUpHistory,
    Mode,
    RevokeHistoryLinks,
)
from domain.conversation import Session, Turn
from domain.inbox import State
from domain.message import (
    Content,
    ContentKind,
    GroupId,
    IncomingMessage,
    Room,
    RoomKind,
    Sender,
    StaffId,
)
from domain.prompts import PromptBook
from tests.fakes.clock import ManualClock
from tests.fakes.house import CountingLedger, WholeMessenger, claim_of, rules
from tests.strategies import NOON, message_saying

pytestmark = pytest.mark.anyio

GROUP = Room(kind=RoomKind.GROUP, id=GroupId("cidA"), title="项目组")
ZHANG = frozenset({StaffId("zhang")})
DENIED = AccessPolicy(denied_users=ZHANG)
OLD = Turn(question="旧问", answer="旧答", tokens=30)


async def echo(question: Question) -> Outcome:
    return Outcome(state=State.ANSWERED, reason=f"asked: {question.text}", session=question.session)


async def draw(question: Question) -> Outcome:
    return Outcome(state=State.ANSWERED, reason=f"drawn: {question.text}", session=question.session)


async def balance(_message: IncomingMessage, _rules: Rulebook) -> str:
    return "还有机密元"


async def look_up(
    command: LookUpHistory | RevokeHistoryLinks, message: IncomingMessage, _rules: Rulebook
) -> str:
    return f"{message.sender.nick}: {command} 机密"


async def inspect(command: InspectDomain | InspectCertificate, _rules: Rulebook) -> str:
    return str(command)


async def handle(
    claim: Claim, book: Rulebook | None = None, ledger: CountingLedger | None = None
) -> Outcome:
    obey = ObeyCommand(
        messenger=WholeMessenger(),
        answer_question=echo,
        draw_picture=draw,
        report_usage=ReportUsageOf(ledger or CountingLedger()),
        report_balance=balance,
        look_up_history=look_up,
        inspect_site=inspect,
    )
    handle_message = HandleMessage(
        rules=lambda: book or rules(), messenger=WholeMessenger(), clock=ManualClock(), obey=obey
    )
    return await handle_message(claim)


async def say(
    text: str | None, book: Rulebook | None = None, session: Session | None = None
) -> Outcome:
    return await handle(claim_of(message_saying(text), session=session), book)


def said(outcome: Outcome) -> str:
    return "".join(part.text for part in outcome.parts)


@pytest.mark.parametrize("refusal", Refusal)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_has_a_sentence(refusal: Refusal, language: str) -> None:
    assert wording_in(language).refusals[refusal]


async def test_who_is_turned_away_hears_why_and_nothing_else_happens() -> None:
    outcome = await say("你好", rules(access=DENIED))

    assert (outcome.state, outcome.reason) == (State.REFUSED, "sender_denied")
    assert said(outcome) == CHINESE.refusals[Refusal.SENDER_DENIED]
    assert outcome.aloud
    assert outcome.session is None


async def test_who_was_turned_away_just_now_hears_nothing() -> None:
    claim = claim_of(message_saying("你好"), last_refusal=NOON - timedelta(seconds=59))

    outcome = await handle(claim, rules(access=DENIED))

    assert (outcome.state, outcome.parts, outcome.aloud) == (State.REFUSED, (), False)


async def test_a_message_without_words_gets_one_polite_reply_after_the_policy() -> None:
    assert said(await say(None)) == CHINESE.only_text
    assert (await say(None)).state is State.REFUSED
    assert (await say(None, rules(access=DENIED))).reason == "sender_denied"


@pytest.mark.parametrize("wording", [CHINESE, ENGLISH], ids=["zh", "en"])
@pytest.mark.parametrize("kind", [ContentKind.ALLOWANCE_USED_UP, ContentKind.KEPT_BACK])
async def test_what_dingtalk_kept_back_is_no_fault_of_the_person(
    kind: ContentKind, wording: Wording
) -> None:
    message = replace(message_saying(None), content=Content(kind=kind, text=None))

    outcome = await handle(claim_of(message), rules(wording=wording))

    assert (outcome.state, outcome.reason) == (State.REFUSED, kind.value)
    assert said(outcome) == getattr(wording, kind.value)
    assert said(outcome) != wording.only_text


async def test_a_question_goes_on_with_what_is_left_of_the_session() -> None:
    running = Session(mode=Mode.MULTI_TURN, turns=(OLD,), touched_at=NOON - timedelta(minutes=9))
    lapsed = Session(mode=Mode.MULTI_TURN, turns=(OLD,), touched_at=NOON - timedelta(minutes=10))

    assert (await say("问", session=running)).session == Session(
        mode=Mode.MULTI_TURN, turns=(OLD,), touched_at=NOON
    )
    assert (await say("问", session=lapsed)).session == Session(touched_at=NOON)


async def test_of_a_conversation_with_nothing_to_remember_nothing_is_stored() -> None:
    said_once = Session(mode=Mode.MULTI_TURN, touched_at=NOON)

    assert (await say("你好")).session is None
    assert (await say("你好", session=said_once)).session == said_once
    assert (await say("重置", session=said_once)).session == Session(touched_at=NOON)
    assert (await say("串聊")).session == said_once


async def test_a_template_is_asked_around_the_words() -> None:
    assert (await say("#周报 写完了")).reason == "asked: 写周报：写完了。"


async def test_a_template_alone_is_shown_and_not_asked() -> None:
    outcome = await say("#周报")

    assert outcome.reason == "ShowTemplate"
    assert "写周报：〈您的内容〉。" in said(outcome)


async def test_the_templates_are_listed_or_said_to_be_none() -> None:
    assert "`#周报`" in said(await say("模板"))
    assert said(await say("模板", rules(prompts=PromptBook()))) == CHINESE.no_templates


@pytest.mark.parametrize("text", ["", "  ", "帮助", "\u200b"])
async def test_help_is_the_operators_text(text: str) -> None:
    assert said(await say(text)) == "我能做什么"


async def test_switching_the_mode_says_when_it_falls_back() -> None:
    outcome = await say("串聊")

    assert "串聊" in said(outcome)
    assert "10 分钟没有新消息" in said(outcome)
    assert outcome.session is not None
    assert outcome.session.mode is Mode.MULTI_TURN


async def test_an_odd_time_is_told_in_seconds() -> None:
    outcome = await say("串聊", rules(session_timeout=timedelta(seconds=90), wording=ENGLISH))

    assert "90 seconds" in said(outcome)


@pytest.mark.parametrize("text", ["重置", "退出", "结束"])
async def test_resetting_forgets_mode_and_context(text: str) -> None:
    session = Session(mode=Mode.MULTI_TURN, turns=(OLD,), touched_at=NOON)

    outcome = await say(text, session=session)

    assert outcome.session == Session(touched_at=NOON)
    assert "单聊" in said(outcome)


async def test_use_is_told_with_limit_rest_and_context() -> None:
    ledger = CountingLedger()
    message = message_saying("用量")
    ledger.counts[message.sender.key, NOON.date()] = 1
    session = Session(mode=Mode.MULTI_TURN, turns=(OLD,), touched_at=NOON)

    outcome = await handle(claim_of(message, session=session), ledger=ledger)

    assert CHINESE.usage.format(asked=1, limit=2, left=1, resets_at="03-02 00:00") in said(outcome)
    assert CHINESE.context_use.format(turns=1, tokens=30, percent=10, room=300) in said(outcome)


async def test_use_without_a_limit_says_so() -> None:
    outcome = await say("用量", rules(access=AccessPolicy(vips=ZHANG)))

    assert CHINESE.usage_unlimited.format(asked=0) in said(outcome)
    assert CHINESE.no_context.format(mode="单聊") in said(outcome)


async def test_a_groups_id_is_shown_to_administrators_with_its_title() -> None:
    message = message_saying("群ID", room=GROUP)

    outcome = await handle(claim_of(message), rules(access=AccessPolicy(admins=ZHANG)))

    assert "`cidA`" in said(outcome)
    assert "『项目组』" in said(outcome)


async def test_a_groups_title_and_id_are_shown_and_do_nothing() -> None:
    room = Room(
        kind=RoomKind.GROUP,
        id=GroupId("cid`![x](http://evil)"),
        title="[点我](http://evil) **组** #1",
    )

    outcome = await handle(
        claim_of(message_saying("群ID", room=room)), rules(access=AccessPolicy(admins=ZHANG))
    )

    assert "『\\[点我\\](http://evil) &#42;&#42;组&#42;&#42; &#35;1』" in said(outcome)
    assert "`cid'![x](http://evil)`" in said(outcome)


async def test_a_groups_id_is_only_logged_for_others(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    outcome = await handle(claim_of(message_saying("群ID", room=GROUP)))

    assert said(outcome) == CHINESE.group_id_logged
    assert "cidA" in [getattr(record, "group_id", "") for record in caplog.records]


async def test_a_groups_id_is_answered_before_the_lists_but_not_in_a_closed_chat() -> None:
    lists = AccessPolicy(
        denied_users=ZHANG,
        groups=AllowList(frozenset({"cidB"})),
        users=AllowList(frozenset({"li"})),
    )
    closed = AccessPolicy(open_rooms=frozenset({RoomKind.PRIVATE}))
    claim = claim_of(message_saying("群ID", room=GROUP))

    assert (await handle(claim, rules(access=lists))).reason == "ShowGroupId"
    assert (await handle(claim, rules(access=closed))).reason == "room_kind_closed"


ELSEWHERE = AllowList(frozenset({"cidB"}))
LATELY = NOON - timedelta(seconds=1)


@pytest.mark.parametrize("outgoing", [False, True])
@pytest.mark.parametrize("wording", [CHINESE, ENGLISH], ids=["zh", "en"])
async def test_a_command_that_a_refusal_recommends_is_never_swallowed(
    wording: Wording, *, outgoing: bool
) -> None:
    book = rules(access=AccessPolicy(groups=ELSEWHERE, outgoing_groups=ELSEWHERE), wording=wording)
    room = replace(GROUP, outgoing=outgoing)

    refused = await handle(claim_of(message_saying("你好", room=room)), book)
    asked = await handle(claim_of(message_saying("群ID", room=room), last_refusal=LATELY), book)

    assert "群ID" in said(refused)
    assert said(asked) == wording.group_id_logged


@pytest.mark.parametrize("access", [DENIED, AccessPolicy(groups=ELSEWHERE), AccessPolicy()])
async def test_a_groups_id_is_logged_each_time(
    caplog: pytest.LogCaptureFixture, access: AccessPolicy
) -> None:
    caplog.set_level("INFO")
    claim = claim_of(message_saying("群ID", room=GROUP), last_refusal=LATELY)

    for _ in range(2):
        await handle(claim, rules(access=access))

    assert [getattr(one, "group_id", "") for one in caplog.records] == ["cidA", "cidA"]


async def test_who_is_turned_away_cannot_make_the_robot_talk_by_asking_for_the_group() -> None:
    message = message_saying("群ID", room=GROUP)
    lately = NOON - timedelta(seconds=59)
    book = rules(access=DENIED)

    first = await handle(claim_of(message), book)
    again = await handle(claim_of(message, last_refusal=lately), book)
    friend = await handle(claim_of(message, last_refusal=lately))

    assert (first.aloud, bool(first.parts)) == (True, True)
    assert again.parts == ()
    assert (friend.aloud, bool(friend.parts)) == (False, True)


async def test_a_persons_own_userid_is_shown_and_nobody_elses() -> None:
    assert "`zhang`" in said(await say("我的ID"))
    assert "`zhang`" in said(await handle(claim_of(message_saying("我的id", room=GROUP))))


async def test_where_dingtalk_names_no_userid_it_says_so() -> None:
    stranger = Sender(staff_id=None, sender_id="$:x", nick="外部")

    outcome = await handle(claim_of(message_saying("我的ID", sender=stranger)))

    assert said(outcome) == CHINESE.no_user_id


@pytest.mark.parametrize("wording", [CHINESE, ENGLISH], ids=["zh", "en"])
async def test_who_is_on_no_list_of_users_learns_the_userid_at_once(wording: Wording) -> None:
    book = rules(access=AccessPolicy(users=AllowList(frozenset({"li"}))), wording=wording)

    refused = await handle(claim_of(message_saying("你好")), book)
    asked = await handle(claim_of(message_saying("我的ID"), last_refusal=LATELY), book)

    assert "我的ID" in said(refused)
    assert said(asked) == wording.user_id.format(id="`zhang`")


async def test_a_denied_person_is_not_answered_more_often_for_asking_for_the_userid() -> None:
    book = rules(access=DENIED)

    first = await handle(claim_of(message_saying("我的ID")), book)
    again = await handle(claim_of(message_saying("我的ID"), last_refusal=LATELY), book)

    assert (first.aloud, "`zhang`" in said(first)) == (True, True)
    assert (again.state, again.parts) == (State.REFUSED, ())


async def test_the_userid_is_not_told_in_a_closed_kind_of_chat() -> None:
    closed = AccessPolicy(open_rooms=frozenset({RoomKind.GROUP}))

    outcome = await handle(claim_of(message_saying("我的ID")), rules(access=closed))

    assert outcome.reason == "room_kind_closed"


async def test_a_private_chat_has_no_group_id() -> None:
    assert said(await say("群ID")) == CHINESE.group_id_outside


async def test_a_message_that_is_quoted_is_never_a_command() -> None:
    message = message_saying("怎么看", quoted="重置")

    assert (await handle(claim_of(message))).reason == "asked: > 重置\n\n怎么看"


ADMINISTERED = AccessPolicy(admins=frozenset({StaffId("boss")}))
BOSS = AccessPolicy(admins=ZHANG)


@pytest.mark.parametrize("text", ["#查对话 username:李四", "#查对话", "#查对话 撤销", "余额"])
async def test_an_administrators_command_is_refused_to_others_in_one_sentence(text: str) -> None:
    session = Session(mode=Mode.MULTI_TURN, turns=(OLD,), touched_at=NOON)

    outcome = await say(text, rules(access=ADMINISTERED), session)

    assert (outcome.state, outcome.reason) == (State.REFUSED, "not_administrator")
    assert said(outcome) == CHINESE.administrators_only
    assert outcome.session == session


async def test_the_balance_is_everybodys_until_there_are_administrators() -> None:
    assert said(await say("余额")) == "还有机密元"
    assert said(await say("余额", rules(access=BOSS))) == "还有机密元"


async def test_looking_up_a_conversation_needs_an_administrator_to_be_named() -> None:
    assert (await say("#查对话 username:李四")).reason == "not_administrator"
    assert said(await say("查对话")) == CHINESE.history.usage


async def test_an_administrator_looks_up_conversations_and_links_stay_as_they_are() -> None:
    outcome = await say("#查对话 username:李四", rules(access=BOSS))

    assert (outcome.state, outcome.reason) == (State.ANSWERED, "LookUpHistory")
    assert said(outcome) == "张三: LookUpHistory(name='李四') 机密"
    assert "RevokeHistoryLinks" in said(await say("#查对话 撤销", rules(access=BOSS)))


async def test_a_picture_is_drawn_or_explained() -> None:
    assert (await say("#图片 猫")).reason == "drawn: 猫"
    assert said(await say("#图片")) == said(await say("图片")) == CHINESE.pictures.usage


@pytest.mark.parametrize("words", ["图片", "#图片"])
async def test_without_an_image_model_the_words_for_pictures_say_so(words: str) -> None:
    assert said(await say(words, replace(rules(), draws=False))) == CHINESE.pictures.off


async def test_sites_are_inspected_as_they_were_typed() -> None:
    assert said(await say("#域名 a.cn")) == str(InspectDomain("a.cn"))
    assert said(await say("#证书")) == str(InspectCertificate(""))

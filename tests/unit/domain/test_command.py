"""Reading a message is total: a command if it is one to the letter, a question otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.command import (
    EXACT,
    INVISIBLE,
    Ask,
    Command,
    Draw,
    ExplainHistory,
    ExplainPictures,
    InspectCertificate,
    InspectDomain,
    ListTemplates,
    LookUpHistory,
    Mode,
    ReportBalance,
    ReportUsage,
    ResetSession,
    RevokeHistoryLinks,
    ShowGroupId,
    ShowHelp,
    ShowTemplate,
    ShowUserId,
    SwitchMode,
    parse,
    trimmed,
    with_quote,
)
from domain.errors import InvalidValue
from domain.prompts import PromptBook, PromptTemplate

FRONT = PromptTemplate(title="前端", prefix="你是前端。", suffix="。")
ENGINEER = PromptTemplate(title="前端-高级", prefix="你是高级前端。")
LINUX = PromptTemplate(title="Linux命令", prefix="写命令：")
BOOK = PromptBook.of([FRONT, ENGINEER, LINUX])

typed = st.text("#前端工程师-Linux命令帮助单聊图片域名 \n:：" + INVISIBLE, max_size=10)
blanks = st.text(" \n\t　" + INVISIBLE, max_size=4)


@given(typed, st.sampled_from(["", "引用"]))
def test_every_text_means_something(text: str, quoted: str) -> None:
    command = parse(text, BOOK, quoted=quoted)

    assert isinstance(command, Command)
    if isinstance(command, Ask):
        assert command.text


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", ShowHelp()),
        ("帮助", ShowHelp()),
        ("单聊", SwitchMode(Mode.SINGLE_TURN)),
        ("串聊", SwitchMode(Mode.MULTI_TURN)),
        ("重置", ResetSession()),
        ("退出", ResetSession()),
        ("结束", ResetSession()),
        ("模板", ListTemplates()),
        ("用量", ReportUsage()),
        ("群ID", ShowGroupId()),
        ("群id", ShowGroupId()),
        ("我的ID", ShowUserId()),
        ("我的id", ShowUserId()),
        ("图片", ExplainPictures()),
        ("余额", ReportBalance()),
        ("查对话", ExplainHistory()),
    ],
)
@given(before=blanks, after=blanks)
def test_a_command_is_an_exact_word_with_nothing_visible_around_it(
    before: str, after: str, text: str, command: Command
) -> None:
    assert parse(f"{before}{text}{after}", BOOK) == command


@given(st.sampled_from(sorted(set(EXACT) - {""})), st.text("吧了x", min_size=1, max_size=2))
def test_a_word_more_makes_it_a_question(word: str, more: str) -> None:
    assert parse(word + more, BOOK) == Ask(word + more)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("#图片 一只猫", Draw("一只猫")),
        ("#图片：一只猫", Draw("一只猫")),
        ("#图片\n一只\n猫", Draw("一只\n猫")),
        ("#图片", ExplainPictures()),
        ("#图片 \u200b", ExplainPictures()),
        ("#图片馆", Ask("#图片馆")),
        ("# 图片 猫", Ask("# 图片 猫")),
        ("#查对话 username:张三", LookUpHistory("张三")),
        ("#查对话 username：张三", LookUpHistory("张三")),
        ("#查对话 UserName : Tom Lee ", LookUpHistory("Tom Lee")),
        ("#查对话 username:a:b：c", LookUpHistory("a:b：c")),
        ("#查对话 username:%_", LookUpHistory("%_")),
        ("#查对话username:张三", Ask("#查对话username:张三")),
        ("#查对话", LookUpHistory("")),
        ("#查对话 username", LookUpHistory("")),
        ("#查对话 username:", LookUpHistory("")),
        ("#查对话 user:张三", LookUpHistory("")),
        ("#查对话 张三", LookUpHistory("")),
        ("#查对话 撤销", RevokeHistoryLinks()),
        ("#查对话 revoke", RevokeHistoryLinks()),
        ("#域名 example.com", InspectDomain("example.com")),
        ("#域名", InspectDomain("")),
        ("#证书 example.com:8443", InspectCertificate("example.com:8443")),
        ("#证书", InspectCertificate("")),
    ],
)
def test_what_a_command_is_about_stands_behind_it(text: str, command: Command) -> None:
    assert parse(text, BOOK) == command


def test_a_command_wins_over_a_template_of_its_name() -> None:
    book = PromptBook.of([PromptTemplate(title="图片", prefix="x"), FRONT])

    assert parse("#图片 猫", book) == Draw("猫")


def test_a_quotation_goes_along_with_a_picture_and_with_no_other_command() -> None:
    assert parse("#图片 画出来", BOOK, quoted="雪山") == Draw("> 雪山\n\n画出来")
    assert parse("#图片", BOOK, quoted="雪山") == Draw("> 雪山")
    assert parse("#域名 a.cn", BOOK, quoted="b.cn") == InspectDomain("a.cn")
    assert parse("#查对话", BOOK, quoted="username:张三") == LookUpHistory("")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("#前端", ShowTemplate(FRONT)),
        ("#前端 写按钮", Ask("你是前端。写按钮。")),
        ("#前端\n写按钮", Ask("你是前端。写按钮。")),
        ("#前端：写按钮", Ask("你是前端。写按钮。")),
        ("#前端工程师", Ask("#前端工程师")),
        ("#前端-高级 写按钮", Ask("你是高级前端。写按钮")),
        ("#linux命令 列目录", Ask("写命令：列目录")),
        ("#LINUX命令", ShowTemplate(LINUX)),
        ("# 前端 写按钮", Ask("# 前端 写按钮")),
        ("#没有 写按钮", Ask("#没有 写按钮")),
        ("#", Ask("#")),
        ("#前端 #前端 x", Ask("你是前端。#前端 x。")),
    ],
)
def test_a_template_is_called_by_its_whole_title(text: str, command: Command) -> None:
    assert parse(text, BOOK) == command


def test_a_quotation_goes_along_with_a_question_and_is_never_a_command() -> None:
    assert parse("怎么看？", BOOK, quoted="重置\n帮助") == Ask("> 重置\n> 帮助\n\n怎么看？")
    assert parse("帮助", BOOK, quoted="怎么看") == ShowHelp()
    assert parse("#前端", BOOK, quoted="按钮") == Ask("你是前端。> 按钮。")


def test_what_a_template_says_is_never_read_again() -> None:
    book = PromptBook.of([PromptTemplate(title="坏", prefix="", suffix="")])

    assert parse("#坏 重置", book) == Ask("重置")


@given(typed)
def test_trimming_twice_is_trimming_once(text: str) -> None:
    assert trimmed(trimmed(text)) == trimmed(text)


def test_nothing_quoted_changes_nothing() -> None:
    assert with_quote("x", "") == "x"


@pytest.mark.parametrize("title", ["", "two words", " x", "x\n"])
def test_a_title_has_letters_and_no_white_space(title: str) -> None:
    with pytest.raises(InvalidValue):
        PromptTemplate(title=title, prefix="")


def test_titles_that_differ_in_case_only_are_one_title() -> None:
    with pytest.raises(InvalidValue):
        PromptBook.of([LINUX, PromptTemplate(title="LINUX命令", prefix="")])


@pytest.mark.parametrize(
    "text", ["#前端 写页面", "#前端", "#图片 雪山", "#查对话 username:张三", "#域名 a.cn"]
)
def test_a_full_width_hash_begins_the_same_commands(text: str) -> None:
    assert parse(f"＃{text[1:]}", BOOK) == parse(text, BOOK)


def test_a_question_keeps_its_full_width_hash() -> None:
    assert parse("＃一 是第几名？", BOOK) == Ask("＃一 是第几名？")

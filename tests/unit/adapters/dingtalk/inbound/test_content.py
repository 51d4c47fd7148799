"""What messages of each kind say, in the shapes DingTalk and its field notes know."""

import json
import time
from collections.abc import Callable

import pytest

from adapters.dingtalk.inbound.content import MOST_PIECES
from domain.message import Content, ContentKind
from tests.unit.adapters.dingtalk.inbound.payloads import (
    Json,
    Payload,
    payload,
    read,
    saying,
    without,
)

PICTURE: Json = {"type": "picture", "downloadCode": "mIofN1", "pictureDownloadCode": "mIofN2"}
RICH: Json = {
    "richText": [
        {"text": "看这张图\n"},
        PICTURE,
        {"type": "at", "atName": "小红", "atUserId": "user5678"},
        {"type": "skill", "skillData": {"skillId": "s1", "displayName": "总结"}},
        {"text": "再看这张"},
    ]
}
VOICE: Json = {"duration": 4000, "downloadCode": "mIofN1", "recognition": "语音识别出来的文字"}
FILE: Json = {"downloadCode": "mIofN1", "fileName": "周报.pdf", "spaceId": "123", "fileId": "456"}
VIDEO: Json = {"duration": "5", "downloadCode": "mIofN1", "videoType": "mp4"}
CHAT_RECORD: Json = {"title": "t", "summary": "s", "chatRecord": '[{"content":"x"}]'}
LINK: Json = {"biz_custom_action_url": "dingtalk://dingtalkclient/page"}

KINDS: dict[str, tuple[Payload, ContentKind, str | None]] = {
    "text keeps its blanks": (payload(), ContentKind.TEXT, " 你好"),
    "text at the top level": (saying("text", " 你好"), ContentKind.TEXT, " 你好"),
    "text as a string of JSON": (
        payload(text='{"content": " 你好"}'),
        ContentKind.TEXT,
        " 你好",
    ),
    "B11 empty text": (payload(text={"content": ""}), ContentKind.TEXT, ""),
    "rich text in its order": (
        saying("richText", RICH),
        ContentKind.RICH_TEXT,
        "看这张图\n@小红 再看这张",
    ),
    "rich text as a string of JSON": (
        saying("richText", json.dumps(RICH)),
        ContentKind.RICH_TEXT,
        "看这张图\n@小红 再看这张",
    ),
    "rich text as plain text": (saying("richText", "看图"), ContentKind.RICH_TEXT, "看图"),
    "rich text with pieces nobody knows": (
        saying(
            "richText", {"richText": ["x", None, 7, {"text": 7}, {"text": None}, {"text": "好"}]}
        ),
        ContentKind.RICH_TEXT,
        "好",
    ),
    "rich text of a picture alone": (
        saying("richText", {"richText": [PICTURE]}),
        ContentKind.RICH_TEXT,
        None,
    ),
    "rich text of blanks": (
        saying("richText", {"richText": [{"text": " \n"}]}),
        ContentKind.RICH_TEXT,
        None,
    ),
    "voice": (saying("audio", VOICE), ContentKind.VOICE, "语音识别出来的文字"),
    "voice as a string of JSON": (
        saying("audio", json.dumps(VOICE)),
        ContentKind.VOICE,
        "语音识别出来的文字",
    ),
    "voice without transcript": (saying("audio", {"duration": 1}), ContentKind.VOICE, None),
    "voice with an empty transcript": (
        saying("audio", {"recognition": " "}),
        ContentKind.VOICE,
        None,
    ),
    "voice with null": (saying("audio", {"recognition": None}), ContentKind.VOICE, None),
    "voice that is a number": (saying("audio", 7), ContentKind.VOICE, None),
    "picture": (saying("picture", {"downloadCode": "mIofN1"}), ContentKind.PICTURE, None),
    "video": (saying("video", VIDEO), ContentKind.VIDEO, None),
    "file": (saying("file", FILE), ContentKind.FILE, None),
    "unknownMsgType": (
        saying("unknownMsgType", {"unknownMsgType": "不支持"}),
        ContentKind.OTHER,
        None,
    ),
    "interactive card": (saying("interactiveCard", LINK), ContentKind.OTHER, None),
    "chat record": (saying("chatRecord", CHAT_RECORD), ContentKind.OTHER, None),
    "markdown": (saying("markdown", {"title": "t", "text": "x"}), ContentKind.OTHER, None),
    "kind of next year": (saying("hologram", [[]]), ContentKind.OTHER, None),
    "kind without a name": (payload(msgtype=""), ContentKind.OTHER, None),
    "allowance used up (20001)": (
        {**without("text"), "errorCode": 20001, "errorMessage": "quota"},
        ContentKind.ALLOWANCE_USED_UP,
        None,
    ),
    "allowance used up, as a string": (
        {**without("text"), "errorCode": "20001"},
        ContentKind.ALLOWANCE_USED_UP,
        None,
    ),
    "allowance used up, with null": (
        payload(text=None, content=None, errorCode=20001.0),
        ContentKind.ALLOWANCE_USED_UP,
        None,
    ),
    "allowance used up, without a kind": (
        {**without("text", "msgtype"), "errorCode": 20001},
        ContentKind.ALLOWANCE_USED_UP,
        None,
    ),
    "kept back for another reason": (
        {**without("text"), "errorCode": 30007},
        ContentKind.KEPT_BACK,
        None,
    ),
    "kept back for a reason of another shape": (
        {**without("text"), "errorCode": {"code": [1]}},
        ContentKind.KEPT_BACK,
        None,
    ),
    "an error code beside a text": (payload(errorCode=20001), ContentKind.TEXT, " 你好"),
    "no error": (payload(errorCode=0), ContentKind.TEXT, " 你好"),
    "B8 text missing": (without("text"), ContentKind.TEXT, None),
    "B8 text null": (payload(text=None), ContentKind.TEXT, None),
    "B8 text a list": (payload(text=["x"]), ContentKind.TEXT, None),
    "B8 text a number": (payload(text=7), ContentKind.TEXT, None),
    "B8 content null": (payload(text={"content": None}), ContentKind.TEXT, None),
    "B8 content an object": (payload(text={"content": {}}), ContentKind.TEXT, None),
    "B8 rich text missing": (saying("richText", None), ContentKind.RICH_TEXT, None),
    "B8 rich text a number": (saying("richText", 7), ContentKind.RICH_TEXT, None),
    "B8 rich text no list": (saying("richText", {"richText": 7}), ContentKind.RICH_TEXT, None),
}


@pytest.mark.parametrize(("body", "kind", "text"), KINDS.values(), ids=KINDS)
def test_message_says(body: Payload, kind: ContentKind, text: str | None) -> None:
    content = read(body).content

    assert (content.kind, content.text) == (kind, text)


def replying_to(quoted: Json) -> Payload:
    return payload(text={"content": " 这个怎么看?", "isReplyMsg": True, "repliedMsg": quoted})


def message(content: Json, msgtype: str = "text") -> Json:
    return {"msgType": msgtype, "msgId": "msgQ==", "senderId": "$:x", "content": content}


QUOTES: dict[str, tuple[Json, str]] = {
    "text": (message({"text": " 被引用的内容 "}), "被引用的内容"),
    "text as a string of JSON": (message('{"text": "被引用的内容"}'), "被引用的内容"),
    "text as plain text": (message("被引用的内容"), "被引用的内容"),
    "text that looks like JSON": (message("[1, 2]"), "[1, 2]"),
    "rich text": (message(RICH, "richText"), "看这张图\n@小红 再看这张"),
    "rich text as a string of JSON": (
        message(json.dumps(RICH), "richText"),
        "看这张图\n@小红 再看这张",
    ),
    "voice": (message(VOICE, "audio"), "语音识别出来的文字"),
    "chat record": (message(CHAT_RECORD, "chatRecord"), "s"),
    "file": (message(FILE, "file"), "周报.pdf"),
    "picture": (message({"downloadCode": "mIofN1"}, "picture"), ""),
    "card of the robot": (message(None, "interactiveCard"), ""),
    "words where the old form has them": ({"text": {"content": "旧格式"}}, "旧格式"),
    "empty": ({}, ""),
    "a string": ("x", ""),
    "a list": ([message({"text": "x"})], ""),
    "a number": (7, ""),
    "null": (None, ""),
    "content a list": (message([{"text": "x"}]), ""),
    "text of a wrong type": (message({"text": 7}), ""),
}


@pytest.mark.parametrize(("quoted", "words"), QUOTES.values(), ids=QUOTES)
def test_quotation_never_costs_the_question(quoted: Json, words: str) -> None:
    content = read(replying_to(quoted)).content

    assert (content.text, content.quoted) == (" 这个怎么看?", words)


@pytest.mark.parametrize(("quoted", "words"), QUOTES.values(), ids=QUOTES)
def test_old_form_of_quotation_is_read_as_well(quoted: Json, words: str) -> None:
    content = read(payload(quoteMessage=quoted)).content

    assert (content.text, content.quoted) == (" 你好", words)


def test_rich_text_has_its_quotation_beside_its_pieces() -> None:
    content: Json = {"richText": [{"text": "为什么"}], "repliedMsg": message({"text": "引用"})}

    assert read(saying("richText", content)).content == Content(
        kind=ContentKind.RICH_TEXT, text="为什么", quoted="引用"
    )


def test_new_form_of_quotation_comes_before_the_old_one() -> None:
    body: Payload = {**replying_to(message({"text": "新"})), "quoteMessage": {"content": "旧"}}

    assert read(body).content.quoted == "新"


def test_old_form_of_quotation_counts_where_the_new_one_says_nothing() -> None:
    body: Payload = {
        **replying_to(message({"downloadCode": "x"})),
        "quoteMessage": {"content": "旧"},
    }

    assert read(body).content.quoted == "旧"


def pieces(*said: Json) -> Payload:
    return saying("richText", {"richText": [*said]})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (pieces({"text": "@小助手"}, {"text": "帮助"}), "帮助"),
        (pieces({"text": "@小助手 "}, {"text": " 帮助 "}), " 帮助 "),
        (pieces({"text": "@小助手 帮助"}), "帮助"),
        (pieces({"text": "@小助手\u2005#图片 一只猫"}), "#图片 一只猫"),
        (pieces({"text": "@AI 小助手"}, {"text": "#周报 写完了"}), "#周报 写完了"),
        (pieces({"text": "\n"}, {"text": "@小助手"}, {"text": "\n重置"}), "\n重置"),
        (pieces({"type": "at", "atName": "小助手"}, {"text": "用量"}), "用量"),
        (pieces({"text": "@小助手"}), ""),
        (pieces({"text": "@小助手"}, {"text": "你好"}), "@小助手你好"),
        (pieces({"text": "@property 是什么"}), "@property 是什么"),
        (pieces({"text": "问 @小红 帮助"}), "问 @小红 帮助"),
        (pieces({"text": "@"}), ""),
    ],
)
def test_the_robots_own_name_in_front_does_not_hide_a_command(body: Payload, text: str) -> None:
    assert read(body).content.text == text


def test_a_mention_beside_a_picture_alone_asks_nothing() -> None:
    content = read(pieces({"text": "@小助手"}, PICTURE)).content

    assert (content.text, content.has_unseen_picture) == (None, True)


@pytest.mark.parametrize(
    ("body", "has_picture"),
    [
        (pieces({"text": "看"}, PICTURE), True),
        (pieces({"text": "看"}, {"downloadCode": "mIofN1"}), True),
        (pieces({"text": "看"}, {"type": "skill", "skillData": {}}), False),
        (pieces({"text": "看"}), False),
        (replying_to(message({"downloadCode": "x"}, "picture")), True),
        (replying_to(message(json.dumps({"downloadCode": "x"}), "picture")), True),
        (replying_to(message(RICH, "richText")), True),
        (replying_to(message({"text": "x"})), False),
        (replying_to(message(FILE, "file")), False),
        (payload(quoteMessage={"msgtype": "picture", "content": {"downloadCode": "x"}}), True),
        (payload(), False),
    ],
)
def test_a_picture_that_nobody_looks_at_is_noticed(body: Payload, *, has_picture: bool) -> None:
    assert read(body).content.has_unseen_picture is has_picture


MEBIBYTE = 1024 * 1024


def fastest(call: Callable[[], object]) -> float:
    """Seconds."""
    times = list[float]()
    for _ in range(3):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


@pytest.mark.parametrize("piece", ["0", '"x"', "{}", '{"text":""}', "[0]", '{"text":"@"}'])
def test_pieces_without_end_cost_not_much_more_than_parsing_them(piece: str) -> None:
    pieces: Json = json.loads(f"[{','.join([piece] * (MEBIBYTE // (len(piece) + 1)))}]")
    raw = json.dumps(saying("richText", {"richText": pieces})).encode()

    assert fastest(lambda: read(raw)) < 50 * fastest(lambda: json.loads(raw))


def test_no_more_pieces_are_read_than_anybody_sends() -> None:
    content: Json = {"richText": [{"text": "x"}] * (MOST_PIECES + 1)}

    assert read(saying("richText", content)).content.text == "x" * MOST_PIECES

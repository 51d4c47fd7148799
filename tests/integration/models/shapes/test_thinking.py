"""How models think: beside the answer, within it, only that; and never is a thought part of an answer."""

import asyncio
from dataclasses import replace

import pytest

from application.errors import (
    ModelFailure,
    ModelGaveNothing,
    ModelUnavailable,
    OnlyThoughts,
    ThinkingUsedUpLimit,
)
from application.ports import FinishReason
from tests.fakes.model_server import DONE, chunk, completion, event, finished, said, used
from tests.fakes.model_server import answer as answering
from tests.integration.models.over_http import CHAT, outcome_of, served
from tests.integration.models.shapes.table import Shape, body, check_alone, check_with_backup

pytestmark = pytest.mark.anyio

WHOLE = replace(CHAT, streams=False)
UNTAGGED = replace(CHAT, thinks_untagged=True)
AS_ANSWER = replace(CHAT, reasoning_as_answer=True)
END = (finished(), DONE)
CODE = "写成 `<think>` 或\n```\n<think>想</think>\n```\n"
SPEAKING = "<think>写 `</think>` 或 `</think>` 结束。\n</think>\n\n二四"
HARMONY = "<|channel|>analysis<|message|>想<|end|><|start|>assistant<|channel|>final<|message|>二四"


def thought(name: str, *chunks: bytes, **fields: object) -> Shape:
    given: dict[str, object] = {"text": "二四", "thoughts": "想", **fields}
    return Shape(name=name, chunks=chunks, **given)  # type: ignore[arg-type] # of Shape


def written(name: str, text: str, *chunks: bytes, **fields: object) -> Shape:
    """The thought in `text` may end with a line."""
    return thought(name, *chunks, thoughts="想\n" if "想\n" in text else "想", **fields)


def letters(text: str) -> list[bytes]:
    return [said(letter) for letter in text]


def beside(field: str, value: object) -> tuple[bytes, ...]:
    return chunk({field: value}), said("二"), said("四"), *END


WRITTEN = [
    "<think>想</think>二四",
    "<think>想</think>\n\n二四",
    "\n<think>想</think>\n二四",
    "<THINK>想</Think>二四",
    "<thinking>想</thinking>二四",
    "<thought>想</thought>二四",
    "<reasoning>想</reasoning>二四",
    "<seed:think>想</seed:think>二四",
    '<think duration="3">想</think>二四',
    "<details><summary>Thinking…</summary>想</details>\n二四",
    '<details style="x" open><summary>深度思考</summary>想</details>\n\n二四',
    '<details type="reasoning" done="true"><summary>3 s</summary>想</details>二四',
    "◁think▷想◁/think▷二四",
    "<思考>想</思考>二四",
    "\ufeff<think>想</think>二四",
    "\u200b\n<think>想</think>二四",
    "[THINK]想[/THINK]二四",
    HARMONY,
    "想</think>二四",
    "<longcat_think>想</longcat_think>二四",
    "<mm:think>想</mm:think>二四",
    "<|START_THINKING|>想<|END_THINKING|>二四",
    "想\n</think>\n\n二四",
    "想</thinking>二四",
]
THOUGHT = [
    *(written(f"whole: {text}", text, said(text), *END) for text in WRITTEN),
    *(written(f"by letters: {text}", text, *letters(text), *END) for text in WRITTEN),
    *(written(f"a document: {text}", text, *body(completion(text)), chat=WHOLE) for text in WRITTEN),
    *(
        written(f"untagged: {text}", text, *letters(text), *END, chat=UNTAGGED)
        for text in ("想</think>二四", "<think>想</think>二四", "想\n</think>\n二四")
    ),
    thought("two in a row", said("<think>想</think>\n<think>想</think>二四"), *END, thoughts="想想"),
    thought("none inside", said("<think>\n\n</think>\n\n二四"), *END, thoughts="\n\n"),
    thought("an end without anything before", said("</think>\n\n二四"), *END, thoughts=""),
    thought("reasoning_content", *beside("reasoning_content", "想")),
    thought("reasoning", *beside("reasoning", "想")),
    thought("thinking", *beside("thinking", "想")),
    thought("reasoning_details", *beside("reasoning_details", [{"type": "reasoning.text", "text": "想"}])),
    thought("both fields", chunk({"reasoning": "想", "reasoning_content": "想"}), said("二四"), *END),
    thought("both ways", chunk({"reasoning_content": "想"}), said("<think>想</think>二四"), *END,
            thoughts="想想"),
    thought("a field, then an end", chunk({"reasoning_content": "想"}), said("</think>\n二四"), *END),
    thought("a field of one declared untagged", *beside("reasoning_content", "想"), chat=UNTAGGED),
    thought("a document with a field", *body(completion("二四", reasoning_content="想")), chat=WHOLE),
    thought("an end within a thought", said("<think>想 <think> 想</think>想</think>二四"), *END,
            thoughts="想 <think> 想想"),
    *(thought("an end that is spoken about within a thought", *chunks, *END,
              thoughts="写 `` 或 `</think>` 结束。\n")
      for chunks in ([said(SPEAKING)], letters(SPEAKING))),
    thought("cut behind the thought", said("<think>想</think>二四"), finished("length"), DONE,
            reason=FinishReason.LENGTH),
]  # fmt: skip
ABOUT = [
    f"二四。{CODE}",
    "`<think>` 是开头，`</think>` 是结尾。",
    "The tag <think> begins what </think> ends.",
    "```\nx = '</think>'\n```\n二四",
    "<details><summary>答案</summary>二四</details>",
    "<details><summary>思考题</summary>二四</details>",
    "a < b, [1] and <b>bold</b> and <|x|>",
    "<thin",
    "[THI",
    "<",
]
SPOKEN = [
    thought(f"about marks: {text}", *chunks, *END, text=text, thoughts="")
    for text in ABOUT
    for chunks in ([said(text)], letters(text))
] + [
    thought("about marks behind a thought", *letters(f"<think>想</think>{CODE}</think>!"), *END,
            text=f"{CODE}</think>!"),
]  # fmt: skip


def only(name: str, failure: type[ModelFailure], *chunks: bytes, **fields: object) -> Shape:
    given: dict[str, object] = {"thoughts": "想", **fields}
    return Shape(name=name, chunks=chunks, failure=failure, **given)  # type: ignore[arg-type] # of Shape


FIELD = chunk({"reasoning_content": "想"})
HIDDEN = event({"choices": [], "usage": {"completion_tokens": 100, "prompt_tokens": 5}})
ONLY = [
    only("a field, cut", ThinkingUsedUpLimit, FIELD, finished("length"), DONE),
    only("a tag, cut", ThinkingUsedUpLimit, said("<think>想"), finished("length"), DONE),
    only("untagged, cut", ThinkingUsedUpLimit, said("想"), finished("length"), chat=UNTAGGED),
    only("hidden, cut", ThinkingUsedUpLimit, finished("length"), HIDDEN, DONE, thoughts=""),
    only("nothing at all, cut", ThinkingUsedUpLimit, finished("length"), DONE, thoughts=""),
    only("a field", OnlyThoughts, FIELD, *END),
    only("a tag", OnlyThoughts, said("<think>想"), *END),
    only("a closed tag", OnlyThoughts, said("<think>想</think>"), *END),
    only("a closed tag and white space", OnlyThoughts, said("<think>想</think>\n \n"), *END),
    only("untagged", OnlyThoughts, said("想"), *END, chat=UNTAGGED),
    only("half a tag", OnlyThoughts, said("<think>想</thi"), *END, thoughts="想</thi"),
    only("a document", OnlyThoughts, *body(completion(None, reasoning_content="想")), chat=WHOLE),
    only("it stops while thinking", ModelUnavailable, FIELD),
    only("and a tool", ModelGaveNothing, FIELD, finished("tool_calls"), DONE),
]
TAKEN = [
    Shape(name="a field", chunks=[FIELD, *END], text="想", chat=AS_ANSWER),
    Shape(name="a tag", chunks=[said("<think>想"), *END], text="想", chat=AS_ANSWER),
    Shape(
        name="not where there is an answer",
        chunks=[FIELD, said("二四"), *END],
        text="二四",
        thoughts="想",
        chat=AS_ANSWER,
    ),
]
SHAPES = [*THOUGHT, *SPOKEN, *ONLY, *TAKEN]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
async def test_alone(shape: Shape) -> None:
    await check_alone(shape)


@pytest.mark.parametrize("shape", [*THOUGHT[::3], *SPOKEN[::3], *ONLY, *TAKEN], ids=str)
async def test_with_a_backup(shape: Shape) -> None:
    await check_with_backup(shape)


async def test_a_model_that_marks_only_the_end_is_remembered() -> None:
    """What it says from then on is held for thought at once, and an answer without a mark is one."""
    script = [
        answering("想", "</think>二四"),
        answering("想", "想</think>", "二四"),
        answering("二", "四"),
    ]

    async with served(*script) as (model, _):
        first, second, third = [await outcome_of(model) for _ in script]

    assert (first.text, first.thoughts) == ("二四", "想")
    assert (second.text, second.thoughts) == ("二四", "想想")
    assert (third.text, third.failure) == ("二四", None)


async def test_such_a_model_that_is_cut_while_thinking_has_not_answered() -> None:
    script = [answering("想</think>二四"), answering("想", "想", reason="length")]

    async with served(*script) as (model, _):
        await outcome_of(model)
        cut = await outcome_of(model)

    assert isinstance(cut.failure, ThinkingUsedUpLimit)


async def test_answers_at_the_same_time_keep_their_thoughts_apart() -> None:
    async with served(answering("<think>想", "</think>", "二四", pause=0.01)) as (model, _):
        outcomes = await asyncio.gather(*(outcome_of(model) for _ in range(5)))

    assert {(one.text, one.thoughts) for one in outcomes} == {("二四", "想")}


async def test_tokens_of_thoughts_are_told_where_the_server_tells_them() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 9, "reasoning_tokens": 4}
    shape = thought(
        "x", FIELD, said("二四"), *END[:1], event({"choices": [], "usage": usage}), used()
    )

    await check_alone(replace(shape, tokens=(5, 7, 4)))

"""What the demo says, in Chinese and in English."""

from dataclasses import dataclass

LONGEST_ECHO = 300

CODE = '''```python
from datetime import date


def days_left(today: date) -> int:
    """Days until the end of the year."""
    return (date(today.year, 12, 31) - today).days


print(days_left(date.today()))
```'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """One language of the demo. Names in braces are filled in."""

    greeting: str
    quoted: str
    turns: str
    menu: str
    advice: str
    code: str
    long_opening: str
    section: str

    def echo(self, question: str) -> str:
        lines = question[:LONGEST_ECHO].splitlines() or [""]
        return "\n".join([self.quoted, "", *(f"> {line}" for line in lines)])

    def context(self, turns: int) -> str:
        return self.turns.format(turns=turns)

    def long_section(self, number: int) -> str:
        return self.section.format(number=number)


CHINESE = Sentences(
    greeting="你好！我是内置的**演示模型**：不联网，不需要密钥，也不产生费用。",
    quoted="你刚才问的是：",
    turns="随这个问题一起送来的上文：**{turns}** 轮。（发送 `串聊` 后再多问几句，这个数字会变大。）",
    menu="""### 可以试试

| 发送 | 会看到 |
|---|---|
| 代码 | 一段带代码块的回答 |
| 长回答 | 超过 30 KB 的回答，会拆成几条消息 |
| 慢一点 | 慢慢写出来的回答 |
| 出错 | 模型出错时机器人怎么说 |""",
    advice="""### 换成真正的模型

1. 在 `config.yml` 里填写 `api_key`（或者设置环境变量 `APIKEY`）；
2. 需要时再填写 `base_url` 和 `model`；
3. 重新启动，就不再是我来回答了。""",
    code="下面是一段示例代码：\n\n"
    + CODE
    + "\n\n- 代码块应当保持缩进；\n- 长代码拆成几条消息时，每条都是完整的代码块。",
    long_opening="# 一篇很长的回答\n\n它没有什么内容，只是为了看看长回答怎样拆成几条消息。",
    section="""## 第 {number} 节

这是第 {number} 节。长回答应当在段落之间断开，而不是在句子中间；每条消息都应当带有序号，并且按顺序到达。\
如果某一条没有送到，机器人会重新发送那一条，而不是全部。

- 第 {number} 节的第一个要点
- 第 {number} 节的第二个要点

> 引用的文字也应当保持原样。""",
)

ENGLISH = Sentences(
    greeting="Hello! I am the built-in **demo model**: no network, no key, no costs.",
    quoted="You asked:",
    turns=(
        "Earlier turns that came along with this question: **{turns}**. "
        "(Send `串聊`, multi-turn mode, and ask on: the number grows.)"
    ),
    menu="""### Things to try

| send | to see |
|---|---|
| code | an answer with a block of code |
| long | an answer of more than 30 KB, in several messages |
| slow | an answer that takes its time |
| error | what the robot says when a model fails |""",
    advice="""### To use a real model

1. Set `api_key` in `config.yml`, or the environment variable `APIKEY`.
2. Set `base_url` and `model` too if you need to.
3. Start again, and it will not be me who answers.""",
    code="Here is some code:\n\n"
    + CODE
    + "\n\n- Its indentation stays.\n- Code that is split over messages is a whole block in each of them.",
    long_opening="# A very long answer\n\nThere is nothing in it: it shows how one becomes several messages.",
    section="""## Section {number}

This is section {number}. A long answer is to be split between paragraphs and not within a sentence; \
each message has its number, and they arrive in order. If one of them gets lost, that one is sent again.

- the first point of section {number}
- the second point of section {number}

> A quotation stays what it is.""",
)

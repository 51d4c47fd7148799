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
    example_mark: str
    quoted: str
    turns: str
    menu: str
    advice: str
    code: str
    table: str
    sorting_table: str
    steps: str
    translation: str
    picture: str
    writing: str
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
    greeting="你好！我是内置的**演示模型**：不需要密钥，也不产生费用。",
    example_mark="下面是**演示模型**的示例，内容是事先写好的，不是对问题的真正回答。",
    quoted="你刚才问的是：",
    turns="随这个问题一起送来的上文：**{turns}** 轮。（发送 `串聊` 后再多问几句，这个数字会变大。）",
    menu="""### 可以试试

| 发送 | 会看到 |
|---|---|
| 代码 | 一段带代码块的回答 |
| 表格 | 一张表格 |
| 步骤 | 一份编号的清单 |
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
    table="""### 一张示例表格

| 项目 | 方案甲 | 方案乙 | 方案丙 |
|:---|:---:|:---:|---:|
| 适合谁 | 小团队 | 部门 | 全公司 |
| 上手时间 | 1 天 | 3 天 | 2 周 |
| 每月费用（示例） | 0 元 | 99 元 | 999 元 |

换成真正的模型以后，表格里会是您要比较的内容。""",
    sorting_table="""### 三种排序算法

| 算法 | 平均时间 | 最坏时间 | 额外空间 | 是否稳定 |
|:---|:---:|:---:|:---:|:---:|
| 快速排序 | O(n log n) | O(n²) | O(log n) | 否 |
| 归并排序 | O(n log n) | O(n log n) | O(n) | 是 |
| 堆排序 | O(n log n) | O(n log n) | O(1) | 否 |""",
    steps="""### 一份示例清单

1. **先写下目标**：一句话说清要得到什么。
2. **列出要做的事**：
   - 每件事有人负责；
   - 每件事有日期。
3. **每天看一眼**：做完的划掉，做不完的说出来。

> 换成真正的模型以后，步骤会按您的问题来写。""",
    translation="""演示模型不会翻译。真正的模型会在这里给出译文，排版大致是这样：

> 原文放在引用里。

**译文**：放在引用下面。""",
    picture="要画图，请发送 `#图片` 加上想画的内容，例如 `#图片 一只戴眼镜的猫`。\n\n"
    "演示模型画的也只是示例图片，图上写着“演示图片”。",
    writing="""### 一段示例文字

窗外的风翻过一页纸，
桌上的茶还留着热气。
先写下第一行吧，
其余的字会自己找来。

> 这几行与您的要求无关；换成真正的模型以后，这里会是您要的文字。""",
    long_opening="# 一篇很长的回答\n\n"
    "这是**演示模型**的示例：没有什么内容，只是为了看看长回答怎样拆成几条消息。",
    section="""## 第 {number} 节

这是第 {number} 节。长回答应当在段落之间断开，而不是在句子中间；每条消息都应当带有序号，并且按顺序到达。\
如果某一条没有送到，机器人会重新发送那一条，而不是全部。

- 第 {number} 节的第一个要点
- 第 {number} 节的第二个要点

> 引用的文字也应当保持原样。""",
)

ENGLISH = Sentences(
    greeting="Hello! I am the built-in **demo model**: no key, no costs.",
    example_mark="This is an example of the **demo model**, written beforehand: no real answer.",
    quoted="You asked:",
    turns=(
        "Earlier turns that came along with this question: **{turns}**. "
        "(Send `串聊`, multi-turn mode, and ask on: the number grows.)"
    ),
    menu="""### Things to try

| send | to see |
|---|---|
| code | an answer with a block of code |
| table | a table |
| steps | a numbered list |
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
    table="""### An example table

| item | plan A | plan B | plan C |
|:---|:---:|:---:|---:|
| good for | small teams | a department | a company |
| time to learn | 1 day | 3 days | 2 weeks |
| monthly price (example) | 0 | 99 | 999 |

A real model will compare what you asked about.""",
    sorting_table="""### Three sorting algorithms

| algorithm | average time | worst time | extra space | stable |
|:---|:---:|:---:|:---:|:---:|
| quicksort | O(n log n) | O(n²) | O(log n) | no |
| merge sort | O(n log n) | O(n log n) | O(n) | yes |
| heapsort | O(n log n) | O(n log n) | O(1) | no |""",
    steps="""### An example list

1. **Write down the goal**: one sentence that says what is to be there in the end.
2. **List what has to be done**:
   - each thing has a name to it;
   - each thing has a date.
3. **Look at it every day**: cross out what is done, and speak of what cannot be.

> A real model will write the steps for your question.""",
    translation="""The demo model does not translate. A real model would, in about this form:

> The original stands in a quotation.

**Translation**: stands below it.""",
    picture="To have something drawn, send `#图片` and what to draw, such as `#图片 a cat with glasses`. "
    "The demo model draws example pictures only, and they say so.",
    writing="""### A few example lines

The wind outside has turned a page,
the tea is warm, the desk is bare.
Put down a line, whatever it be:
the others come, they know from where.

> These lines have nothing to do with what you asked for; a real model would write that.""",
    long_opening="# A very long answer\n\n"
    "An example of the **demo model** with nothing in it: it shows how one becomes several messages.",
    section="""## Section {number}

This is section {number}. A long answer is to be split between paragraphs and not within a sentence; \
each message has its number, and they arrive in order. If one of them gets lost, that one is sent again.

- the first point of section {number}
- the second point of section {number}

> A quotation stays what it is.""",
)

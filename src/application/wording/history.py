"""What is said about looking up conversations, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryWording:
    """Sentences in Markdown. Words in braces are filled in with `str.format`."""

    usage: str
    only_in_private: str
    no_service_url: str
    nobody: str
    found: str
    person: str  # {name} {questions} {first} {last} {page} {markdown} {csv}
    member: str  # {nick} {staff_id}
    outsider: str  # {nick}
    imported: str  # {nick}
    nameless: str
    more: str  # {count}
    validity: str  # {until}
    revoked: str  # {count}
    nothing_to_revoke: str


CHINESE = HistoryWording(
    usage="""### 查对话（仅管理员）

和我单独聊天时发送 `#查对话 username:昵称或工号`，例如：

`#查对话 username:张三`

我会给出在线查看和下载的链接。发送 `#查对话 撤销` 可以作废您申请过的全部链接。""",
    only_in_private=(
        "群里的人都能看到并打开这些链接，所以我不在群里给出。请和我单独聊天，再发送一次这个命令。"
    ),
    no_service_url=(
        "还不能给出链接：请先在配置里设置 `service_url`（本服务的对外地址，例如 `https://bot.example.com`），"
        "然后重启服务。"
    ),
    nobody="没有找到用这个昵称或工号提过问的人。昵称要完整，大小写也要一致。",
    found="### 对话记录",
    person="""{name}

- 共 {questions} 条，从 {first} 到 {last}
- [在线查看]({page})
- 下载：[Markdown]({markdown}) 或 [CSV]({csv})""",
    member="{nick}（工号 {staff_id}）",
    outsider="{nick}（没有工号）",
    imported="{nick}（导入的旧记录，只知道昵称）",
    nameless="（没有昵称）",
    more="叫这个名字的不止 {count} 人，以上是最近提过问的。要查其他人，请改用工号。",
    validity="链接有效至 {until}，凭链接就能看到内容，请不要转发。发送 `#查对话 撤销` 可以立即全部作废。",
    revoked="已作废您申请的 **{count}** 组链接（每组是一个人的在线查看和下载）。",
    nothing_to_revoke="您没有仍然有效的链接。",
)

ENGLISH = HistoryWording(
    usage="""### Conversations (administrators only)

In a private chat with me, send `#查对话 username:nickname or staff id`, for example:

`#查对话 username:张三`

You get links to read and download. `#查对话 revoke` ends every link you have asked for.""",
    only_in_private=(
        "Everybody in a group could see these links and follow them, so I do not give them here. "
        "Please send this command again in a private chat with me."
    ),
    no_service_url=(
        "There can be no links yet: please set `service_url` in the configuration (the public address of "
        "this service, such as `https://bot.example.com`) and restart the service."
    ),
    nobody=(
        "Nobody with this nickname or staff id has asked anything. "
        "A nickname has to be whole, with capital letters as they are."
    ),
    found="### Conversations",
    person="""{name}

- questions: {questions}, from {first} to {last}
- [Read online]({page})
- Download: [Markdown]({markdown}) or [CSV]({csv})""",
    member="{nick} (staff id {staff_id})",
    outsider="{nick} (no staff id)",
    imported="{nick} (imported; only the nickname is known)",
    nameless="(no nickname)",
    more=(
        "More than {count} people have this name; these are the last who asked. "
        "Please use a staff id to find another."
    ),
    validity=(
        "The links live until {until} and open for whoever has them: please do not pass them on. "
        "`#查对话 revoke` ends them all at once."
    ),
    revoked="Ended: the links to **{count}** histories that you asked for.",
    nothing_to_revoke="You have no link that is still alive.",
)

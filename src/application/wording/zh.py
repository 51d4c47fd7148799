"""中文：机器人自己说的每一句话。"""

from application.errors import (
    ModelCutOff,
    ModelDeclined,
    ModelGaveNothing,
    ModelGone,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelRejected,
    ModelTimedOut,
    ModelUnavailable,
    OnlyThoughts,
    PromptTooLong,
    ThinkingUsedUpLimit,
)
from application.wording import balance, history, pages, pictures, sites
from application.wording.catalogue import Wording
from domain.access import Refusal
from domain.command import Mode

CHINESE = Wording(
    help="""### 我能做什么

直接提问即可；在群里请先艾特我。

**对话方式**

- `单聊`：每个问题单独回答（不带上文）
- `串聊`：带着上文连续对话
- `重置`：清空上文，回到默认方式（`退出`、`结束` 也一样）

**提示词模板**

- `模板`：看看有哪些模板
- `#标题 内容`：用模板提问，例如 `#周报 本周完成了登录页`
- `#标题`：看看这个模板会发送什么

**图片**

- `#图片 想要的画面`：生成一张图片，算一次提问

**查询**

- `用量`：今天问了多少、还剩多少
- `余额`：模型账户还有多少
- `#域名 example.com`：域名的注册与到期时间
- `#证书 example.com`：网站证书的有效期
- `群ID`：查看本群的 ID（供管理员配置）
- `我的ID`：查看您自己的 userid（供管理员配置）
- `查对话`：管理员怎样查看某人的对话
- `帮助`：再看一次这段说明""",
    help_on_pictures="""**图片**

- `#图片 想要的画面`：生成一张图片，算一次提问

""",
    refusals={
        Refusal.ROOM_KIND_CLOSED: "管理员没有开放这种聊天方式，请换成单独聊天或群聊再试。",
        Refusal.SENDER_DENIED: "您的账号已被管理员停用机器人，如有疑问请联系管理员。",
        Refusal.GROUP_NOT_LISTED: "这个群还没有开通机器人，请管理员把群 ID（发送「群ID」可查）加入允许列表。",
        Refusal.OUTGOING_GROUP_NOT_LISTED: (
            "这个群没有开通 Outgoing 机器人，请管理员把群 ID（发送「群ID」可查）加入允许列表。"
        ),
        Refusal.SENDER_NOT_LISTED: (
            "您还没有使用机器人的权限，请把您的 userid（发送「我的ID」可查）告诉管理员开通。"
        ),
    },
    only_text="我目前只能看懂文字和带识别结果的语音，请用文字告诉我。",
    allowance_used_up=(
        "钉钉没有把这条消息的内容交给我：本组织本月的机器人消息额度用完了，请联系管理员。"
    ),
    kept_back="钉钉没有把这条消息的内容交给我，请稍后再发一次；若一再如此，请联系管理员。",
    sensitive="您的问题里有不便讨论的内容，我没有把它交给模型，也没有计入次数。请换个说法再试。",
    question_too_long="这个问题太长了：约 {tokens} 个 token，上限是 {limit} 个。请精简或拆成几次来问。",
    over_quota="您今天的 {limit} 次提问已经用完，{resets_at} 恢复。谢谢理解！",
    administrators_only="这个命令只有管理员可以使用。",
    mode_names={Mode.SINGLE_TURN: "单聊", Mode.MULTI_TURN: "串聊"},
    mode_switched="已切换到**{mode}**。{span}没有新消息，就会回到默认的{default}并清空上文。",
    session_reset="已清空上文，回到默认的**{default}**。",
    minutes="{count} 分钟",
    seconds="{count} 秒",
    templates="### 提示词模板\n\n{titles}\n\n用法：`#标题 内容`；只发 `#标题` 可以查看模板。",
    template_line="- `#{title}`",
    no_templates="还没有配置提示词模板。",
    template_shown="模板 `#{title}` 会发送：\n\n```\n{prompt}\n```\n\n用法：`#{title} 内容`",
    template_words="〈您的内容〉",
    usage="今天已提问 **{asked}** 次，上限 {limit} 次，还剩 **{left}** 次；{resets_at} 重新计数。",
    usage_unlimited="今天已提问 **{asked}** 次，没有次数限制。",
    context_use="本次串聊已有 {turns} 轮，约 {tokens} 个 token，占可用上文的 {percent}%（{room}）。",
    no_context="当前是{mode}，没有带上文。",
    group_id="本群『{title}』的 ID 是：\n\n{id}",
    group_id_logged="已把本群的 ID 和名称写入服务日志，请管理员查看。",
    group_id_outside="「群ID」要在群里艾特我发送。",
    user_id="您的 userid 是：\n\n{id}",
    no_user_id=(
        "这条消息没有带您的 userid（Outgoing 机器人和外部联系人都没有），"
        "请在单独聊天里发给企业内部机器人再试。"
    ),
    failures={
        ModelUnavailable: "模型暂时没有响应，本次没有计入次数，请稍后再试。",
        ModelTimedOut: "模型没有在时限内开始回答，本次没有计入次数，请稍后再试；总是这样请联系管理员。",
        ModelCutOff: "模型的回答中途断了，本次没有计入次数，请稍后再试。",
        ThinkingUsedUpLimit: (
            "模型思考时就用完了回答的长度上限（max_answer_len），没有给出回答。"
            "请把问题拆小，或请管理员调高上限。本次没有计入次数。"
        ),
        OnlyThoughts: "模型只给出了思考过程，没有给出回答，请联系管理员。本次没有计入次数。",
        ModelGone: "模型服务不提供所配置的模型，请联系管理员更换。本次没有计入次数。",
        ModelGaveNothing: "模型没有给出回答，本次没有计入次数，请换个说法再试。",
        ModelMisconfigured: "模型服务没有接受请求，可能是配置有误，请联系管理员。本次没有计入次数。",
        ModelRejected: (
            "模型服务没有接受这个请求，请换个说法再试；若一再如此，请联系管理员。本次没有计入次数。"
        ),
        ModelOutOfFunds: "模型账户的额度用完了，请联系管理员。本次没有计入次数。",
        ModelDeclined: "模型服务的内容审核拦下了这个问题，请换个说法再试。本次没有计入次数。",
        PromptTooLong: (
            "这段内容超过了模型一次能处理的长度，请精简后再问，或发送「重置」清空上文。本次没有计入次数。"
        ),
    },
    gave_up="抱歉，您的这个问题处理了好几次都没有成功，我先放下了，没有计入次数。请稍后再问一次。",
    went_wrong="抱歉，处理这个问题时出了意外，没有计入次数。请稍后再试，仍不行请联系管理员。",
    cut_short="（回答达到长度上限，后面的内容被截断了。）",
    picture_not_seen="（我看不到图片，下面只根据文字回答。）",
    cut_off="（回答在这里中断了，后面的内容没有收到；需要完整的回答请再问一次。）",
    answer_in_parts_cut="（回答太长，只发送了前面的部分。）",
    reasoning="思考过程",
    reply_title="回复",
    pictures=pictures.CHINESE,
    history=history.CHINESE,
    pages=pages.CHINESE,
    balance=balance.CHINESE,
    sites=sites.CHINESE,
)

"""Notes in Chinese, and what `check-config` writes around them."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    # The report of check-config
    "from_default": "默认",
    "providers_heading": "依次使用的模型服务：",
    "through_proxy": "经代理 {proxy}",
    "direct": "直连",
    "no_network": "内置，不联网",
    "counts": "提示词模板 / 敏感词数量：{templates} / {words}。",
    # Trust
    "open": "app_secrets 和 credentials 为空：只接受本机回环地址的回调，且没有人是管理员或 VIP"
    "（旧版留空表示不校验）；请设置其一。",
    "unsigned": "allow_unsigned 为 true 且没有配置密钥：任何能访问本服务的人都可以伪造消息，"
    "且没有人是管理员或 VIP。",
    "readable": "本机的任何账号都能读到密钥或敏感词，请运行：{command}",
    "no_administrator": "admin_users 为空：没有人是管理员。",
    "no_public_address": "service_url 为空：没有对话记录的链接，只有配置了 credentials 的机器人能显示图片。",
    # Models
    "flat_keys_unused": "已配置 providers，因此不使用 preset、api_key、base_url 和 azure_*。",
    "api_key_unused": "azure_on 为 true，因此不使用 api_key 和 base_url。",
    "not_used_yet": "本版本尚未使用：{keys}。",
    # What the predecessor's keys mean now
    "base_url": "base_url 末尾带不带 /v1 都可以：路径里没有版本号时才会补上 /v1。",
    "model": "model 可以填写任意模型名，不再限定可选值。",
    "model_azure": "azure_on 为 true：实际使用的是 azure_deployment_name，model 只决定怎样计算 token。",
    "image_model": "image_model 可以填写任意能画图的模型，Azure 也可以画图。",
    "session_timeout": "session_timeout：纯数字仍是秒，也可写 10m、1h；从最后一条消息算起，"
    "模式和上下文重启后仍在。",
    "max_question_len": "max_question_len 按模型的 token 计；超过时不提问、不计次数。",
    "max_answer_len": "max_answer_len 按模型的 token 计；被截断的回答会注明。",
    "max_text": "max_text 是系统提示、历史、问题和回答合计的 token 数；"
    "串聊过长时丢掉最早的几轮，不再整个重置。",
    "http_proxy": "http_proxy 用于所有模型接口，包括 Azure；访问钉钉从不使用。",
    "max_request": "max_request 只计得到回答的提问和画图，按 timezone 的零点重新计数，"
    "重启不清零；命令和失败不计。",
    "service_url": "service_url：它下面的 /images/、/history/、/download/ 都要能访问到本服务。",
    "service_url_placeholder": "service_url 是占位符，没有使用：请填写本服务的对外地址，或留空。",
    "allow_groups": "allow_groups 填群 ID（cid 开头），不是群名：在群里发送 群ID 可以查看。",
    "allow_outgoing_groups": "allow_outgoing_groups 填群 ID（cid 开头），不是群名。",
    "nicknames": "{key} 填员工的 userid，不是昵称。",
    "allow_users": "设置了 allow_users 时，没有工号的人（outgoing 机器人、外部联系人）也不能使用。",
    "deny_users": "deny_users 对管理员同样有效。",
    "admin_users": "admin_users：管理员不受群和用户白名单限制，也没有每日次数限制。",
    "app_secrets": "credentials 也用来校验回调，其中的密钥不必在 app_secrets 里再写一遍。",
    "sensitive_words": "sensitive_words：大小写、全角半角、字间空格都不影响匹配；回答中每个字替换为一个 *。",
    "help": "help 会代替内置的帮助（内置的列有新命令）；常见的 HTML 会转成 Markdown。",
    "azure_off": "azure_on 为 false，因此不使用 {keys}（可以是占位符）。",
    "legacy_database": "{file} 是旧版的对话记录：可用 `chatgpt-dingtalk import-legacy {file}` 导入。",
    "column_key": "配置项",
    "column_from": "来源",
    "column_value": "值",
    "notes_heading": "说明：",
    "online_heading": "模型与服务的列表比较：",
    "online_unread": "{provider}：没有读到模型列表（doctor 会说明原因）",
    "online_well": "没有发现问题",
    "warnings_heading": "注意：",
    "no_pictures": "#图片 未开通：没有设置 image_model；需要时请填写能画图的模型名。",
    "shut_down": "{key} 的 {model} 已于 {day} 停用：请换一个。",
    "shuts_down": "{key} 的 {model} 将于 {day} 停用：请提前换一个。",
    "ending_cut": "{key} 末尾的 {ending} 已去掉，请求时会自动加上：请改写为 {address}。"
    "必须原样使用的地址，请在末尾加 #。",
    "direct_by_no_proxy": "直连（no_proxy）",
}

// What the switches are called: Chinese, English; and in which group they stand.

export const SWITCHES = {
  "switch.callback_time_limit": ["回调超时（秒）", "Callback time limit (s)"],
  "switch.callback_redeliveries": ["失败后重投次数", "Redeliveries after a failure"],
  "switch.callback_redelivery_pause": ["重投间隔（秒）", "Pause between them (s)"],
  "switch.redeliver_after_refusal": ["被拒绝也重投", "Redeliver after a refusal"],
  "switch.inline_replies_count": ["应答体里的消息算回复", "Replies in the answer count"],
  "switch.outgoing_callbacks_are_signed": ["Outgoing 回调带签名", "Outgoing callbacks are signed"],
  "switch.is_published": ["应用已发布（有员工 ID）", "App is published (staff ids)"],
  "switch.content_as_string": ["content 是字符串", "content is a string"],
  "switch.created_at_as_string": ["createAt 是字符串", "createAt is a string"],
  "switch.quota_code_as_string": ["额度 errorCode 是字符串", "Quota errorCode is a string"],
  "switch.quotes_in_legacy_form": ["旧式引用", "Quotes in the old form"],
  "switch.session_life": ["会话有效期（秒）", "Life of a session (s)"],
  "switch.session_sends_a_minute": ["会话每分钟条数（0 不限）", "Replies a minute (0: any)"],
  "switch.session_honours_msg_uuid": ["会话认 msgUuid", "Sessions honour msgUuid"],
  "switch.outgoing_sessions_need_sign": ["Outgoing 回复要签名", "Outgoing replies need a sign"],
  "switch.mentions_by_dingtalk_id": ["可用 dingtalkId @人", "Mentions by dingtalkId"],
  "switch.custom_sends_a_minute": ["自定义机器人每分钟条数", "Custom robot's sends a minute"],
  "switch.custom_rest": ["超过后休息（秒）", "Rest after too many (s)"],
  "switch.token_life": ["令牌有效期（秒）", "Life of a token (s)"],
  "switch.tokens_are_interchangeable": ["新旧令牌通用", "Tokens are interchangeable"],
  "switch.invalid_token_status": ["无效令牌的 HTTP 状态", "Status for an invalid token"],
  "switch.api_calls_a_second": ["每接口每秒调用", "Calls a second of an API"],
  "switch.monthly_api_calls": ["每月 API 额度（0 不限）", "Monthly API calls (0: any)"],
  "switch.monthly_messages": ["每月消息额度（0 不限）", "Monthly messages (0: any)"],
  "switch.flow_controlled_staff_ids": ["被限流的员工", "Flow-controlled staff ids"],
  "switch.download_code_life": ["下载码有效期（秒）", "Life of a download code (s)"],
  "switch.download_url_life": ["下载地址有效期（秒）", "Life of a download address (s)"],
  "switch.card_templates": ["已有的卡片模板", "Card templates there are"],
  "switch.card_keys_of_plain_text": ["纯文本的卡片变量", "Plain text card variables"],
  "switch.cards_take_empty_content": ["卡片接受空内容", "Cards take empty content"],
  "switch.card_content_limit": ["卡片字数上限（0 不限）", "Longest card (0: any)"],
  "switch.card_click_time_limit": ["卡片点击超时（秒）", "Card click time limit (s)"],
  "switch.stream_opening": ["建立连接时", "Opening a connection"],
  "switch.stream_refuses_tickets": ["拒绝 ticket", "Refuse tickets"],
  "switch.stream_closes_at_once": ["连上就断", "Close at once"],
  "switch.stream_is_silent": ["不发心跳", "Stay silent"],
  "switch.stream_sends_twice": ["每帧发两次", "Send each frame twice"],
  "switch.stream_garbles": ["发乱码帧", "Garble frames"],
  "switch.stream_ignores_acknowledgements": ["不认应答", "Ignore acknowledgements"],
  "switch.stream_loses_offline": ["离线消息丢失", "Lose messages while offline"],
  "switch.stream_latency": ["推送延迟（秒）", "Latency of a push (s)"],
  "group.callback": ["回调", "Callbacks"], "group.session": ["回复", "Replies"], "group.token": ["令牌与额度", "Tokens and allowances"],
  "group.card": ["卡片", "Cards"], "group.stream": ["Stream 模式", "Stream mode"], "group.other": ["其他", "Others"],
};

const GROUPS = {
  callback: /^(callback|redeliver|inline|outgoing_callbacks|is_published|content|created|quota|quotes)/,
  session: /^(session|outgoing_sessions|mentions|custom)/,
  token: /^(token|invalid|api|monthly|flow|download)/,
  card: /^card/,
  stream: /^stream/,
};

export const groupOf = (name) => Object.keys(GROUPS).find((group) => GROUPS[group].test(name)) ?? "other";

export const CHOICES = { stream_opening: ["works", "refused", "throttled", "unavailable", "nonsense", "hangs"] };

"""English: every sentence the robot says by itself."""

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

ENGLISH = Wording(
    help="""### What I can do

Just ask; in a group, mention me first.

**Ways to talk**

- `单聊`: each question is answered on its own
- `串聊`: earlier questions and answers go along
- `重置`: forget what was said and go back to the default (`退出` and `结束` do the same)

**Prompt templates**

- `模板`: list the templates
- `#title words`: ask with a template, for example `#周报 finished the login page`
- `#title`: show what that template sends

**Pictures**

- `#图片 what you want to see`: a picture, which counts as one question

**Looking up**

- `用量`: what you asked today, and what is left
- `余额`: what the model's account has left
- `#域名 example.com`: when a domain was registered and expires
- `#证书 example.com`: how long a site's certificate is valid
- `群ID`: this group's id, for the administrator
- `我的ID`: your own userid, for the administrator
- `查对话`: how administrators read somebody's conversation
- `帮助`: this text again""",
    help_on_pictures="""**Pictures**

- `#图片 what you want to see`: a picture, which counts as one question

""",
    refusals={
        Refusal.ROOM_KIND_CLOSED: "This kind of chat is not open; please try a private chat or a group.",
        Refusal.SENDER_DENIED: "Your account may not use this robot; please ask the administrator.",
        Refusal.GROUP_NOT_LISTED: (
            "This group may not use the robot yet; the administrator can add its id (send 群ID to see it)."
        ),
        Refusal.OUTGOING_GROUP_NOT_LISTED: (
            "This group may not use an outgoing robot yet; the administrator can add its id"
            " (send 群ID to see it)."
        ),
        Refusal.SENDER_NOT_LISTED: (
            "You may not use this robot yet; please tell the administrator your userid"
            " (send 我的ID to see it)."
        ),
    },
    only_text="I can read text, and voice messages with a transcript, only. Please write to me.",
    allowance_used_up=(
        "DingTalk did not hand me the content of this message: your organisation has used up its allowance of"
        " robot messages for this month. Please tell the administrator."
    ),
    kept_back=(
        "DingTalk did not hand me the content of this message. Please send it again in a while; if that does"
        " not help, tell the administrator."
    ),
    sensitive=(
        "Your question contains something I may not discuss. It went to no model and was not counted; "
        "please put it another way."
    ),
    question_too_long=(
        "That question is too long: about {tokens} tokens, and {limit} is the limit. "
        "Please shorten it or ask in parts."
    ),
    over_quota="You have used your {limit} questions of today; you can ask again from {resets_at}.",
    administrators_only="Only administrators can use this command.",
    mode_names={
        Mode.SINGLE_TURN: "single questions (单聊)",
        Mode.MULTI_TURN: "conversation (串聊)",
    },
    mode_switched=(
        "Now: **{mode}**. After {span} without a message it goes back to {default} and forgets."
    ),
    session_reset="Forgotten. Back to the default: **{default}**.",
    minutes="{count} minutes",
    seconds="{count} seconds",
    templates="### Prompt templates\n\n{titles}\n\nUse: `#title words`; `#title` alone shows the template.",
    template_line="- `#{title}`",
    no_templates="There are no prompt templates yet.",
    template_shown="`#{title}` sends:\n\n```\n{prompt}\n```\n\nUse: `#{title} words`",
    template_words="<your words>",
    usage="Asked today: **{asked}** of {limit}, left: **{left}**; counted anew from {resets_at}.",
    usage_unlimited="Asked today: **{asked}**, without a limit.",
    context_use="This conversation: {turns} turns, about {tokens} tokens, {percent}% of its room ({room}).",
    no_context="{mode}: nothing of earlier messages goes along.",
    group_id="The id of this group ({title}) is:\n\n{id}",
    group_id_logged="The id and title of this group are in the service's log; please ask the administrator.",
    group_id_outside="Please send 群ID in a group, mentioning me.",
    user_id="Your userid is:\n\n{id}",
    no_user_id=(
        "This message came without your userid, as from outgoing robots and external contacts; "
        "please send it to a robot of your organisation in a private chat."
    ),
    failures={
        ModelUnavailable: "The model does not respond right now. Not counted; please try again later.",
        ModelTimedOut: (
            "The model did not begin its answer in time. Not counted; please try again later, "
            "and tell the administrator if it is always so."
        ),
        ModelCutOff: "The model's answer broke off. Not counted; please try again later.",
        ThinkingUsedUpLimit: (
            "The model reached the answer's length limit (max_answer_len) while it was still thinking. "
            "Please ask for less at once, or ask the administrator to raise the limit. Not counted."
        ),
        OnlyThoughts: (
            "The model gave its thoughts but no answer; please tell the administrator. Not counted."
        ),
        ModelGone: (
            "The model service does not offer the configured model; please tell the administrator. "
            "Not counted."
        ),
        ModelGaveNothing: "The model gave no answer. Not counted; please put it another way.",
        ModelMisconfigured: (
            "The model service did not take the request, perhaps for a mistake in the configuration; "
            "please tell the administrator. Not counted."
        ),
        ModelRejected: (
            "The model service did not accept this request; please put it another way, "
            "and tell the administrator if that does not help. Not counted."
        ),
        ModelOutOfFunds: "The model account is used up; please tell the administrator. Not counted.",
        ModelDeclined: "The model service's content filter stopped this. Not counted; please rephrase.",
        PromptTooLong: (
            "That is more text than the model takes at once; please shorten it, or send 重置. Not counted."
        ),
    },
    gave_up="Sorry, I tried this question several times in vain. Not counted; please ask again later.",
    went_wrong="Sorry, something went wrong with this question. Not counted; please try again later.",
    cut_short="(The answer reached its length limit and was cut.)",
    picture_not_seen="(I cannot see pictures; this answers the words alone.)",
    cut_off="(The answer broke off here; please ask again for all of it.)",
    answer_in_parts_cut="(The answer is too long; only its beginning was sent.)",
    reasoning="Reasoning",
    reply_title="Reply",
    pictures=pictures.ENGLISH,
    history=history.ENGLISH,
    pages=pages.ENGLISH,
    balance=balance.ENGLISH,
    sites=sites.ENGLISH,
)

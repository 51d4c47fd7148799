"""What is said about money, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceWording:
    """Sentences in Markdown. Words in braces are filled in with `str.format`."""

    title: str
    told: str  # {provider} {balance}
    granted: str  # {amount}
    unlimited: str
    used: str  # {amount}
    left: str  # {amount}
    valid_until: str  # {day}
    comma: str
    told_by_them: str

    # Providers that tell nothing.
    untold: str  # {provider}
    unreachable: str  # {provider}
    free: str  # {provider}

    # The service's own count.
    own_count: str
    today: str  # {day} {use}
    this_month: str  # {month} {use}
    use: str  # {questions} {prompt_tokens} {answer_tokens} {pictures}
    use_with_cost: str  # {use} {costs}
    estimated: str
    unpriced: str  # {models}
    no_prices: str
    list_comma: str


CHINESE = BalanceWording(
    title="### 余额",
    told="**{provider}**：{balance}",
    granted="总额 {amount}",
    unlimited="不限额度",
    used="已用 {amount}",
    left="剩余 **{amount}**",
    valid_until="有效期至 {day}",
    comma="，",
    told_by_them="以上金额由模型服务自己报告，最多是一分钟前的。",
    untold="**{provider}**：不提供余额查询。",
    unreachable="**{provider}**：暂时联系不上，查不到余额。",
    free="**{provider}**：内置的演示模型，不产生费用。",
    own_count="### 本服务的统计",
    today="**今天（{day}）**：{use}",
    this_month="**本月（{month}）**：{use}",
    use=(
        "{questions:,} 个问题，提问 {prompt_tokens:,} token，回答 {answer_tokens:,} token，"
        "图片 {pictures:,} 张"
    ),
    use_with_cost="{use}；费用约 {costs}",
    estimated="费用是按价格表（`prices`）估算的，不是账单；模型服务没有报告的 token 不在其中。",
    unpriced="价格表里没有、因此没有计入费用的模型：{models}。",
    no_prices=(
        "没有配置价格表（`prices`），因此不估算费用；模型服务没有报告的 token 也不在统计之中。"
    ),
    list_comma="、",
)

ENGLISH = BalanceWording(
    title="### Balance",
    told="**{provider}**: {balance}",
    granted="{amount} granted",
    unlimited="without a limit",
    used="{amount} used",
    left="**{amount}** left",
    valid_until="valid until {day}",
    comma=", ",
    told_by_them="The amounts are what the providers say, a minute old at most.",
    untold="**{provider}**: tells no balance.",
    unreachable="**{provider}**: cannot be reached now, so its balance is not known.",
    free="**{provider}**: the built-in demo model, which costs nothing.",
    own_count="### This service's own count",
    today="**Today ({day})**: {use}",
    this_month="**This month ({month})**: {use}",
    use=(
        "{questions:,} questions, {prompt_tokens:,} tokens asked, {answer_tokens:,} tokens answered, "
        "{pictures:,} pictures"
    ),
    use_with_cost="{use}; about {costs}",
    estimated=(
        "The cost is an estimate from the list of prices (`prices`), not a bill; tokens that a provider "
        "does not tell are not in it."
    ),
    unpriced="Not in the cost, for want of a price: {models}.",
    no_prices=(
        "No prices are configured (`prices`), so no cost is estimated; tokens that a provider does not "
        "tell are not counted either."
    ),
    list_comma=", ",
)

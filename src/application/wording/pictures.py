"""What is said about pictures, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureWording:
    """Sentences in Markdown. Words in braces are filled in with `str.format`."""

    usage: str
    off: str
    not_set_up: str
    shown: str  # {prompt}
    linked: str  # {prompt} {url}
    alternative: str
    in_history: str
    not_kept: str
    not_uploaded: str


CHINESE = PictureWording(
    usage="""### 生成图片

发送 `#图片 想要的画面`，例如：

`#图片 雪山下的木屋，水彩画`

每张图片算一次提问。""",
    off="这里没有开通画图，所以没有去画，也没有计入次数；需要时请联系管理员（配置项 `image_model`）。",
    not_set_up="""现在还发不出图片，所以没有去画，也没有计入次数。请管理员在配置里填写其中一项：

- `credentials`：这个机器人的 `client_id` 和 `client_secret`，图片会上传到钉钉
- `service_url`：本服务的公网地址，图片会以链接显示""",
    shown="> {prompt}",
    linked="> {prompt}\n\n[查看原图]({url})",
    alternative="图片",
    in_history="（画了一张图片）",
    not_kept="图片画好了，但没能保存下来，本次没有计入次数。请稍后再试，仍不行请联系管理员。",
    not_uploaded="图片画好了，但钉钉没有收下，本次没有计入次数。请稍后再试，仍不行请联系管理员。",
)

ENGLISH = PictureWording(
    usage="""### Pictures

Send `#图片 what you want to see`, for example:

`#图片 a cabin below a snowy mountain, watercolour`

Each picture counts as one question.""",
    off=(
        "Pictures are not switched on here, so none was made, and nothing was counted; if you need them, "
        "please ask the administrator (the key `image_model`)."
    ),
    not_set_up="""A picture could not be shown to you, so none was made, and nothing was counted. \
The administrator has to set one of these:

- `credentials`: this robot's `client_id` and `client_secret`; pictures are then uploaded to DingTalk
- `service_url`: this service's public address; pictures are then shown from there""",
    shown="> {prompt}",
    linked="> {prompt}\n\n[Full size]({url})",
    alternative="picture",
    in_history="(a picture was made)",
    not_kept=(
        "The picture was made but could not be kept. Not counted; please try again later, "
        "and tell the administrator if that does not help."
    ),
    not_uploaded=(
        "The picture was made but DingTalk did not take it. Not counted; please try again later, "
        "and tell the administrator if that does not help."
    ),
)

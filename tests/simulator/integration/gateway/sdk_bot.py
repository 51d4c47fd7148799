"""A bot on DingTalk's own SDK, as its pages show one: `python -m …sdk_bot client-id secret`.

DINGTALK_OPENAPI_ENDPOINT says where DingTalk is; it has to be set before the SDK is imported.
"""

import sys

import dingtalk_stream  # type: ignore[import-untyped] # the SDK has no types
import requests
from dingtalk_stream import AckMessage, CallbackMessage, ChatbotMessage


class EchoBot(dingtalk_stream.ChatbotHandler):  # type: ignore[misc] # the SDK has no types
    """Echoes text, replies with the size of media, and streams a card on request."""

    async def process(self, callback: CallbackMessage) -> tuple[int, str]:
        heard = ChatbotMessage.from_dict(callback.data)
        if heard.message_type == "picture":
            (code,) = heard.get_image_list()
            self.weigh("picture", code, heard)
        elif heard.message_type == "audio":
            self.weigh("voice", heard.extensions["content"]["downloadCode"], heard)
        elif heard.text.content.strip() == "markdown card":
            self.reply_markdown_card("**on a card**", heard)
        elif heard.text.content.strip() == "card":
            self.write_card(heard)
        else:
            self.reply_text(f"heard {heard.text.content.strip()}", heard)
        return AckMessage.STATUS_OK, "OK"

    def weigh(self, kind: str, code: str, heard: ChatbotMessage) -> None:
        medium = requests.get(self.get_image_download_url(code), timeout=5)
        self.reply_markdown(kind, f"a {kind} of **{len(medium.content)}** bytes", heard)

    def write_card(self, heard: ChatbotMessage) -> None:
        card = self.ai_markdown_card_start(heard)
        card.ai_streaming("你")
        card.ai_streaming("好", append=True)
        card.ai_finish("你好。")


class Buttons(dingtalk_stream.CallbackHandler):  # type: ignore[misc] # the SDK has no types
    """Finishes a card when its button is clicked."""

    async def process(self, callback: CallbackMessage) -> tuple[int, dict[str, object]]:
        card = callback.data["outTrackId"]
        changes: dict[str, object] = {
            "cardData": {"cardParamMap": {"flowStatus": "3", "card": card}}
        }
        return AckMessage.STATUS_OK, changes


def main(client_id: str, client_secret: str) -> None:
    client = dingtalk_stream.DingTalkStreamClient(
        dingtalk_stream.Credential(client_id, client_secret)
    )
    client.register_callback_handler(ChatbotMessage.TOPIC, EchoBot())
    client.register_callback_handler(dingtalk_stream.Card_Callback_Router_Topic, Buttons())
    client.start_forever()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

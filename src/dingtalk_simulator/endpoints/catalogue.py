"""Every address of DingTalk that is served here, in one table."""

from dingtalk_simulator.endpoints import (
    cards,
    credentials,
    media,
    reactions,
    robot_messages,
    streaming,
    webhooks,
)
from dingtalk_simulator.endpoints.exchange import Endpoint
from dingtalk_simulator.records import Billed

UPLOAD_SIZE = 24 * 1024 * 1024

OPENAPI = (
    ("batchSend", "POST", "/v1.0/robot/oToMessages/batchSend", robot_messages.batch_send),
    ("groupSend", "POST", "/v1.0/robot/groupMessages/send", robot_messages.group_send),
    ("download", "POST", "/v1.0/robot/messageFiles/download", media.download),
    ("emotionReply", "POST", "/v1.0/robot/emotion/reply", reactions.react),
    ("emotionRecall", "POST", "/v1.0/robot/emotion/recall", reactions.recall),
    ("cardCreate", "POST", "/v1.0/card/instances", cards.create),
    ("cardDeliver", "POST", "/v1.0/card/instances/deliver", cards.deliver),
    (
        *("cardCreateAndDeliver", "POST", "/v1.0/card/instances/createAndDeliver"),
        cards.create_and_deliver,
    ),
    ("cardUpdate", "PUT", "/v1.0/card/instances", cards.update),
    ("cardStreaming", "PUT", "/v1.0/card/streaming", streaming.stream),
    (
        *("cardCallbackRegister", "POST", "/v1.0/card/callbacks/register"),
        cards.register_callback,
    ),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        name="sendBySession",
        method="POST",
        path="/robot/sendBySession",
        handle=webhooks.send_by_session,
        billed=Billed.MESSAGES,
    ),
    Endpoint(
        name="robotSend",
        method="POST",
        path="/robot/send",
        handle=webhooks.robot_send,
        billed=Billed.MESSAGES,
    ),
    Endpoint(
        name="gettoken",
        method="GET",
        path="/gettoken",
        handle=credentials.gettoken,
        billed=Billed.FREE,
    ),
    Endpoint(
        name="accessToken",
        method="POST",
        path="/v1.0/oauth2/accessToken",
        handle=credentials.access_token,
        billed=Billed.FREE,
    ),
    Endpoint(
        name="mediaUpload",
        method="POST",
        path="/media/upload",
        handle=media.upload,
        largest=UPLOAD_SIZE,
    ),
    Endpoint(
        name="files",
        method="GET",
        path="/files/{name:str}",
        handle=media.file_at,
        billed=Billed.FREE,
    ),
    *(
        Endpoint(name=name, method=method, path=path, handle=handle, is_paced=True)
        for name, method, path, handle in OPENAPI
    ),
)

NAMES = frozenset(one.name for one in ENDPOINTS)

"""Media: uploaded by robots, and what people sent, downloaded by a code.

Source: DingTalk, "upload-media-files" and "download-the-file-content-of-the-robot-receiving-message".
"""

import msgspec

from dingtalk_simulator.endpoints.credentials import app_of, app_of_query
from dingtalk_simulator.endpoints.exchange import Answer, Asked, code, errcode, read, said
from dingtalk_simulator.media import Medium
from dingtalk_simulator.state import World

MEGABYTE = 1024 * 1024
SECOND = 1000


class Limits(msgspec.Struct, frozen=True):
    most_bytes: int
    endings: frozenset[str]


UPLOADS = {
    "image": Limits(20 * MEGABYTE, frozenset({"jpg", "jpeg", "gif", "png", "bmp"})),
    "voice": Limits(2 * MEGABYTE, frozenset({"amr", "mp3", "wav", "ogg"})),
    "video": Limits(20 * MEGABYTE, frozenset({"mp4"})),
    "file": Limits(
        20 * MEGABYTE,
        frozenset({"doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar", "mp4"}),
    ),
}
"""The documented endings, and two of the field: AstrBot uploads voice as OGG, and videos as files."""


class DownloadRequest(msgspec.Struct, frozen=True, rename="camel"):
    download_code: str
    robot_code: str


def upload(world: World, asked: Asked) -> Answer:
    """`POST /media/upload?access_token=`: the multipart fields `media` and `type`."""
    robot = app_of_query(world, asked)
    kind = asked.form.get("type") or asked.query.get("type", "")
    medium = asked.upload
    if medium is None or not kind:
        return errcode(40035, "missing parameter media or type")
    limits = UPLOADS.get(kind)
    ending = medium.file_name.rpartition(".")[2].lower()
    if limits is None or ending not in limits.endings:
        return errcode(40004, "invalid media type")
    if not 0 < len(medium.content) <= limits.most_bytes:
        return errcode(40004, "invalid media size")
    kept = world.media.keep(
        medium.content, file_name=medium.file_name, content_type=medium.content_type
    )
    taken = errcode(0, type=kind, media_id=kept.media_id, created_at=world.now())
    return msgspec.structs.replace(taken, robot=robot.id)


def download(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/robot/messageFiles/download`: an address for a code that came in a callback."""
    robot = app_of(world, asked)
    request = read(asked, DownloadRequest, otherwise=code("invalidParameter.body"))
    if request.robot_code != robot.robot_code:
        return code("invalidParameter.robotCode.auth")
    grant = world.media.granted(request.download_code)
    if grant is None:
        return code("invalidParameter.robotCode.downloadCode")
    if grant.robot != robot.id:
        return code("invalidParameter.robotCode.auth")
    if grant.is_preview:
        # Seen in the field with a pictureDownloadCode.
        return code("unknownError", status=500)
    life = round(world.switches.download_url_life * SECOND)
    name, ends = world.media.address(grant, life_ms=life)
    address = f"{world.origin}/files/{name}?Expires={ends // SECOND}&Signature=simulated"
    return msgspec.structs.replace(said({"downloadUrl": address}), robot=robot.id)


def file_at(world: World, asked: Asked) -> Answer:
    """`GET /files/{id}`: the bytes, as from the object store behind DingTalk."""
    medium = world.media.at_address(asked.path.rpartition("/")[2])
    if medium is None:
        return Answer(status=403, body=b"<Error>AccessDenied</Error>", media_type="application/xml")
    return bytes_of(medium)


def bytes_of(medium: Medium) -> Answer:
    return Answer(body=medium.content, media_type="application/octet-stream")

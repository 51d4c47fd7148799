"""A webhook on this machine that takes the reply to one message, from the service alone."""

import hmac
import queue
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

import msgspec

from entrypoints.web.peers import Requester, collected, is_this_machine

LARGEST_BODY = 1 << 20
LENGTH = re.compile(r"[0-9]{1,8}")
READ_TIMEOUT = 10.0
"""Seconds for a request to arrive whole."""

TAKEN = b'{"errcode":0,"errmsg":"ok"}'

Replies: TypeAlias = "queue.Queue[str]"


class _Text(msgspec.Struct):
    text: str = ""
    content: str = ""


class _Reply(msgspec.Struct):
    """What the service posts to a session webhook."""

    markdown: _Text = msgspec.field(default_factory=_Text)
    text: _Text = msgspec.field(default_factory=_Text)


@dataclass(slots=True, kw_only=True)
class ReplyListener:
    """`expects` is the path and query that the reply has to be posted to; nothing else is taken."""

    port: int
    expects: str = ""
    replies: Replies = field(default_factory=queue.Queue)

    def parts(self, *, within: float, quiet: float) -> Iterator[str]:
        """Each part of the reply as it comes, until none has come for `quiet` seconds.

        Yields nothing if there is no reply within so many seconds.
        """
        with suppress(queue.Empty):
            yield self.replies.get(timeout=within)
            while True:
                yield self.replies.get(timeout=quiet)


class QuietServer(ThreadingHTTPServer):
    """A connection that breaks is nobody's business on the terminal."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who waits for the reply goes on waiting."""


@contextmanager
def reply_listener(port: int = 0) -> Iterator[ReplyListener]:
    """Listen on that port of 127.0.0.1, or on a free one. Raises OSError where the port is taken."""
    listener = ReplyListener(port=port)

    class Webhook(BaseHTTPRequestHandler):
        timeout = READ_TIMEOUT

        def do_POST(self) -> None:
            # A page in a browser of this machine can post here too, but does not know the address.
            if not hmac.compare_digest(self.path.encode(), listener.expects.encode()):
                self.send_error(404)
                return
            if not is_this_machine(self._asking()):
                self.send_error(403)
                return
            length = self.headers.get("Content-Length", "")
            if not LENGTH.fullmatch(length) or int(length) > LARGEST_BODY:
                self.send_error(413)
                return
            try:
                reply = msgspec.json.decode(self.rfile.read(int(length)), type=_Reply)
            except msgspec.MsgspecError:
                self.send_error(400)
                return
            listener.replies.put(reply.markdown.text or reply.text.content)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(TAKEN)))
            self.end_headers()
            self.wfile.write(TAKEN)

        def _asking(self) -> Requester:
            return Requester(
                peer=self.client_address[0],
                headers=collected(self.headers.items()),
                http_version=self.request_version.removeprefix("HTTP/"),
            )

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Nothing of a request goes to the terminal."""

    server = QuietServer(("127.0.0.1", port), Webhook)
    listener.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()

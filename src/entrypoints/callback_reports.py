"""What callbacks tell the operator: that DingTalk keeps messages back, or that a body cannot be read."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from adapters.dingtalk.inbound.callback import (
    ALLOWANCE_USED_UP,
    BadCallback,
    Callback,
    EncryptedCallback,
)
from application.rate_limited_logger import RateLimitedLogger, count_nothing
from domain.message import RobotId

_logger = logging.getLogger(__name__)

ALLOWANCE_REMEDY = (
    "see DingTalk's developer console, 资源管理 › Webhook&Stream 用量管控:"
    " buy more, or raise the limit that is set for this robot"
)
ENCRYPTION_REMEDY = "switch body encryption (aes_key) off for this robot in DingTalk's console"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackReports:
    """Shared by everything that takes callbacks. `count` is given the code of each reported error."""

    logger: RateLimitedLogger = field(default_factory=partial(RateLimitedLogger, _logger))
    count: Callable[[str], object] = count_nothing
    _kept_back: dict[RobotId, str] = field(default_factory=dict, init=False)

    def read(self, robot: RobotId, callback: Callback) -> None:
        """A callback was read. A message of a person ends what was reported of its robot before."""
        code = callback.reported_error
        if code is None:
            self._kept_back.pop(robot, None)
            return
        self.count(code)
        self._kept_back[robot] = code
        if code == ALLOWANCE_USED_UP:
            self.logger.warning("dingtalk_allowance_used_up", robot=robot, remedy=ALLOWANCE_REMEDY)
        else:
            self.logger.warning("dingtalk_error_reported", robot=robot, code=code)

    def unreadable(self, robot: RobotId, error: BadCallback) -> None:
        """A body that somebody vouched for is no callback."""
        if isinstance(error, EncryptedCallback):
            self.logger.warning("callback_encrypted", robot=robot, remedy=ENCRYPTION_REMEDY)
        else:
            self.logger.warning("bad_callback", robot=robot, fact=str(error))

    def warnings(self) -> tuple[str, ...]:
        """What is to be mended, a sentence for each robot whose messages were kept back last."""
        return tuple(_warning(robot, code) for robot, code in self._kept_back.items())


def _warning(robot: RobotId, code: str) -> str:
    if code == ALLOWANCE_USED_UP:
        used_up = f"robot {robot}: the month's allowance of messages is used up (errorCode {code})"
        return f"{used_up}; {ALLOWANCE_REMEDY}"
    return f"robot {robot}: DingTalk kept the content of a message back (errorCode {code})"

"""All that the application needs from the outside world.

Each port is one conversation with one kind of outsider. An adapter satisfies a port by passing its
contract in `tests/contracts`, not by inheriting from it. Every port may raise `StorageFailed` (the SQL
ones) or what its docstring names, and nothing else.
"""

from application.ports.doorstep import (
    Acceptance,
    Arrival,
    Doorstep,
)
from application.ports.history import (
    History,
    HistoryLinks,
)
from application.ports.inbox import (
    Backlog,
    Claim,
    Inbox,
    Lease,
    Outcome,
    Outcomes,
    StoredReply,
    WaitingReply,
)
from application.ports.ledger import (
    Ledger,
    Spending,
    Use,
)
from application.ports.models import (
    AccountBalance,
    ChatModel,
    Drawing,
    Finish,
    FinishReason,
    ImageModel,
    ModelList,
    ModelOutput,
    Pseudonyms,
    Reset,
    Thought,
    TokenCounter,
)
from application.ports.pictures import (
    Shelf,
)
from application.ports.replies import (
    Messenger,
    PictureUpload,
)
from application.ports.sites import (
    SiteRecords,
)
from application.ports.time import (
    Clock,
)

__all__ = [
    "Acceptance",
    "AccountBalance",
    "Arrival",
    "Backlog",
    "ChatModel",
    "Claim",
    "Clock",
    "Doorstep",
    "Drawing",
    "Finish",
    "FinishReason",
    "History",
    "HistoryLinks",
    "ImageModel",
    "Inbox",
    "Lease",
    "Ledger",
    "Messenger",
    "ModelList",
    "ModelOutput",
    "Outcome",
    "Outcomes",
    "PictureUpload",
    "Pseudonyms",
    "Reset",
    "Shelf",
    "SiteRecords",
    "Spending",
    "StoredReply",
    "Thought",
    "TokenCounter",
    "Use",
    "WaitingReply",
]

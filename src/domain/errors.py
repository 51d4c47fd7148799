"""What can go wrong, said in the robot's own words.

RobotError
├── InvalidValue              a value broke its own rule when it was made
└── OutsideFailure            a port could not do what it promised (application.errors)
    ├── ModelFailure          no answer came from a model, and why
    ├── SiteFailure           nothing could be found out about a site, and why
    ├── UploadFailed          DingTalk did not take a file
    ├── StorageFailed         nothing was stored; the caller may try again
    └── LeaseLost             somebody else works on this conversation now

A person being refused is not an error: see `domain.access.Refusal`.
A reply that could not be delivered is not one either: see `domain.reply.Undeliverable`.
"""


class RobotError(Exception):
    """Anything this service raises on purpose."""


class InvalidValue(RobotError, ValueError):  # noqa: N818 - reads as what it says
    """A value broke its own rule when it was made."""

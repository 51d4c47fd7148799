"""A reply as the messages of DingTalk that carry it."""

"""DingTalk: callbacks in, replies out."""

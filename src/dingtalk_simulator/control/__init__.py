"""The simulator's own API: for its page, for tests, and for whoever plays DingTalk."""

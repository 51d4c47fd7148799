"""A simulated gateway of DingTalk's stream mode, with injected failures."""

"""DingTalk's stream mode: its callbacks over a websocket that this service opens."""

"""The gateway of DingTalk's stream mode, played, with its failures on demand."""

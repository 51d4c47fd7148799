"""A simulator of DingTalk's servers for testing any robot. It contains no code of DingTalk."""

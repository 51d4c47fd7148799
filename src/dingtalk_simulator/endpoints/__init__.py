"""The endpoints of DingTalk that robots call."""

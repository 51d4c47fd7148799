"""A look-alike of DingTalk's servers, against which any robot can be run; nothing of it is DingTalk."""

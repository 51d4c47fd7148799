"""What DingTalk sends to a robot: messages that people wrote, and their clicks on cards."""

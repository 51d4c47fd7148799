"""A model's Markdown as the Markdown that DingTalk shows."""

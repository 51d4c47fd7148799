"""What DingTalk posts to us: who vouches for it, and what it says."""

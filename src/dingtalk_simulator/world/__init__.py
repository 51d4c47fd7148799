"""What the simulated DingTalk knows: people, robots, rooms, messages, and what its servers remember."""

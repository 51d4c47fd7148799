"""A model that is none: it lets people try the robot without a key and without a network."""

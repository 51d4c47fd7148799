"""What the robot does: verbs over ports."""

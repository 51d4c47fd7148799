"""What the robot knows: values and rules, pure, on the standard library alone."""

"""The inbox: what comes in is stored, worked on one by one, and answered."""

"""Stream mode: the same messages as through the door, over websockets that this service opens."""

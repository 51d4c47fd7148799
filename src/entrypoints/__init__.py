"""Processes, sockets, screens: the only rooms with a view of everything."""

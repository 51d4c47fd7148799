"""Kills, pauses and starves the real service, and counts what was lost: nothing may be."""

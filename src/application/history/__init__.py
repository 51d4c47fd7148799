"""History: found, opened by links, taken along."""

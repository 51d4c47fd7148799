"""The internet as a whole: registries of domains, and whatever site somebody names."""

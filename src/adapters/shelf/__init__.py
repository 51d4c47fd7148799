"""Pictures that are kept in a folder."""

"""The simulator's page: a chat client in the browser, made of files that are served as they are."""

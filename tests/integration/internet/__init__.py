"""The adapters for the internet, at servers on the loopback."""

"""Where the self-contained program begins."""

from entrypoints.cli import main

main()

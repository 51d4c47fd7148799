"""What the process that forks services has imported and loaded before: it does nothing else."""

import gc
from importlib import import_module

from adapters.tokens.toktok import ToktokCounter

LAZY = (
    "alembic.command",
    "anyio._backends._asyncio",
    "entrypoints.cli.serve",
    "entrypoints.container.doors",
    "entrypoints.container.house",
    "entrypoints.container.outside",
    "entrypoints.providers",
    "entrypoints.resources",
    "entrypoints.service",
    "entrypoints.web.app",
    "attrs",
    "litestar.plugins.pydantic",
    "openai.lib.streaming.chat",
    "openai.resources.chat.completions",
    "pytest",
    "tests.crash.forked",
    "uvicorn.protocols.http.httptools_impl",
)
"""What the service imports only when it needs it."""

for name in LAZY:
    import_module(name)
for model in ("gpt-4", "gpt-4o"):
    ToktokCounter(model).warm_up()
gc.collect()
gc.freeze()

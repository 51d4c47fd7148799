"""Make an installed environment small: `slim.py ENVIRONMENT`, before our own package is put in.

What nothing at run time reads goes: symbols, sources of extensions, fonts and codecs of the picture
library that we do not decode with, made-up names for tests. Python files of the libraries are compiled
and kept as byte code only, without docstrings: tracebacks still name file and line.
"""

import compileall
import shutil
import subprocess
import sys
from pathlib import Path

UNUSED = (
    "PIL/[!BGJMPTW]*ImagePlugin.py",
    "PIL/_avif.*",
    "PIL/_imagingcms.*",
    "PIL/_imagingft.*",
    "pillow.libs/libavif-*",
    "pillow.libs/libbrotli*",
    "pillow.libs/libfreetype-*",
    "pillow.libs/libharfbuzz-*",
    "pillow.libs/liblcms2-*",
    "*/tests",
    "*/testing",
    "*.dist-info/RECORD",
    "*.dist-info/sboms",
    "faker",
    "faker-*.dist-info",
    "openai/cli",
    "openai/*/admin",
    "openai/*/live",
    "polyfactory",
    "pycparser",
    "pydantic/mypy.py",
    "pygments/lexers/[!_]*",
    "pygments/lexers/_*_builtins.py",
    "pygments/styles/[!_d]*",
    "websockets/legacy",
)
SOURCES = frozenset({".c", ".cpp", ".h", ".hpp", ".obj", ".pxd", ".pxi", ".pyi", ".pyx"})


def slim(packages: Path) -> None:
    for pattern in UNUSED:
        for found in packages.glob(pattern):
            shutil.rmtree(found) if found.is_dir() else found.unlink()
    for file in packages.rglob("*"):
        if file.suffix in SOURCES:
            file.unlink()
    libraries = [str(file) for file in packages.rglob("*.so*") if file.is_file()]
    subprocess.run(["strip", "--strip-unneeded", *libraries], check=True)  # noqa: S603, S607 - of the build stage
    if not compileall.compile_dir(packages, quiet=1, legacy=True, optimize=2, workers=0):
        sys.exit("a library cannot be compiled")
    for file in packages.rglob("*.py"):
        file.unlink()


if __name__ == "__main__":
    (site,) = Path(sys.argv[1]).glob("lib/python3*/site-packages")
    slim(site)

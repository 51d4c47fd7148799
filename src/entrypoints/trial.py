"""Trial mode: the service on this machine alone, with nothing configured."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from entrypoints.settings import Loaded, load
from entrypoints.settings.mistakes import Place, refusal

SECRET_FILE = "trial-secret"  # noqa: S105 - the name of a file
DEFAULT_PORT = 8090
LAST_PORT = 65535
REAL_MODEL_VARIABLES = ("APIKEY", "AZURE_ON", "PROVIDERS")
TRIAL_ADMIN = "admin"


def load_trial(environment: Mapping[str, str]) -> Loaded:
    """A configuration for 127.0.0.1 with a secret of its own; the environment may name a real model.

    Raises:
        ConfigurationError: a variable has an impossible value, or the secret cannot be kept.
    """
    folder = Path(environment.get("DATA_DIR") or "./data")
    port = environment.get("PORT") or str(DEFAULT_PORT)
    defaults = {"ADMIN_USERS": TRIAL_ADMIN}
    if not any(environment.get(name) for name in REAL_MODEL_VARIABLES):
        defaults["PROVIDERS"] = "[{name: demo, kind: demo}]"
    forced = {
        "CONFIG_FILE": "",
        "HOST": "127.0.0.1",
        "APP_SECRETS": trial_secret(folder),
        "WEBHOOK_HOSTS": reply_origin(int(port) if port.isdecimal() else DEFAULT_PORT),
    }
    return load(environment=defaults | dict(environment) | forced)


def reply_origin(port: int) -> str:
    """Where `send` waits for replies of the service on that port: the next port of this machine."""
    return f"http://127.0.0.1:{port + 1 if port < LAST_PORT else port - 1}"


def trial_secret(folder: Path) -> str:
    """The secret of the trial's robot: made once, kept in a file that only its owner reads.

    Raises:
        ConfigurationError: the file cannot be read or made there.
    """
    file = folder / SECRET_FILE
    try:
        return file.read_text(encoding="ascii") if file.exists() else _made_secret(file)
    except OSError as error:
        problem = f"cannot be used ({error.strerror}); set DATA_DIR to a folder that can"
        raise refusal(Place(source=str(file)), problem) from error


def _made_secret(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = secrets.token_urlsafe(32)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(made)
    return made

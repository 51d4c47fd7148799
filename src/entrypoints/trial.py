"""Trial mode: the service on this machine alone, with nothing configured."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.private_files import make_private_folder, write_private_file
from entrypoints.program import serve_command
from entrypoints.providers import KINDS
from entrypoints.settings import Loaded, Settings, configuration_file, load
from entrypoints.settings.reading.mistakes import Place, refusal
from entrypoints.settings.texts import say

SECRET_FILE = "trial-secret"  # noqa: S105 - the name of a file
TRIAL_FOLDER = "trial"
"""Below the data folder. What is said in a trial never stands beside what a real service keeps."""

DEFAULT_PORT = 8090
LAST_PORT = 65535
REAL_MODEL_VARIABLES = ("APIKEY", "AZURE_ON", "BASE_URL", "PRESET", "PROVIDERS")
ROBOT_VARIABLES = ("APP_SECRETS", "DINGTALK_CREDENTIALS", "OUTGOING_TOKENS")
TRIAL_ADMINS = "admin,manager1001"
"""Who `send --as admin` is, and the first person of the simulator."""

TRIAL_ROBOT = "dingtrial0001"
"""The client id of the robot that the simulator plays DingTalk for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialNotice:
    """Who answers, and what leaves this machine, as the terminal and the page say it."""

    zh: str
    en: str


ALL_DEMO = TrialNotice(
    zh="回答、图片、域名和证书都是内置的演示数据，不联网。",
    en="Answers, pictures, domains and certificates are built-in demo data; nothing goes online.",
)
REAL_MODEL = TrialNotice(
    zh="问题会发给您配置的模型 {models}，可能产生费用；域名和证书是演示数据。",
    en="Questions go to the model you configured, {models}, and may cost money; "
    "domains and certificates are demo data.",
)


def notice_of(settings: Settings) -> TrialNotice:
    """The notice of this trial; in the other language than the robot's with how to change that."""
    real = [one for one in settings.effective_providers if KINDS[one.kind].is_remote]
    said = REAL_MODEL if real else ALL_DEMO
    models = ", ".join(one.asked_for for one in real)
    zh, en = said.zh.format(models=models), said.en.format(models=models)
    start = serve_command(trial=True)
    if settings.language == "en":
        return TrialNotice(zh=f"{zh}机器人说英文；用 LANGUAGE=zh {start} 启动，它就说中文。", en=en)
    return TrialNotice(
        zh=zh, en=f"{en} The robot speaks Chinese; start with LANGUAGE=en {start} for English."
    )


def load_as_served(path: Path | None, environment: Mapping[str, str]) -> Loaded:
    """The configuration of the service that is run from here, be it in trial mode or not.

    Raises:
        ConfigurationError: with every mistake, or because no service was ever configured or tried here.
    """
    is_named = path is not None or configuration_file(None, environment) is not None
    if is_named or any(environment.get(name) for name in ROBOT_VARIABLES):
        return load(path, environment=environment)
    secret = trial_folder(environment) / SECRET_FILE
    if secret.exists():
        return load_trial(environment)
    if any(environment.get(name) for name in REAL_MODEL_VARIABLES):
        return load(environment=environment)
    raise refusal(
        Place(source=str(secret.parent.parent)), say("never_tried", start=serve_command(trial=True))
    )


def load_trial(environment: Mapping[str, str]) -> Loaded:
    """A configuration for 127.0.0.1 with a secret of its own; the environment may name a real model.

    Raises:
        ConfigurationError: a variable has an impossible value, or the secret cannot be kept.
    """
    folder = trial_folder(environment)
    port = environment.get("PORT") or str(DEFAULT_PORT)
    number = int(port) if port.isdecimal() else DEFAULT_PORT
    simulator = simulator_origin(number)
    defaults = {"ADMIN_USERS": TRIAL_ADMINS, "SERVICE_URL": f"http://127.0.0.1:{port}"}
    if not any(environment.get(name) for name in REAL_MODEL_VARIABLES):
        defaults["PROVIDERS"] = "[{name: demo, kind: demo}]"
    forced = {
        "CONFIG_FILE": "",
        "DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "HOST": "127.0.0.1",
        "APP_SECRETS": "",
        "DINGTALK_CREDENTIALS": f"{TRIAL_ROBOT}:{trial_secret(folder)}",
        "WEBHOOK_HOSTS": f"{simulator},{reply_origin(number)}",
        "DINGTALK_API_URL": simulator,
        "DINGTALK_OAPI_URL": simulator,
    }
    return load(environment=defaults | dict(environment) | forced)


def trial_folder(environment: Mapping[str, str]) -> Path:
    """Where a trial keeps everything, also its database: a folder of its own below the data folder."""
    return Path(environment.get("DATA_DIR") or "./data") / TRIAL_FOLDER


def simulator_origin(port: int) -> str:
    """Where the trial's DingTalk is, for a service on that port: the next port of this machine."""
    return f"http://127.0.0.1:{_beside(port, 1)}"


def reply_origin(port: int) -> str:
    """Where `send` waits for replies of the service on that port: the port after the simulator's."""
    return f"http://127.0.0.1:{_beside(port, 2)}"


def free_port_beside(port: int) -> int:
    """A port that is likely to be free with the two after it, to propose where this one is taken."""
    return port + 100 if port + 102 <= LAST_PORT else DEFAULT_PORT


def _beside(port: int, steps: int) -> int:
    return port + steps if port + steps <= LAST_PORT else port - steps


def trial_secret(folder: Path) -> str:
    """The secret of the trial's robot: made once, kept in a file that only its owner reads.

    Raises:
        ConfigurationError: the file cannot be read or made there.
    """
    file = folder / SECRET_FILE
    try:
        return file.read_text(encoding="ascii") if file.exists() else _made_secret(file)
    except OSError as error:
        problem = say("secret_file", reason=error.strerror or "")
        raise refusal(Place(source=str(file)), problem) from error


def _made_secret(file: Path) -> str:
    make_private_folder(file.parent)
    made = secrets.token_urlsafe(32)
    try:
        write_private_file(file, made.encode("ascii"))
    except FileExistsError:
        # Another trial was started in the same moment: its secret is as good.
        return file.read_text(encoding="ascii")
    return made

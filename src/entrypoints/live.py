"""The configuration in force, and how a better one takes its place while the service runs."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from watchfiles import awatch

from adapters.dingtalk.inbound.robots import Robots
from adapters.dingtalk.outbound.access_tokens import Credentials
from application.rulebook import Rulebook
from application.wording import Wording
from application.wording.pages import PageWording
from domain.message import RobotId
from domain.sensitive_words import MakeFinder, SensitiveWords
from entrypoints.rules import InForce, LoadAgain, in_force
from entrypoints.settings import ConfigurationError, Loaded, changed_keys_needing_restart

logger = logging.getLogger(__name__)


class LiveConfiguration:
    """Always one whole configuration: a reload replaces everything at once, or nothing."""

    def __init__(self, loaded: Loaded, *, load_again: LoadAgain, make_finder: MakeFinder) -> None:
        self._started_with = loaded.settings
        self._load_again = load_again
        self._make_finder = make_finder
        self._now: InForce = in_force(loaded, make_finder)
        self._reloading = asyncio.Lock()
        self._problems: tuple[str, ...] = ()

    def rules(self) -> Rulebook:
        return self._now.rules

    def wording(self) -> Wording:
        return self._now.rules.wording

    def sensitive_words(self) -> SensitiveWords:
        return self._now.rules.sensitive_words

    def page_words(self) -> PageWording:
        return self._now.rules.wording.pages

    def zone(self) -> ZoneInfo:
        return self._now.loaded.settings.timezone

    def keeps_for(self) -> timedelta | None:
        """How long history is kept; None is for ever."""
        days = self._now.loaded.settings.retention_days
        return timedelta(days=days) if days else None

    def robots(self) -> Robots:
        return self._now.robots

    def allow_unsigned(self) -> bool:
        return self._now.loaded.settings.allow_unsigned

    def current_problems(self) -> tuple[str, ...]:
        """Why the newest configuration is not, or not wholly, in force; names keys, never values."""
        return self._problems

    def credentials_of(self, robot: RobotId) -> Credentials | None:
        """What opens the OpenAPI for a robot; None if only its secret is known."""
        return next((one for one in self.credentials() if one.client_id == robot), None)

    def credentials(self) -> tuple[Credentials, ...]:
        """What each robot of the configuration shows to DingTalk."""
        return tuple(
            Credentials(client_id=one.client_id, client_secret=one.secret.reveal())
            for one in self._now.loaded.settings.credentials
        )

    async def reload(self) -> None:
        """Put the newest configuration into force; with a mistake in it, keep the old one and say so."""
        async with self._reloading:
            try:
                made = await asyncio.to_thread(self._made_anew)
            except ConfigurationError as error:
                language = self._now.loaded.settings.language
                for mistake in error.mistakes:
                    told = mistake.told(language)
                    logger.error("configuration_not_reloaded", extra={"mistake": told})  # noqa: TRY400 - the mistake says all
                keys = dict.fromkeys(mistake.path or "the file" for mistake in error.mistakes)
                self._problems = tuple(
                    f"{key} has a mistake (the log says which); the old configuration is in force"
                    for key in keys
                )
                return
            except Exception:  # A mistake of ours must not end the watching either.
                logger.exception("configuration_not_reloaded")
                self._problems = ("the configuration was not reloaded (the log says why)",)
                return
            self._now = made
            settings = made.loaded.settings
            logging.getLogger().setLevel(settings.log_level.upper())
            waiting = changed_keys_needing_restart(self._started_with, settings)
            self._problems = tuple(f"{key} takes effect after a restart" for key in waiting)
            logger.info("configuration_reloaded", extra={"after_restart": list(waiting)})

    def _made_anew(self) -> InForce:
        return in_force(self._load_again(), self._make_finder)

    async def watch(self) -> None:
        """Reload whenever one of the configuration's files changes; runs until it is cancelled."""
        while folders := self._folders():
            watched = self._files()
            async for changes in awatch(*folders, step=200, recursive=False):
                # A mounted folder is renewed by swapping links: any change in it may be ours.
                names = {Path(name).name for _, name in changes}
                if names & watched or any(name.startswith("..") for name in names):
                    await self.reload()
                if self._folders() != folders:
                    break

    def _paths(self) -> Iterable[Path]:
        loaded = self._now.loaded
        settings = loaded.settings
        for path in (loaded.file, settings.prompt_file, settings.sensitive_words_file):
            if path is not None and path.absolute().parent.is_dir():
                yield path.absolute()

    def _folders(self) -> tuple[Path, ...]:
        return tuple(sorted({path.parent for path in self._paths()}))

    def _files(self) -> set[str]:
        return {path.name for path in self._paths()}

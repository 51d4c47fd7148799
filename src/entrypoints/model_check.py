"""The models of the configuration, compared with their providers' lists at the start and daily."""

import contextlib
import fcntl
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import msgspec

from adapters.metrics.instruments import Instruments
from adapters.private_files import PRIVATE_FILE, new_private_file
from application.check_models import CheckModels, ModelReport
from application.ports import Clock
from application.wording.model_warnings import told
from domain.model_availability import ConfiguredModel, ModelWarning
from entrypoints.providers import listed_providers
from entrypoints.settings import Settings

logger = logging.getLogger(__name__)

FIRST_CHECK = timedelta(seconds=2)
"""After the start, which it must not slow down."""
BETWEEN_CHECKS = timedelta(days=1)
AFTER_FAILURE = timedelta(hours=1)
"""Where a list could not be read."""

LOCK, REPORT = "model-check.lock", "model-check.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedReport:
    """A report as processes leave it for each other. It is about the models in `about`, and no others."""

    about: tuple[ConfiguredModel, ...]
    report: ModelReport


@dataclass(slots=True, kw_only=True)
class ModelCheck:
    """One process of a machine asks the providers; the others read what it found.

    `folder` is theirs in common; None where there is one process only. `count` gets every new set of
    warnings, for the metrics.
    """

    check: CheckModels
    clock: Clock
    folder: Path | None
    count: Callable[[Sequence[ModelWarning]], None]
    _report: ModelReport = field(default=ModelReport(), init=False)
    _asks: bool = field(default=False, init=False)
    _read_at: int = field(default=0, init=False)

    async def run(self) -> None:
        """Until it is cancelled. It holds a lock, which another process takes over when this one is gone."""
        if not self.check.providers:
            return
        await self.clock.sleep(FIRST_CHECK)
        while True:
            with self._turn() as is_mine:
                while is_mine:
                    self._asks = True
                    await self._look()
                    pause = AFTER_FAILURE if self._report.unread else BETWEEN_CHECKS
                    await self.clock.sleep(pause)
            await self.clock.sleep(AFTER_FAILURE)

    def warnings(self) -> tuple[str, ...]:
        """What an operator should look at, a sentence each, in English as all of `/readyz` is."""
        if not self._asks:
            self._read()
        return tuple(told(one, "en") for one in self._report.warnings)

    async def _look(self) -> None:
        before = self._report
        self._report = await self.check(before)
        self.count(self._report.warnings)
        self._write()
        for one in self._report.warnings:
            if one not in before.warnings:
                logger.warning("model_warning", extra=_facts(one))
        for one in before.warnings:
            if one not in self._report.warnings:
                logger.info("model_warning_over", extra=_facts(one))

    @contextlib.contextmanager
    def _turn(self) -> Iterator[bool]:
        """Whether this process is the one to ask; where there is no place for a lock, each is."""
        if self.folder is None:
            yield True
            return
        try:
            descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        except OSError:
            yield True
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
        finally:
            os.close(descriptor)

    @property
    def _about(self) -> tuple[ConfiguredModel, ...]:
        return tuple(model for one in self.check.providers for model in one.models)

    def _write(self) -> None:
        if self.folder is None:
            return
        shared = msgspec.json.encode(SharedReport(about=self._about, report=self._report))
        with (
            contextlib.suppress(OSError),
            new_private_file(self.folder / REPORT, replace=True) as file,
        ):
            file.write(shared)

    def _read(self) -> None:
        """The report of the process that asks, if it is newer than the one that was read last."""
        if self.folder is None:
            return
        file = self.folder / REPORT
        with contextlib.suppress(OSError, msgspec.DecodeError):
            changed_at = file.stat().st_mtime_ns
            if changed_at == self._read_at:
                return
            self._read_at = changed_at
            shared = msgspec.json.decode(file.read_bytes(), type=SharedReport)
            if shared.about == self._about:
                self._report = shared.report


def model_check(settings: Settings, clock: Clock, instruments: Instruments) -> ModelCheck:
    """The check of a service with these settings."""
    return ModelCheck(
        check=CheckModels(providers=listed_providers(settings.effective_providers), clock=clock),
        clock=clock,
        folder=settings.data_dir if settings.workers > 1 else None,
        count=instruments.show_model_warnings,
    )


def _facts(warning: ModelWarning) -> dict[str, object]:
    return {
        "provider": warning.model.provider,
        "model": warning.model.name,
        "purpose": warning.model.purpose.value,
        "problem": warning.problem.value,
        "day": str(warning.day) if warning.day else None,
        "similar": list(warning.suggestions),
    }

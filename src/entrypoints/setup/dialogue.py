"""The questions in their order, each asked until its answer can be used."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from adapters.openai.diagnosis import Cause
from application.wording.model_warnings import told
from domain.model_availability import (
    ConfiguredModel,
    ListedModel,
    ModelPurpose,
    canonical,
    model_warning,
)
from entrypoints.doctor.finding import Finding, Verdict
from entrypoints.doctor.model_troubles import BY_CAUSE
from entrypoints.doctor.report import lines_of
from entrypoints.presets import PRESETS
from entrypoints.setup.answers import AZURE, SECRETS, Answers, problem_with, settings_of
from entrypoints.setup.checks import Checks, ListResult
from entrypoints.setup.texts import SetupTexts, texts_in

OTHER = "other"
"""The choice of a service that has no preset."""

DEFAULTS = {"azure_api_version": "2024-10-21", "run_mode": "stream", "max_request": "50"}
LANGUAGES = ("zh", "en")
MODES = ("stream", "http")
RETYPE, KEEP, SET_PROXY = "1", "2", "3"
MOST_MODELS_SHOWN = 30

NOT_CHAT = (
    "embed",
    "tts",
    "whisper",
    "dall-e",
    "image",
    "moderation",
    "rerank",
    "audio",
    "realtime",
)
"""Parts of the names of models that answer no questions; they are listed last."""

OF_THE_NETWORK = tuple(
    BY_CAUSE[cause]
    for cause in (
        Cause.NAME,
        Cause.NOT_LISTENING,
        Cause.TLS,
        Cause.PROXY,
        Cause.TIMEOUT,
        Cause.DISCONNECTED,
    )
)
"""Troubles that a proxy may be the answer to."""


class Prompter(Protocol):
    """A person at a terminal, or what stands in where there is none."""

    def line(self, question: str, name: str, default: str | None) -> str:
        """The answer; `default` where nothing is typed. None: something must be. `name` is the answer's."""
        ...

    def secret(self, question: str, name: str, default: str | None) -> str:
        """The same, not shown while it is typed."""
        ...

    def after_failure(self, question: str, choices: Sequence[str]) -> str:
        """What to do after a failed check, one of `choices`."""
        ...

    def explain(self, text: str) -> None:
        """Show what helps a person with the next answer."""
        ...

    def say(self, text: str) -> None:
        """Show what was found."""
        ...


@dataclass(slots=True)
class Dialogue:
    """Asks for what is not in `given` (by the names of the answers). `checks` is None to test nothing.

    `file` is where the answers will go, to be named. A given answer that cannot be used, or whose check
    fails, is asked for as if it had not been given.
    """

    prompter: Prompter
    checks: Checks | None
    answers: Answers
    file: Path
    today: date
    given: Mapping[str, str] = field(default_factory=dict)
    _left: dict[str, str] = field(init=False)
    _shown: set[Finding] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._left = dict(self.given)

    @property
    def _texts(self) -> SetupTexts:
        return texts_in(self.answers.language)

    def run(self) -> Answers:
        """All answers, each of which the settings take."""
        language = self._choice("language", LANGUAGES, default=self.answers.language)
        self._set("language", language)
        self.prompter.explain(self._texts.welcome.format(file=self.file))
        self._ask_for_service()
        self._ask_for_model()
        self._ask_for_robot()
        self._ask_for_people()
        return self.answers

    # The model service.

    def _ask_for_service(self) -> None:
        if "base_url" in self._left and "service" not in self._left:
            return
        texts, names = self._texts, [*PRESETS, OTHER]
        if "service" not in self._left:
            self.prompter.explain(texts.services)
            for number, name in enumerate(names, 1):
                self.prompter.explain(f"  {number:>2}  {name:<12} {self._service_called(name)}")
            self.prompter.explain(texts.choose.format(count=len(names)))
        chosen = self._choice("service", names, default=None)
        self._set("service", "" if chosen == OTHER else chosen)

    def _service_called(self, name: str) -> str:
        preset = PRESETS.get(name)
        if preset is None:
            return self._texts.other_service
        return preset.service_zh if self.answers.language == "zh" else preset.service

    def _ask_for_model(self) -> None:
        listed = self._ask_for_key()
        while True:
            if self.answers.service == AZURE:
                for name in ("azure_deployment_name", "azure_api_version"):
                    self._ask(name)
            else:
                self._ask_for_listed_model(listed)
            self._say_if_checked(self._texts.checking_chat)
            if self._passes(lambda checks: checks.chat(self.answers)):
                return

    def _ask_for_key(self) -> tuple[ListedModel, ...]:
        """Address and key, until they are good or kept all the same; the models that are offered there."""
        while True:
            self._ask_for_address()
            preset = self.answers.preset
            if preset and preset.key_page and "api_key" not in self._left:
                self.prompter.explain(self._texts.key_page.format(page=preset.key_page))
            self._ask("api_key", default=None if self.answers.needs_key else "")
            if "http_proxy" in self._left:
                self._ask("http_proxy", default="")
            if self.answers.service == AZURE:
                return ()
            self._say_if_checked(self._texts.checking_list)
            result = ListResult()

            def listing(checks: Checks) -> Sequence[Finding]:
                nonlocal result
                result = checks.models(self.answers)
                return [result.failure] if result.failure else []

            if self._passes(listing):
                return result.models

    def _ask_for_address(self) -> None:
        """Of a known service only where it may be elsewhere, as one of the operator's own."""
        preset = self.answers.preset
        if self.answers.service == AZURE:
            self._ask("azure_resource_name")
        elif self.answers.needs_address or "base_url" in self._left:
            self._ask("base_url")
            # Known endings are cut off, which the settings would note at each start.
            address = settings_of(self.answers).base_url
            if address is not None and address.cut:
                self._set("base_url", address.url)
        elif preset and preset.is_local:
            self._ask("base_url", default=self.answers.base_url or preset.address)
            if self.answers.base_url == preset.address:
                self._set("base_url", "")

    def _ask_for_listed_model(self, listed: Sequence[ListedModel]) -> None:
        preset, ordered = self.answers.preset, sorted(listed, key=_usual_first)
        example = preset.example_model if preset else "gpt-…"
        if "model" in self._left or not ordered:
            if "model" not in self._left and self.checks is not None:
                self.prompter.explain(self._texts.no_list.format(example=example))
            self._ask("model")
        else:
            self.prompter.explain(self._texts.listed_models.format(count=len(ordered)))
            names = {one.name for one in ordered}
            usual = example if example in names else ordered[0].name
            self._set("model", self._search(ordered, default=self.answers.model or usual))
        model = ConfiguredModel(
            provider=self.answers.service or "base_url",
            purpose=ModelPurpose.CHAT,
            name=self.answers.model,
        )
        if warning := model_warning(model, listed, today=self.today):
            self.prompter.say(told(warning, self.answers.language))

    def _search(self, models: Sequence[ListedModel], *, default: str) -> str:
        """A name by its number, by itself, or by a part of it."""
        shown = models
        while True:
            self._show_numbered(shown)
            typed = self._line("model", default)
            number = int(typed) if typed.isdecimal() and len(typed) < 6 else 0  # noqa: PLR2004 - of a list
            if 0 < number <= len(shown):
                return shown[number - 1].name
            matching = [one for one in models if canonical(typed) in canonical(one.name)]
            is_known = any(canonical(one.name) == canonical(typed) for one in models)
            if not self._all_usable("model", (typed,)):
                continue
            if is_known or not matching or typed == default:
                return typed
            self.prompter.explain(self._texts.matching_models.format(text=typed))
            shown, default = matching, typed

    def _show_numbered(self, models: Sequence[ListedModel]) -> None:
        for number, one in enumerate(models[:MOST_MODELS_SHOWN], 1):
            ends = f"  ({self._texts.ends.format(day=one.shutdown)})" if one.shutdown else ""
            self.prompter.explain(f"  {number:>2}  {one.name}{ends}")
        if len(models) > MOST_MODELS_SHOWN:
            count = len(models) - MOST_MODELS_SHOWN
            self.prompter.explain(self._texts.more_models.format(count=count))

    # The robot and the people.

    def _ask_for_robot(self) -> None:
        if "dingtalk_api_url" in self._left:
            self._ask("dingtalk_api_url")
        while True:
            for name in ("client_id", "client_secret"):
                self._ask(name)
            self._say_if_checked(self._texts.checking_robot)
            if self._passes(lambda checks: checks.robot(replace(self.answers, run_mode="http"))):
                break
        while not self._has_asked_for_mode():
            pass
        if self.answers.run_mode == "http" or "service_url" in self._left:
            self._ask("service_url", default="")

    def _has_asked_for_mode(self) -> bool:
        """Whether the mode can be used, or is kept all the same."""
        if "run_mode" not in self._left:
            for number, mode in enumerate(MODES, 1):
                self.prompter.explain(f"  {number:>2}  {self._texts.modes[mode]}")
        self._set("run_mode", self._choice("run_mode", MODES, default=DEFAULTS["run_mode"]))
        if self.answers.run_mode == "http":
            return True
        self._say_if_checked(self._texts.checking_stream)
        return self._passes(lambda checks: checks.robot(self.answers))

    def _ask_for_people(self) -> None:
        while True:
            typed = self._line("admin_users", "")
            ids = tuple(
                dict.fromkeys(
                    one.strip() for one in typed.replace("，", ",").split(",") if one.strip()
                )
            )
            if self._all_usable("admin_users", ids):
                break
        self.answers = replace(self.answers, admin_users=ids)
        self._ask("max_request")

    # One answer.

    def _ask(self, name: str, *, default: str | None = None) -> None:
        """Ask until the settings would take it. Without a default, or an earlier answer, it is needed."""
        if default is None:
            earlier = "" if name in SECRETS else getattr(self.answers, name)
            default = earlier or DEFAULTS.get(name)
        while True:
            text = self._line(name, default)
            if not text and default is None:
                self.prompter.say(self._texts.needed)
            elif not text or self._all_usable(name, (text,)):
                self._set(name, text)
                return

    def _choice(self, name: str, names: Sequence[str], *, default: str | None) -> str:
        """One of the names, or its number."""
        while True:
            typed = self._line(name, default).lower()
            if typed in names:
                return typed
            if typed.isdecimal() and 0 < int(typed[:6]) <= len(names):
                return names[int(typed) - 1]
            self.prompter.say(self._texts.not_a_choice.format(count=len(names)))

    def _line(self, name: str, default: str | None) -> str:
        if name in self._left:
            return self._left.pop(name).strip()
        texts = self._texts
        question = texts.questions[name] + (texts.optional if default == "" else "")
        if name in SECRETS:
            return self.prompter.secret(question + texts.hidden, name, default).strip()
        return self.prompter.line(question, name, default).strip()

    def _all_usable(self, name: str, values: Sequence[str]) -> bool:
        for one in values:
            if problem := problem_with(name, one, self.answers):
                self.prompter.say(
                    self._texts.not_usable.format(name=self._texts.questions[name], problem=problem)
                )
                return False
        return True

    def _set(self, name: str, value: str) -> None:
        self.answers = replace(self.answers, **{name: value})  # type: ignore[arg-type] # texts all

    # Its check.

    def _say_if_checked(self, text: str) -> None:
        if self.checks is not None:
            self.prompter.say(text)

    def _passes(self, check: Callable[[Checks], Sequence[Finding]]) -> bool:
        """Whether to go on: the check is well, or its answers are kept all the same."""
        while self.checks is not None:
            findings = check(self.checks)
            self._show(findings)
            failed = [one for one in findings if one.verdict is Verdict.FAILED]
            if not failed:
                return True
            offers_proxy = any(one.trouble in OF_THE_NETWORK for one in failed)
            texts = self._texts
            question = texts.after_network_failure if offers_proxy else texts.after_failure
            choices = (RETYPE, KEEP, SET_PROXY) if offers_proxy else (RETYPE, KEEP)
            chosen = self.prompter.after_failure(question, choices)
            if chosen != SET_PROXY:
                return chosen == KEEP
            self._ask("http_proxy", default="")
        return True

    def _show(self, findings: Sequence[Finding]) -> None:
        """What is well is said once, however often it is checked."""
        for one in findings:
            if one not in self._shown:
                for line in lines_of(one, self.answers.language):
                    self.prompter.say(line)
        self._shown |= {one for one in findings if one.verdict is not Verdict.FAILED}


def needed_besides(given: Mapping[str, str]) -> tuple[str, ...]:
    """The answers that a configuration cannot do without and that are not given, by their names."""
    service = given.get("service", "" if "base_url" in given else None)
    if service is None:
        needed = ["service", "api_key", "model"]
    else:
        chosen = Answers(service="" if service == OTHER else service)
        needed = ["base_url"] if chosen.needs_address else []
        needed += ["api_key"] if chosen.needs_key else []
        is_azure = service == AZURE
        needed += ["azure_resource_name", "azure_deployment_name"] if is_azure else ["model"]
    return tuple(one for one in (*needed, "client_id", "client_secret") if not given.get(one))


def _usual_first(model: ListedModel) -> tuple[bool, bool, str]:
    """Models that answer questions and will go on to, by name; then the others."""
    name = model.name.lower()
    is_ending = model.shutdown is not None or model.is_deprecated
    return any(part in name for part in NOT_CHAT), is_ending, name

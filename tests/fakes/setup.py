"""A person who answers setup's questions as a test decides, and checks that find what it decides."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.model_availability import ListedModel
from entrypoints.doctor.finding import Finding
from entrypoints.setup.answers import Answers
from entrypoints.setup.checks import ListResult


@dataclass(slots=True)
class ScriptedPerson:
    """Satisfies `Prompter`. `typed` holds what is typed at each question of a name, in turn.

    Nothing left to type is Enter; where there is no default then, the test is wrong.
    """

    typed: dict[str, list[str]] = field(default_factory=dict)
    after: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)

    def line(self, question: str, name: str, default: str | None) -> str:
        self.asked.append(name)
        self.seen.append(question)
        waiting = self.typed.get(name, [])
        assert waiting or default is not None, f"nothing to type for {name}"
        return (waiting.pop(0) if waiting else "") or default or ""

    def secret(self, question: str, name: str, default: str | None) -> str:
        self.secrets.add(name)
        return self.line(question, name, default)

    def after_failure(self, question: str, choices: Sequence[str]) -> str:
        self.seen.append(question)
        chosen = self.after.pop(0)
        assert chosen in choices
        return chosen

    def explain(self, text: str) -> None:
        self.seen.append(text)

    def say(self, text: str) -> None:
        self.seen.append(text)


WELL = Finding(hop="model", fact="well")


@dataclass(slots=True)
class ScriptedChecks:
    """Satisfies `Checks`. Each list is used up in turn; then all is well."""

    listed: tuple[str | ListedModel, ...] = ()
    list_failures: list[Finding] = field(default_factory=list)
    chat_findings: list[Finding] = field(default_factory=list)
    robot_findings: list[Finding] = field(default_factory=list)
    checked: list[tuple[str, Answers]] = field(default_factory=list)

    def models(self, answers: Answers) -> ListResult:
        self.checked.append(("models", answers))
        if self.list_failures:
            return ListResult(failure=self.list_failures.pop(0))
        models = (ListedModel(name=one) if isinstance(one, str) else one for one in self.listed)
        return ListResult(models=tuple(models))

    def chat(self, answers: Answers) -> Sequence[Finding]:
        self.checked.append(("chat", answers))
        return [self.chat_findings.pop(0) if self.chat_findings else WELL]

    def robot(self, answers: Answers) -> Sequence[Finding]:
        self.checked.append(("robot", answers))
        return [self.robot_findings.pop(0) if self.robot_findings else WELL]

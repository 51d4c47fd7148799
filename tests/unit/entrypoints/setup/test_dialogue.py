"""The questions: what is asked, tested, asked again, and what comes of it."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.openai.diagnosis import Cause
from domain.model_availability import ListedModel
from entrypoints.doctor.finding import Finding
from entrypoints.doctor.model_troubles import BY_CAUSE
from entrypoints.doctor.troubles import PERMISSION_MISSING, TOKEN_REFUSED
from entrypoints.presets import PRESETS
from entrypoints.setup.answers import Answers, settings_of
from entrypoints.setup.dialogue import MOST_MODELS_SHOWN, OTHER, Dialogue, needed_besides
from tests.fakes.setup import ScriptedChecks, ScriptedPerson

KEY, SECRET = "sk-a1b2c3d4e5", "a1-b2-c3-d4"
FILE = Path("config.yml")
TODAY = date(2026, 11, 29)

USUAL = {
    "service": ["deepseek"],
    "api_key": [KEY],
    "model": ["deepseek-x"],
    "client_id": ["dingabc"],
    "client_secret": [SECRET],
}


def failed(cause: Cause) -> Finding:
    return Finding(hop="model", trouble=BY_CAUSE[cause], fact="fact")


def talk(
    typed: dict[str, list[str]] | None = None,
    *,
    checks: ScriptedChecks | None = None,
    after: list[str] | None = None,
    given: dict[str, str] | None = None,
) -> tuple[Answers, ScriptedPerson]:
    lines = {name: list(texts) for name, texts in {**USUAL, **(typed or {})}.items()}
    person = ScriptedPerson(lines, after or [])
    dialogue = Dialogue(
        prompter=person,
        checks=checks,
        answers=Answers(),
        file=FILE,
        today=TODAY,
        given=given or {},
    )
    return dialogue.run(), person


def test_the_defaults_are_stream_and_a_limit_and_nobody_special() -> None:
    answers, person = talk()

    assert answers == Answers(
        language="zh",
        service="deepseek",
        api_key=KEY,
        model="deepseek-x",
        client_id="dingabc",
        client_secret=SECRET,
        run_mode="stream",
        max_request="50",
    )
    assert person.asked == [
        "language", "service", "api_key", "model", "client_id", "client_secret", "run_mode",
        "admin_users", "max_request",
    ]  # fmt: skip
    assert person.secrets == {"api_key", "client_secret"}


@pytest.mark.parametrize(
    ("language", "word"), [("zh", "您使用哪个模型服务"), ("en", "Which model")]
)
def test_the_questions_are_in_the_language_that_was_chosen(language: str, word: str) -> None:
    answers, person = talk({"language": [language]})

    assert answers.language == language
    assert word in "\n".join(person.seen)


@pytest.mark.parametrize("number", range(1, len(PRESETS) + 2))
def test_a_service_is_chosen_by_number_or_name(number: int) -> None:
    name = [*PRESETS, OTHER][number - 1]
    more = {
        "base_url": ["https://gateway.example.com/v1"],
        "azure_resource_name": ["our-resource"],
        "azure_deployment_name": ["our-deployment"],
    }

    by_number, _ = talk({"service": ["0", "99", "unheard", str(number)], **more})
    by_name, _ = talk({"service": [name.upper()], **more})

    assert by_number == by_name
    assert by_number.service == ("" if name == OTHER else name)
    assert settings_of(by_number).effective_providers


def test_what_the_settings_refuse_is_asked_again() -> None:
    typed = {
        "api_key": ["", "your-api-key", KEY],
        "admin_users": ["a,b\u200bc", "a，b, a ,"],
        "max_request": ["many", "7"],
        "run_mode": ["both", "2"],
        "service_url": ["chat.example.com", "https://chat.example.com"],
    }

    answers, person = talk(typed)

    assert (answers.api_key, answers.max_request, answers.run_mode) == (KEY, "7", "http")
    assert answers.admin_users == ("a", "b")
    assert answers.service_url == "https://chat.example.com"
    assert len([one for one in person.seen if "不能用" in one]) == 4


def test_every_answer_is_tested_before_the_next_is_asked() -> None:
    checks = ScriptedChecks(listed=("deepseek-x", "deepseek-y"))

    answers, _ = talk(checks=checks)

    assert [name for name, _ in checks.checked] == ["models", "chat", "robot", "robot"]
    listing, chat, robot, stream = [one for _, one in checks.checked]
    assert (listing.api_key, listing.model) == (KEY, "")
    assert (chat.model, chat.client_id) == ("deepseek-x", "")
    assert (robot.client_secret, robot.run_mode) == (SECRET, "http")
    assert stream.run_mode == "stream"
    assert answers.model == "deepseek-x"


def test_a_failed_check_may_be_answered_anew() -> None:
    checks = ScriptedChecks(
        list_failures=[failed(Cause.KEY)],
        chat_findings=[failed(Cause.MODEL)],
        robot_findings=[Finding(hop="dingtalk", trouble=TOKEN_REFUSED)],
    )
    typed = {
        "api_key": ["sk-wrong-one-1", KEY],
        "model": ["wrong", "right"],
        "client_id": ["wrong", "dingabc"],
        "client_secret": ["wrong-secret", SECRET],
    }

    answers, person = talk(typed, checks=checks, after=["1", "1", "1"])

    assert (answers.api_key, answers.model, answers.client_id) == (KEY, "right", "dingabc")
    seen = "\n".join(person.seen)
    assert [one for one in ("model-key", "model-unknown", "credentials") if one not in seen] == []


def test_a_failed_check_may_be_kept() -> None:
    checks = ScriptedChecks(
        list_failures=[failed(Cause.KEY)],
        chat_findings=[failed(Cause.SERVER)],
        robot_findings=[Finding(hop="dingtalk", trouble=TOKEN_REFUSED)] * 2,
    )

    answers, _ = talk(checks=checks, after=["2"] * 4)

    assert (answers.api_key, answers.run_mode) == (KEY, "stream")


def test_where_the_network_fails_a_proxy_may_be_set() -> None:
    checks = ScriptedChecks(list_failures=[failed(Cause.NAME)])

    answers, person = talk({"http_proxy": ["http://127.0.0.1:7890"]}, checks=checks, after=["3"])

    assert answers.http_proxy == "http://127.0.0.1:7890"
    assert person.asked.count("api_key") == 1
    assert [name for name, _ in checks.checked][:2] == ["models", "models"]


def test_a_warning_is_shown_and_asks_for_nothing() -> None:
    checks = ScriptedChecks(robot_findings=[Finding(hop="dingtalk", trouble=PERMISSION_MISSING)])

    _, person = talk(checks=checks)

    assert "qyapi_robot_sendmsg" in "\n".join(person.seen)


def test_a_model_is_found_by_number_name_and_part() -> None:
    listed = ("embed-1", "alpha-mini", "Beta-Max", *(f"m{number:03}" for number in range(40)))

    def model_for(*typed: str) -> tuple[str, ScriptedPerson]:
        answers, person = talk({"model": list(typed)}, checks=ScriptedChecks(listed=listed))
        return answers.model, person

    assert model_for("1")[0] == "alpha-mini"
    assert model_for("Beta-Max")[0] == "Beta-Max"
    assert model_for("max", "1")[0] == "Beta-Max"
    assert model_for("alpha", "")[0] == "alpha"
    assert model_for("not-listed")[0] == "not-listed"
    _, person = model_for("1")
    shown = [one for one in person.seen if one.endswith(tuple(listed))]
    assert len(shown) == MOST_MODELS_SHOWN
    assert "embed-1" not in "\n".join(shown)  # it comes after those that chat


def test_a_model_that_ends_is_marked_and_told_of_and_never_the_default() -> None:
    listed = (
        ListedModel(name="alpha", shutdown=date(2026, 12, 31)),
        ListedModel(name="beta", is_deprecated=True),
        ListedModel(name="gamma"),
    )

    default, person = talk({"model": []}, checks=ScriptedChecks(listed=listed))
    ending, warned = talk({"model": ["alpha"]}, checks=ScriptedChecks(listed=listed))

    assert default.model == "gamma"
    assert "alpha  (2026-12-31 停止服务)" in "\n".join(person.seen)
    assert not [one for one in person.seen if "请换" in one or "换一个模型" in one]
    assert ending.model == "alpha"
    assert [one for one in warned.seen if "alpha（model）将于 2026-12-31 停止服务" in one]


def test_the_usual_mistake_in_an_address_is_put_right() -> None:
    typed = {"service": [OTHER], "base_url": ["https://gateway.example.com/v1/chat/completions"]}

    answers, _ = talk(typed)

    assert answers.base_url == "https://gateway.example.com/v1"


def test_a_local_service_needs_no_key_and_may_be_elsewhere() -> None:
    here, _ = talk({"service": ["ollama"], "api_key": []})
    there, _ = talk(
        {"service": ["ollama"], "api_key": [], "base_url": ["http://10.0.0.5:11434/v1"]}
    )

    assert (here.api_key, here.base_url) == ("", "")
    assert there.base_url == "http://10.0.0.5:11434/v1"
    assert settings_of(here).effective_providers[0].base_url == "http://127.0.0.1:11434/v1"


def test_what_is_given_is_not_asked() -> None:
    given = {
        "language": "en",
        "base_url": "https://gateway.example.com/v1",
        "api_key": KEY,
        "model": "m",
        "http_proxy": "http://127.0.0.1:7890",
        "client_id": "dingabc",
        "client_secret": SECRET,
        "run_mode": "stream",
        "service_url": "https://chat.example.com",
        "dingtalk_api_url": "https://api.example.com",
        "admin_users": "a,b",
        "max_request": "0",
    }

    answers, person = talk(given=given, checks=ScriptedChecks(listed=("x", "y")))

    assert person.asked == []
    assert {name: getattr(answers, name) for name in given} == given | {"admin_users": ("a", "b")}


@given(
    given=st.dictionaries(
        st.sampled_from(["service", "base_url", "api_key", "model", "client_id", "client_secret"]),
        st.just("x"),
    ),
    service=st.sampled_from([*PRESETS, OTHER]),
)
def test_what_is_needed_is_told_without_what_is_given(given: dict[str, str], service: str) -> None:
    if "service" in given:
        given = {**given, "service": service}

    missing = needed_besides(given)

    assert not set(missing) & set(given)
    assert ("client_id" in missing) == ("client_id" not in given)
    if given.get("service") == "ollama":
        assert "api_key" not in missing
    assert ("service" in missing) == ("service" not in given and "base_url" not in given)

"""Whatever is answered, the file that is written loads to the answers."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrypoints.presets import PRESETS
from entrypoints.settings import Settings, load
from entrypoints.setup.answers import Answers, config_text, problem_with, quoted, settings_of
from entrypoints.setup.dialogue import MODES

KEY, SECRET = "sk-a1b2c3d4e5", "a1-b2-c3-d4"

BASE = Answers(
    service="deepseek",
    api_key=KEY,
    model="deepseek-x",
    client_id="dingabc",
    client_secret=SECRET,
    run_mode="stream",
    max_request="50",
)

texts = st.text("a:b#\"'\\ -?{}[],&*!|>%@`~坏—é0. yn", min_size=1, max_size=12).map(str.strip)
secrets = st.text("aB9-_.:#\"'\\{[%", min_size=8, max_size=14)
any_text = st.text(max_size=8)


def loaded(answers: Answers) -> Settings:
    """The settings of the file, as the service would load them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.yml"
        file.write_text(config_text(answers), encoding="utf-8")
        return load(file, environment={}).settings


def kept(question: str, text: str) -> str:
    """The text where it can be the answer, else the usual answer."""
    typed = text.strip()
    usual = str(getattr(BASE, question))
    return typed if typed and not problem_with(question, typed, BASE) else usual


@st.composite
def answers_given(draw: st.DrawFn) -> Answers:
    """Answers as the dialogue takes them: of anything that is typed, what the settings would take."""
    admins = draw(st.lists(texts | any_text, max_size=3))
    usable = (one.strip() for one in admins if one.strip())
    return replace(
        BASE,
        language=draw(st.sampled_from(("zh", "en"))),
        model=kept("model", draw(texts | any_text)),
        api_key=kept("api_key", draw(secrets | any_text)),
        client_id=kept("client_id", draw(texts | any_text)),
        client_secret=kept("client_secret", draw(secrets | any_text)),
        max_request=kept("max_request", draw(st.integers(-1, 10**9).map(str) | any_text)),
        run_mode=draw(st.sampled_from(MODES)),
        admin_users=tuple(
            dict.fromkeys(one for one in usable if not problem_with("admin_users", one, BASE))
        ),
    )


@settings(max_examples=200)
@given(answers=answers_given())
def test_what_is_answered_is_what_is_loaded(answers: Answers) -> None:
    found = loaded(answers)

    assert found == settings_of(answers)
    assert found.api_key is not None
    (robot,) = found.credentials
    assert answers == replace(
        BASE,
        language=found.language,
        model=found.model,
        api_key=found.api_key.reveal(),
        client_id=robot.client_id,
        client_secret=robot.secret.reveal(),
        run_mode=found.run_mode,
        admin_users=found.admin_users,
        max_request=answers.max_request,
    )
    assert found.max_request == int(answers.max_request)


@pytest.mark.parametrize("service", [*PRESETS, ""])
def test_every_service_makes_a_configuration_that_loads(service: str) -> None:
    answers = replace(BASE, service=service)
    if answers.needs_address:
        answers = replace(answers, base_url="https://gateway.example.com/v1")
    if service == "azure":
        answers = replace(
            answers,
            model="",
            azure_resource_name="our-resource",
            azure_deployment_name="部署 #1",
            azure_api_version="2024-10-21",
        )

    (provider,) = loaded(answers).effective_providers

    assert provider.preset == service
    assert provider.api_key is not None
    assert provider.api_key.reveal() == KEY


@given(text=st.text(max_size=12))
def test_any_text_is_a_value_on_one_line(text: str) -> None:
    line = quoted(text)

    assert len(line.splitlines()) == 1
    assert line.isprintable()


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("api_key", "your-api-key"),
        ("api_key", "密钥"),
        ("client_secret", "xxxxxxxx"),
        ("base_url", "gateway"),
        ("base_url", "ftp://x"),
        ("http_proxy", "127.0.0.1"),
        ("model", "a\nb"),
        ("model", "a\u200bb"),
        ("max_request", "-1"),
        ("max_request", "viele"),
        ("service_url", "chat.example.com"),
        ("azure_deployment_name", "xxx"),
        ("run_mode", "both"),
        ("service", "nobody"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_the_settings_would_refuse_is_refused_at_once(
    question: str, text: str, language: str
) -> None:
    answers = replace(BASE, language="en" if language == "en" else "zh")
    if question.startswith("azure"):
        answers = replace(answers, service="azure")

    problem = problem_with(question, text, answers)

    assert problem
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem) == (language == "zh")


def test_no_secret_is_in_what_is_printed_of_answers() -> None:
    shown = repr(replace(BASE, http_proxy="http://user:canary@127.0.0.1:1"))

    assert not [one for one in (KEY, SECRET, "canary") if one in shown]

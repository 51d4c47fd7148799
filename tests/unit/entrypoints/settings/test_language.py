"""The language of what an operator reads, known before the configuration is."""

from pathlib import Path

import pytest

from entrypoints.settings.language import early_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("language: en\n", "en"),
        ("port: 1\nlanguage : 'en' # English\n", "en"),
        ('language: "zh"\n', "zh"),
        ("language: english\n", "zh"),
        ("help: |\n  language: en\n", "zh"),
        ("# language: en\n", "zh"),
        ("language: en\nbroken: [\n", "en"),
        ("", "zh"),
    ],
)
def test_the_file_names_the_language_even_where_it_is_broken(
    tmp_path: Path, text: str, language: str
) -> None:
    file = tmp_path / "config.yml"
    file.write_text(text, encoding="utf-8")

    assert early_language(file, {}) == language
    assert early_language(None, {"CONFIG_FILE": str(file)}) == language


@pytest.mark.parametrize(
    ("variable", "language"), [("zh", "zh"), ("en", "en"), ("en_US:en", "en"), ("", "en")]
)
def test_the_environment_wins_where_it_names_one_of_the_two(
    tmp_path: Path, variable: str, language: str
) -> None:
    file = tmp_path / "config.yml"
    file.write_bytes(b"language: en\n")

    assert early_language(file, {"LANGUAGE": variable}) == language


def test_a_file_that_cannot_be_read_names_none(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yml"
    binary.write_bytes(b"\xff\xfe\x00language: en")

    assert early_language(tmp_path / "missing.yml", {}) == "zh"
    assert early_language(tmp_path, {}) == "zh"
    assert early_language(binary, {}) == "zh"

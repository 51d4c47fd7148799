"""The page's colours can be read, by day and by night, and its style asks nobody for anything."""

import re

import pytest

from entrypoints.web.history.templates import STYLE

AA = 4.5
"""WCAG 2.2, 1.4.3, for text of any size."""

READ_ON = [
    ("ink", "ground"),
    ("ink", "sheet"),
    ("soft", "ground"),
    ("soft", "sheet"),
    ("soft", "code"),
    ("accent", "sheet"),
    ("accent", "ground"),
    ("on-accent", "accent"),
    ("asked-ink", "asked"),
    ("code-ink", "code"),
    ("danger", "sheet"),
    ("sheet", "danger"),
    ("ink", "danger-ground"),
]

DAY, NIGHT = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
)


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize(("text", "ground"), READ_ON)
def test_text_stands_out(colours: dict[str, str], text: str, ground: str) -> None:
    darker, lighter = sorted((luminance(colours[text]), luminance(colours[ground])))

    assert (lighter + 0.05) / (darker + 0.05) >= AA


def test_the_night_changes_every_colour() -> None:
    assert set(DAY) == set(NIGHT)


def test_the_style_loads_nothing_and_cannot_end_its_element() -> None:
    assert not re.search(r"url\(|@import|@font-face|</", STYLE)

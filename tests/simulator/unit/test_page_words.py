"""Every switch of the simulator has a name in both languages on its page, and a row in its documentation."""

import re
from pathlib import Path

import msgspec

from dingtalk_simulator.page import ASSETS
from dingtalk_simulator.switches import Switches

NAMES = set(Switches.__struct_fields__)
DOCUMENT = Path(__file__).parents[3] / "docs" / "simulator.md"


def test_every_switch_is_named_on_the_page_in_chinese_and_english() -> None:
    written = (ASSETS / "switches.js").read_text(encoding="utf-8")

    named = re.findall(r'"switch\.(\w+)": \["([^"]+)", "([^"]+)"\]', written)

    assert {name for name, *_ in named} == NAMES


def test_every_switch_is_documented_with_its_default() -> None:
    section = (
        DOCUMENT.read_text(encoding="utf-8").partition("\n## Switches")[2].partition("\n## ")[0]
    )
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", section, re.MULTILINE)

    told: dict[str, str] = {}
    for names, starts in rows:
        found = re.findall(r"`(\w+)`", names)
        values = (
            starts.split(", ") if len(starts.split(", ")) == len(found) else [starts] * len(found)
        )
        told |= dict(zip(found, values, strict=True))

    numbers = {
        name: value
        for name, value in msgspec.to_builtins(Switches()).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    assert set(told) == NAMES
    assert {name: float(told[name]) for name in numbers} == numbers

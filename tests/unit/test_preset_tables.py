"""What the documents say of the presets is what the program knows."""

import pytest

from tests.preset_tables import ROOT, TABLES, with_table


@pytest.mark.parametrize("name", TABLES)
def test_the_table_of_presets_is_that_of_the_program(name: str) -> None:
    page = (ROOT / name).read_text(encoding="utf-8")

    # To write it anew: python -m tests.preset_tables
    assert page == with_table(page, TABLES[name]())

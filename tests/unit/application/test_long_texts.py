"""Long texts are worked on in a thread, short ones at once."""

from threading import get_ident

import pytest

from application.long_texts import LONG, worked_on
from domain.command import Mode
from domain.sensitive_words import SensitiveWords
from tests.fakes.house import rules
from tests.strategies import find_by_looking
from tests.unit.application.test_answer_question import House, said, saying

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("size", [0, LONG])
async def test_short_texts_stay(size: int) -> None:
    assert await worked_on(size, get_ident) == get_ident()


async def test_long_texts_leave_the_thread() -> None:
    assert await worked_on(LONG + 1, get_ident) != get_ident()


async def test_a_long_answer_is_masked_elsewhere() -> None:
    threads = set()

    def read(text: str) -> tuple[str, ...]:
        threads.add((len(text) > LONG, get_ident()))
        return ()

    words = SensitiveWords(["机密"], find_by_looking, read)
    house = House(model=saying("机密机 密", "x" * LONG))

    outcome = await house.answer("问机", rules(sensitive_words=words, default_mode=Mode.MULTI_TURN))

    assert said(outcome) == "\\*\\*\\* \\*" + "x" * LONG
    assert get_ident() not in {thread for is_long, thread in threads if is_long}

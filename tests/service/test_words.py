"""Sensitive words are neither asked, nor answered, nor kept."""

import pytest

from tests.fakes.model_server import answer, echo
from tests.service.neighbours import FakeModel
from tests.service.running import RunningService
from tests.service.talk import Person, some_group

HIDDEN = "****"

DISGUISES = [
    "机密项目",
    "机 密 项 目",
    "机\u200b密\u200d项目",
    "**机密**项目",
    "机密\n项目",
    "SECRET PLAN",
    "ｓｅｃｒｅｔ ｐｌａｎ",
    "secretplan",
    "𝐬𝐞𝐜𝐫𝐞𝐭 plan",
    "s-e-c-r-e-t".replace("-", "\u00ad") + " plan",
    "sécret plan",
]


@pytest.mark.parametrize("words", DISGUISES)
def test_a_question_with_a_word_reaches_no_model_and_is_not_repeated(
    zhang: Person, model: FakeModel, service: RunningService, words: str
) -> None:
    said = zhang.within(some_group()).say(f"说说{words}吧")

    assert "不便讨论" in said.reply()
    assert said.decision() == ("refused", "sensitive_word")
    assert words not in said.reply()
    assert model.calls == []
    ((question, answer),) = kept_of(said.msg_id, service)
    assert str(question).count("*") >= 4
    assert words not in str(question)
    assert answer == ""


def kept_of(msg_id: str, service: RunningService) -> list[tuple[object, ...]]:
    return service.rows(
        "SELECT question, answer FROM exchanges"
        " JOIN messages ON messages.id = exchanges.message WHERE msg_id = ?",
        msg_id,
    )


@pytest.mark.parametrize("words", DISGUISES)
def test_a_word_in_an_answer_is_masked_however_the_answer_is_cut(
    zhang: Person, model: FakeModel, service: RunningService, words: str
) -> None:
    model.will(answer(*f"关于{words}的事"), answer(f"关于{words}的事"))

    letter_by_letter, whole = zhang.say("一"), zhang.say("二")

    assert letter_by_letter.reply() == whole.reply()
    assert letter_by_letter.reply().startswith("关于")
    assert letter_by_letter.reply().endswith("的事")
    assert letter_by_letter.reply().count("*") >= len(HIDDEN)
    ((question, kept),) = kept_of(letter_by_letter.msg_id, service)
    assert question == "一"
    assert str(kept).count("*") >= 4
    assert words not in str(kept)


def test_all_words_are_masked_and_the_rest_is_left_alone(zhang: Person, model: FakeModel) -> None:
    model.will(answer("机密项目和 secret plan，机密和项目。"))

    reply = zhang.ask("一").replace("\\", "")

    assert reply == "****和 ****** ****，机密和项目。"


def test_a_masked_answer_goes_along_masked(zhang: Person, model: FakeModel) -> None:
    model.will(answer("机密项目"))
    zhang.ask("串聊")
    zhang.ask("一")
    zhang.ask("二")

    assert model.heard[1][1] == {"role": "assistant", "content": HIDDEN}


def test_nothing_that_is_kept_holds_a_word(
    zhang: Person, model: FakeModel, service: RunningService
) -> None:
    model.will(answer(*"这里有机密项目"), then=echo(chunks=3, delay=0))
    zhang.ask("一")
    asked = zhang.say("机密项目")
    asked.reply()
    zhang.ask("用量")

    for table in ("messages", "exchanges", "sessions"):
        assert "机密项目" not in str(service.rows(f"SELECT * FROM {table}"))  # noqa: S608 - names of our own

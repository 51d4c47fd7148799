"""Tokens are counted as OpenAI's models count them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.tokens.toktok import ToktokCounter, encoding_of

NEW = ToktokCounter("gpt-4o")
OLD = ToktokCounter("gpt-3.5-turbo")

texts = st.text(st.characters(codec="utf-8"), max_size=60) | st.text("ab 坏\n<|>", max_size=60)


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-3.5-turbo", "cl100k_base"),
        ("gpt-35-turbo", "cl100k_base"),
        ("GPT-3.5-Turbo-16k", "cl100k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-4-turbo", "cl100k_base"),
        ("gpt-4-32k-0613", "cl100k_base"),
        ("openai/gpt-4", "cl100k_base"),
        ("gpt-4o", "o200k_base"),
        ("gpt-4o-mini", "o200k_base"),
        ("gpt-4.1", "o200k_base"),
        ("gpt-5", "o200k_base"),
        ("o3-mini", "o200k_base"),
        ("deepseek-chat", "o200k_base"),
        ("my-gpt-4", "o200k_base"),
        ("", "o200k_base"),
    ],
)
def test_each_model_has_its_table(model: str, encoding: str) -> None:
    assert encoding_of(model) == encoding


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("", 0, 0),
        ("hello world", 2, 2),
        ("tiktoken is great!", 6, 6),
        ("antidisestablishmentarianism", 6, 6),
        ("2 + 2 = 4", 7, 7),
        ("お誕生日おめでとう", 9, 8),
        ("你好，世界", 6, 3),
    ],
)
def test_known_texts_have_known_counts(text: str, old: int, new: int) -> None:
    """The Latin and Japanese ones are worked out in OpenAI's cookbook, "How to count tokens"."""
    assert (OLD.count(text), NEW.count(text)) == (old, new)


@pytest.mark.parametrize("mark", ["<|im_start|>", "<|endoftext|>", "<|im_end|>", "<|fim_prefix|>"])
def test_a_mark_of_the_format_counts_as_the_text_it_is(mark: str) -> None:
    assert OLD.count(mark) > 1
    assert NEW.count(mark) > 1


def test_a_lone_surrogate_is_counted_and_no_error() -> None:
    assert NEW.count("a\ud800b") == NEW.count("a\ufffdb")


def test_warming_up_needs_no_network_and_changes_nothing() -> None:
    counter = ToktokCounter("gpt-4")
    counter.warm_up()

    assert counter.count("hello world") == 2


@given(texts)
@settings(max_examples=60)
def test_a_text_has_at_most_a_token_a_byte(text: str) -> None:
    assert bool(text) <= NEW.count(text) <= len(text.encode())


@given(texts, texts)
@settings(max_examples=60)
def test_texts_put_together_count_about_as_much_as_apart(left: str, right: str) -> None:
    apart, together = NEW.count(left) + NEW.count(right), NEW.count(left + right)

    # The seam may melt two words into one, or change how its neighbours are cut.
    assert together <= apart + 4
    assert together >= min(NEW.count(left), NEW.count(right)) // 2

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.core.quotes import Quotable, quote_of

HANDBOOK = (
    "Leave\nEvery employee is granted thirty days of leave a year.  Unused days\nexpire at the end of March! "
    "Sick leave is paid for six weeks. A letter by a doctor is needed from the third day on."
)


def test_the_sentence_that_shares_most_words_is_quoted() -> None:
    quote, begins = quote_of(HANDBOOK, "You have 30 days. What you don't use expires in March")
    assert quote == "Unused days expire at the end of March!"
    assert HANDBOOK[begins:].startswith("Unused")


def test_a_claim_that_rests_on_two_sentences_has_both() -> None:
    quote, _ = quote_of(HANDBOOK, "Sick leave is paid six weeks; a doctor's letter is needed from the third day")
    assert quote.startswith("Sick leave is paid")
    assert quote.endswith("third day on.")


def test_only_the_last_sentence_said_counts() -> None:
    quote, _ = quote_of(HANDBOOK, "Thirty days of leave are granted to employees. You are paid for six weeks if sick.")
    assert quote == "Sick leave is paid for six weeks."


def test_where_no_word_is_shared_the_passage_begins_the_quote() -> None:
    assert quote_of("Alpha beta. Gamma.", "12345")[0] == "Alpha beta."
    assert quote_of("Alpha beta. Gamma.", "") == ("Alpha beta.", 0)


def test_an_empty_passage_has_no_quote() -> None:
    assert quote_of(" \n ", "anything") == ("", 0)


def test_other_writing_has_sentences_too() -> None:
    assert quote_of("休暇は年三十日です。病気休暇は有給です。", "病気休暇は有給です")[0] == "病気休暇は有給です。"


@given(st.text(max_size=2_000), st.text(max_size=300))
def test_a_quote_stands_in_its_passage_and_is_short(passage: str, said: str) -> None:
    quote, begins = quote_of(passage, said)
    assert len(quote) <= 300
    assert " ".join(passage[begins:].split()).startswith(quote)


def test_a_passage_without_sentences_is_quoted_in_part() -> None:
    assert 200 < len(quote_of("word " * 200_000, "word " * 60)[0]) <= 300


DENSE = " ".join(chr(0x4E00 + number % 150) for number in range(9_000))
HARD = ["7 a. " * 20_000, "12,Harbour,34\n" * 20_000, "\n" * 50_000, ". " * 50_000, DENSE, DENSE.replace("\u4e07", ".")]


@pytest.mark.parametrize("passage", HARD, ids=["short", "table", "lines", "stops", "words", "sentences"])
def test_however_a_passage_is_made_a_quote_takes_a_bounded_number_of_steps(passage: str) -> None:
    quotable = Quotable(passage)
    for claim in ("x 7 a 12 harbour 34", DENSE[:300], ""):
        assert steps_of(partial(quotable.quote, claim)) < 15_000
    assert steps_of(partial(Quotable, passage)) < 200_000


def steps_of(work: Callable[[], object]) -> int:
    """Count the lines of Python that run: as many on every machine."""
    steps = 0

    def count(_frame: FrameType, event: str, _value: object) -> Any:
        nonlocal steps
        steps += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


def test_the_end_of_a_long_table_is_quoted_too() -> None:
    table = "".join(f"{number},Harbour {number},34\n" for number in range(800)) + "900,Lighthouse,7\n"
    assert "900,Lighthouse,7" in quote_of(table, "The lighthouse is number 900.")[0]

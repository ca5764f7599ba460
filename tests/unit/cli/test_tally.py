import pytest

from retinue.cli.chat.conversation import Answered
from retinue.cli.chat.window.tally import Tally, dollars, summary

PRICED = Answered(
    end="completed", prompt_tokens=312, completion_tokens=85, cost_usd=0.0012, first_token_s=0.41, seconds=2.11
)
UNPRICED = Answered(end="completed", prompt_tokens=1000, completion_tokens=15, first_token_s=0.01, seconds=0.31)


def test_an_answer_is_summed_up_in_one_line() -> None:
    assert summary(PRICED, 80) == "312 + 85 tokens · $0.0012 · first token 0.4 s"
    assert summary(UNPRICED, 80) == "1,000 + 15 tokens · cost not known · first token 10 ms"


@pytest.mark.parametrize("width", [40, 30, 20])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = summary(UNPRICED, width).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= width


def test_an_answer_that_never_began_has_no_sum() -> None:
    assert summary(Answered(end="failed", why="No."), 80) == ""


@pytest.mark.parametrize(
    ("cost", "said"),
    [(0, "$0"), (1234.5, "$1,234.50"), (0.123, "$0.12"), (0.0012345, "$0.0012"), (0.0000012, "$0.0000012")],
)
def test_amounts_are_said_with_digits_that_tell_something(cost: float, said: str) -> None:
    assert dollars(cost) == said


def test_a_session_is_summed_up() -> None:
    tally = Tally()
    for answered in (PRICED, PRICED, UNPRICED):
        tally.add(answered)
    assert tally.lines(model="m", thread_id="thread_1") == [
        "questions    3",
        "tokens       1,624 + 185",
        "cost         $0.0024, and 1 answer at a price that is not known",
        "first token  0.3 s on average, 10 ms the last",
        "speed        50 tokens/s",
        "model        m",
        "thread       thread_1",
    ]


def test_a_session_without_a_question_has_a_sum_too() -> None:
    assert Tally().lines(model="m", thread_id=None) == [
        "questions    0",
        "tokens       0 + 0",
        "cost         $0",
        "model        m",
        "thread       none yet",
    ]

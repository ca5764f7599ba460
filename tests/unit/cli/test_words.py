import io

import pytest
from rich.console import Console

from retinue.cli.chat.conversation import Answered, Waiting
from retinue.cli.chat.screen.drawn import Drawn
from retinue.cli.chat.screen.words import Words


def test_fault_that_comes_again_is_said_once() -> None:
    words = Words()
    told = [words.told(Waiting(why="It is busy. Try again.", seconds=seconds)) for seconds in (0.5, 2, 4, 6)]
    assert told == [
        "It is busy. Trying again in a moment.",
        "Trying again in 2 s (2nd time).",
        "Trying again in 4 s (3rd time).",
        "Trying again in 6 s (4th time).",
    ]
    assert words.told(Waiting(why="It is gone.", seconds=1)) == "It is gone. Trying again in 1 s."


@pytest.mark.parametrize(
    ("seconds", "said"), [(59, "59 s"), (60, "1 min"), (90, "2 min"), (3600, "1 h"), (5400, "1 h 30 min")]
)
def test_time_is_said_in_units_that_fit(seconds: float, said: str) -> None:
    assert Words().told(Waiting(why="Busy.", seconds=seconds)) == f"Busy. Trying again in {said}."


@pytest.mark.parametrize("summary", ["", "3 + 2 tokens"])
def test_one_empty_row_stands_behind_an_answer(summary: str) -> None:
    out = io.StringIO()
    screen = Drawn(Console(file=out, width=40))
    screen.end(Answered(end="failed", why="It broke."), summary=summary)
    assert out.getvalue() == f"It broke.\n{summary}\n\n".replace("\n\n\n", "\n\n")

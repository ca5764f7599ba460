"""What is shown of code, of what it printed and of what it made, on every screen."""

import io
import json

import pytest
from rich.console import Console

from retinue.cli.chat.conversation import Answered, Coded, Made, Printed, Said
from retinue.cli.chat.screen.base import Screen
from retinue.cli.chat.screen.code import Fold, in_units, told_output
from retinue.cli.chat.screen.drawn import Drawn
from retinue.cli.chat.screen.json_line import JsonLine
from retinue.cli.chat.screen.piped import Piped
from retinue.cli.chat.screen.spoken import Spoken

CODE = "import math\nprint('\x1b[2J')\n```\n" + "x = 1\n" * 60
OUTPUT = "\n".join(f"row {number}" for number in range(60))


def play(screen: Screen) -> None:
    """Have an answer shown whose code comes in small pieces."""
    screen.begin()
    screen.show(Coded("", begins=True))
    for start in range(0, len(CODE), 5):
        screen.show(Coded(CODE[start : start + 5]))
        screen.tick()
    screen.show(Printed(OUTPUT))
    screen.show(Made(file_id="file-1", kind="chart", name="chart\x1b[2J.png", size=23_400))
    screen.show(Said("Here it is."))
    screen.end(Answered(end="completed"), summary="")


def test_code_is_drawn_with_its_output_and_folded() -> None:
    out = io.StringIO()
    play(Drawn(Console(file=out, width=80, height=200)))
    shown = out.getvalue()
    assert "\x1b" not in shown
    assert "  import math" in shown
    assert "  ```" in shown
    assert "... 23 more lines of code" in shown
    assert "row 19\n... 40 more lines" in shown
    assert "row 20" not in shown
    assert "chart chart␛[2J.png, 23 KB (file-1)" in shown
    assert shown.rstrip().endswith("Here it is.")


def test_code_is_read_aloud_once_it_is_whole() -> None:
    out = io.StringIO()
    play(Spoken(out))
    shown = out.getvalue()
    assert shown.startswith("The model runs this code:\nimport math\n")
    assert "... 23 more lines of code\nIt printed:\nrow 0\n" in shown
    assert "\x1b" not in shown


def test_a_pipe_has_the_answer_alone() -> None:
    out, err = io.StringIO(), io.StringIO()
    play(Piped(out, err))
    assert out.getvalue() == "Here it is.\n"
    assert err.getvalue() == "retinue: runs code\nretinue: chart chart␛[2J.png, 23 KB (file-1)\n"


def test_json_has_code_and_files() -> None:
    out, err = io.StringIO(), io.StringIO()
    play(JsonLine(out, err, lambda: "thread_1"))
    line = json.loads(out.getvalue())
    assert line["code"] == [{"input": CODE, "output": OUTPUT}]
    assert [file["file_id"] for file in line["files"]] == ["file-1"]
    assert line["text"] == "Here it is."


def test_code_that_never_ran_is_still_told() -> None:
    spoken, drawn = io.StringIO(), io.StringIO()
    for screen, out in ((Spoken(spoken), spoken), (Drawn(Console(file=drawn)), drawn)):
        screen.begin()
        screen.show(Coded("print(1)", begins=True))
        screen.end(Answered(end="stopped"), summary="")
        assert "print(1)" in out.getvalue()
        assert "Stopped" in out.getvalue()


@pytest.mark.parametrize("step", [1, 3, 1_000])
def test_a_fold_shows_the_same_in_whatever_pieces(step: int) -> None:
    fold, text = Fold(2), "one\ntwo\nthree\nfour"
    shown = "".join(fold.take(text[start : start + step]) for start in range(0, len(text), step))
    assert (shown, fold.left, fold.hint()) == ("one\ntwo\n", 2, "... 2 more lines")


def test_lines_are_bounded() -> None:
    assert told_output(Printed("x" * 10_000)) == "x" * 500
    assert told_output(Printed("")) == ""


def test_sizes_are_written_as_people_do() -> None:
    assert [in_units(size) for size in (0, 999, 1_500, 23_400, 5_000_000)] == [
        "0 bytes",
        "999 bytes",
        "1.5 KB",
        "23 KB",
        "5.0 MB",
    ]

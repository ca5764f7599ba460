"""A conversation at a real terminal, as a person sees it."""

import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.chat.pty_terminal import ALT_ENTER, CTRL_C, CTRL_D, ENTER, TAB, Terminal
from cli.chat.scripted import LONG, STALLING

Opened = Callable[..., Terminal]

ESCAPES = re.compile(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|[=>])")
PROMPT = "\n>"
STOPPED = "Stopped; /retry answers anew."


def asked(terminal: Terminal, question: str, shown: str = "first token") -> str:
    terminal.shows("/help")
    terminal.type(question + ENTER)
    return terminal.shows(shown)


@pytest.mark.parametrize("columns", [80, 40])
def test_markdown_is_drawn_within_the_terminal(columns: int, open_terminal: Opened) -> None:
    text = asked(open_terminal(columns=columns), "markdown")
    assert "**" not in text
    assert "```" not in text
    assert text.count("def first(names):") == 1  # drawn anew while it grew, and printed once
    assert "日本語" in re.sub(r"(?<=[^ -~]) ", "", text)  # a wide character fills two cells
    assert r"\(a_1 * b_2\)" in text
    assert "312 + 85 tokens · $0.0012" in text


def test_table_that_is_too_wide_becomes_a_list_of_its_rows(open_terminal: Opened) -> None:
    text = asked(open_terminal(columns=16), "markdown")
    assert "name: sorted" in text
    assert "cost: a copy" in text


@pytest.mark.parametrize("rows", [24, 6])
def test_answer_longer_than_the_screen_is_printed_once(rows: int, open_terminal: Opened) -> None:
    text = asked(open_terminal(rows=rows), "long")
    printed = [line for line in text.splitlines() if line.startswith("Paragraph")]
    assert printed == LONG.split("\n\n")


def test_nothing_that_a_model_says_reaches_the_terminal_as_a_command(open_terminal: Opened) -> None:
    terminal = open_terminal()
    for number, question in enumerate(["hostile", "call", "fail"]):
        terminal.shows(PROMPT, number + 1)
        terminal.type(question + ENTER)
        terminal.shows({"hostile": "over", "call": "It came to:", "fail": "Name another"}[question])
        if question == "call":
            terminal.type("rain" + ENTER)
            terminal.shows("It came to 'rain'.")
    left = ESCAPES.sub(b"", terminal.written)
    assert b"\x1b" not in left
    assert b"\x07" not in left
    assert "\x9b".encode() not in left
    assert "\u202e".encode() not in left
    assert "␛[31m" in terminal.text


def test_ctrl_c_stops_the_answer_and_keeps_its_part(open_terminal: Opened) -> None:
    terminal = open_terminal()
    asked(terminal, "stall", STALLING)
    terminal.type(CTRL_C)
    text = terminal.shows(STOPPED)
    assert STALLING in text
    terminal.type("/retry" + ENTER)
    terminal.shows("Anew.")
    terminal.shows(PROMPT, 3)
    terminal.type(CTRL_D)
    assert terminal.ends() == 0


@pytest.mark.parametrize(("options", "shown"), [([], STALLING), (["--plain"], "Answer:")])
def test_ctrl_c_at_the_only_answer_tells_what_goes_on_from_there(
    options: list[str], shown: str, open_terminal: Opened
) -> None:
    terminal = open_terminal("stall", *options)
    terminal.shows(shown)
    terminal.type(CTRL_C)
    assert terminal.ends() == 1
    assert "Stopped; -c goes on in its thread." in terminal.text
    assert "/retry" not in terminal.text


def test_second_ctrl_c_leaves_at_the_empty_line(open_terminal: Opened) -> None:
    terminal = open_terminal()
    asked(terminal, "stall", STALLING)
    terminal.type(CTRL_C)
    terminal.shows(STOPPED)
    terminal.type(CTRL_C)
    assert terminal.ends() == 0
    assert "Traceback" not in terminal.text
    assert terminal.modes_now == terminal.modes


def test_second_ctrl_c_leaves_an_answer_that_does_not_stop(open_terminal: Opened) -> None:
    terminal = open_terminal()
    asked(terminal, "deaf", STALLING)
    terminal.type(CTRL_C)
    terminal.shows("Ctrl-C again leaves at once.")
    terminal.type(CTRL_C)
    assert terminal.ends() == 0
    assert "Traceback" not in terminal.text
    assert terminal.modes_now == terminal.modes


def test_ctrl_c_clears_a_line_that_is_half_typed_and_does_not_leave(open_terminal: Opened) -> None:
    terminal = open_terminal()
    terminal.shows(PROMPT)
    terminal.type("half a question")
    terminal.shows("half a question")
    terminal.type(CTRL_C)
    terminal.type(CTRL_C)
    terminal.shows("Ctrl-C again leaves")
    assert "half a question" not in terminal.text
    terminal.type("whole" + ENTER)
    terminal.shows("You said 'whole'.")
    terminal.type(CTRL_C)
    terminal.shows("Ctrl-C again leaves", 2)
    terminal.type(CTRL_C)
    assert terminal.ends() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("question", ["stall", None])
def test_signal_to_end_leaves_the_terminal_as_it_was(
    number: signal.Signals, question: str | None, open_terminal: Opened
) -> None:
    terminal = open_terminal()
    terminal.shows(PROMPT)
    if question:
        asked(terminal, question, STALLING)
    terminal.process.send_signal(number)
    assert terminal.ends() == 128 + number
    assert "Traceback" not in terminal.text
    assert terminal.modes_now == terminal.modes


def test_what_was_taken_back_stands_in_the_line_to_be_changed(open_terminal: Opened) -> None:
    terminal = open_terminal()
    asked(terminal, "one")
    terminal.type("/undo" + ENTER)
    terminal.shows("second line")
    terminal.type(" more" + ENTER)
    terminal.shows(r"You said 'first line\nsecond line more'.")


def test_lines_that_are_pasted_or_begun_with_alt_enter_are_one_question(open_terminal: Opened) -> None:
    terminal = open_terminal()
    terminal.shows(PROMPT)
    terminal.type("\x1b[200~one\ntwo\x1b[201~" + ALT_ENTER + "three" + ENTER)
    terminal.shows(r"You said 'one\ntwo\nthree'.")


def test_empty_line_asks_nothing(open_terminal: Opened) -> None:
    terminal = open_terminal()
    terminal.shows(PROMPT)
    terminal.type(ENTER + "  " + ENTER + "/stats" + ENTER)
    assert "questions    0" in terminal.shows("thread       none yet")


def test_tab_completes_commands_and_models(open_terminal: Opened) -> None:
    terminal = open_terminal()
    terminal.shows(PROMPT)
    terminal.type("/mo" + TAB)
    terminal.shows("/model")
    terminal.type(" oth" + TAB + ENTER)
    terminal.shows("other answers from now on.")


def test_line_of_an_earlier_session_comes_back(open_terminal: Opened, tmp_path: Path) -> None:
    earlier = open_terminal()
    asked(earlier, "remember me")
    earlier.shows(PROMPT, 2)
    earlier.type(CTRL_D)
    assert earlier.ends() == 0
    assert (tmp_path / "data" / "terminal_history").stat().st_mode & 0o777 == 0o600
    later = open_terminal()
    later.shows(PROMPT)
    later.type("\x1b[A" + ENTER)
    later.shows("You said 'remember me'.")


@pytest.mark.parametrize("typed", ["//etc/hosts", " /etc/hosts"])
def test_question_that_begins_with_a_slash_can_be_asked(typed: str, open_terminal: Opened) -> None:
    terminal = open_terminal()
    asked(terminal, "/etc/hosts", "There is no /etc/hosts")
    terminal.type(typed + ENTER)
    terminal.shows("You said '/etc/hosts'.")


def test_unknown_command_is_told_the_nearest(open_terminal: Opened) -> None:
    terminal = open_terminal()
    asked(terminal, "/rety", "did you mean /retry?")


def test_thread_is_saved_and_no_file_written_over_untold(open_terminal: Opened, tmp_path: Path) -> None:
    terminal = open_terminal()
    asked(terminal, "one")
    terminal.type("/save" + ENTER)
    terminal.shows("Saved as thread_0.md")
    saved = tmp_path / "thread_0.md"
    assert saved.read_text() == "## You\n\none\n\n## Answer\n\nYou said 'one'.\n"
    assert saved.stat().st_mode & 0o777 == 0o600
    saved.write_text("mine")
    terminal.type("/save" + ENTER)
    terminal.shows("exists already")
    assert saved.read_text() == "mine"
    terminal.type("/save -f thread_0.md" + ENTER)
    terminal.shows("Saved as thread_0.md", 2)
    assert saved.read_text().startswith("## You")


def test_wait_is_told_with_what_is_tried_next_and_a_fault_in_one_line(open_terminal: Opened) -> None:
    text = asked(open_terminal(columns=120), "fail", "Name another")
    assert "The provider answered 503. Trying again in 4 s." in text
    assert "The provider answered 503. Asking the next provider now." in text


def test_function_of_the_users_is_answered_by_hand(open_terminal: Opened) -> None:
    terminal = open_terminal()
    text = asked(terminal, "call", "It came to:")
    assert '{"city": "Paris"}' in text
    terminal.type('{"sky":' + ALT_ENTER + '"grey"}' + ENTER)
    terminal.shows("""It came to '{"sky":\\n"grey"}'.""")


def test_ctrl_c_refuses_a_function_of_the_users(open_terminal: Opened) -> None:
    terminal = open_terminal()
    asked(terminal, "call", "It came to:")
    terminal.type(CTRL_C)
    terminal.shows(STOPPED)


def test_answer_is_drawn_right_when_the_terminal_shrinks_meanwhile(open_terminal: Opened) -> None:
    terminal = open_terminal()
    asked(terminal, "stall", STALLING)
    terminal.resize(30, 10)
    terminal.type(CTRL_C)
    terminal.shows(STOPPED)
    assert terminal.text.count(STALLING) == 1


def test_no_colour_where_none_is_wanted(open_terminal: Opened) -> None:
    terminal = open_terminal(NO_COLOR="1")
    asked(terminal, "markdown")
    asked(terminal, "fail", "Name another")
    assert not re.search(rb"\x1b\[[0-9;]*(?:3[0-8]|4[0-8]|9[0-7])m", terminal.written)


@pytest.mark.parametrize("how", [["--plain"], []])
def test_plain_terminal_gets_lines_alone_and_is_told_who_speaks(how: list[str], open_terminal: Opened) -> None:
    terminal = open_terminal(*how, **({} if how else {"TERM": "dumb"}))
    terminal.shows("\nYou:")
    text = asked(terminal, "markdown")
    assert "You: markdown" in text
    assert "Answer:\n# Sorting" in text
    assert b"\x1b" not in terminal.written
    assert "─" not in text
    assert "thinking" not in text
    terminal.type("stall" + "\n")
    terminal.shows("Answer:", 2)  # the terminal shows what is typed before anybody has read it
    terminal.type(CTRL_C)
    terminal.shows(STOPPED)
    assert STALLING in terminal.text
    terminal.type(CTRL_C)
    assert terminal.ends() == 0
    assert "Traceback" not in terminal.text


def test_question_at_a_terminal_is_answered_once(open_terminal: Opened) -> None:
    terminal = open_terminal("markdown")
    assert terminal.ends() == 0
    assert "Use sorted, it is stable:" in terminal.text
    assert "first token 0.4 s" in terminal.text


def test_plain_terminal_wraps_at_words_promises_no_key_that_it_lacks_and_takes_no_arrows(open_terminal: Opened) -> None:
    terminal = open_terminal("--plain", columns=40)
    terminal.shows("You:")
    terminal.type("\x1b[Ay\x1b[Des\x01\n")
    terminal.shows("You said 'yes'.")
    terminal.type("/help\n")
    text = terminal.shows("type two of them.")
    assert "Alt-Enter" not in text
    assert "Tab" not in text
    terminal.type("long\n")
    terminal.shows("Paragraph 59")
    assert "Paragraph 59 of a long answer, which\nsays nothing that matters." in terminal.shows("matters.", 59)

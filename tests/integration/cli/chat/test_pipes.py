"""A question that is answered once: by arguments, by the pipe, by both; its answer is the bare text."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.chat.conftest import TALKING
from cli.chat.scripted import MARKDOWN, STALLING

Done = subprocess.CompletedProcess[bytes]
Talk = Callable[..., Done]


@pytest.fixture
def talk(tmp_path: Path, environment: dict[str, str]) -> Talk:
    """Runs a conversation by script with standard input, output and errors in pipes."""

    def talked(*arguments: str, piped: bytes = b"", **more: str) -> Done:
        done = subprocess.run(
            [*TALKING, *arguments],
            cwd=tmp_path,
            env={**environment, **more},
            input=piped,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    return talked


def test_answer_in_a_pipe_is_the_bare_text(talk: Talk) -> None:
    done = talk("markdown")
    assert done.stdout.decode() == MARKDOWN
    assert done.stderr == b""
    assert done.returncode == 0


def test_prompt_goes_before_what_comes_by_the_pipe(talk: Talk) -> None:
    assert talk("shorten", piped=b"a text\n").stdout.decode() == "You said 'shorten\\n\\na text\\n'.\n"


def test_what_comes_by_the_pipe_alone_is_the_question(talk: Talk) -> None:
    assert talk(piped="\ufeffä".encode()).stdout.decode() == "You said 'ä'.\n"


@pytest.mark.parametrize(
    ("arguments", "piped", "why"),
    [
        ((), b"", "nothing to ask"),
        (("  ",), b"\n", "nothing to ask"),
        ((), b"\xff\xfe\x00", "no text in UTF-8"),
        ((), b"a\0b", "no text in UTF-8"),
        (("x",), b"a" * 256_000, "at most 256,000 characters"),
        ((), "ä".encode() * 3_000_000, "at most 256,000 characters"),
    ],
)
def test_what_can_not_be_asked_is_refused_in_a_sentence(
    arguments: tuple[str, ...], piped: bytes, why: str, talk: Talk
) -> None:
    done = talk(*arguments, piped=piped)
    assert done.returncode == 2
    assert why in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == b""


def test_fault_and_waits_go_to_standard_error_and_the_code_tells(talk: Talk) -> None:
    done = talk("fail")
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode().splitlines() == [
        "retinue: The provider answered 503. Trying again in 4 s.",
        "retinue: The provider answered 503. Asking the next provider now.",
        "retinue: The provider has no such model.␛[2J Name another one.",
    ]


def test_function_that_nobody_runs_is_named(talk: Talk) -> None:
    done = talk("call")
    assert done.returncode == 1
    assert "functions that nobody runs here: weather␛]0;x␇." in done.stderr.decode()


def test_nothing_that_a_model_says_is_a_command_of_the_terminal_behind_the_pipe(talk: Talk) -> None:
    done = talk("hostile")
    assert b"\x1b" not in done.stdout
    assert "␛[31m" in done.stdout.decode()


def test_json_is_one_line_of_ascii_with_the_text_as_it_was(talk: Talk) -> None:
    done = talk("hostile", "--json")
    assert done.stdout.isascii()
    assert len(done.stdout.splitlines()) == 1
    answer = json.loads(done.stdout)
    assert answer["text"].startswith("red \x1b[31mand ")
    assert (answer["end"], answer["model"], answer["thread_id"]) == ("completed", "test-model", "thread_0")
    assert (answer["prompt_tokens"], answer["completion_tokens"], answer["cost_usd"]) == (312, 85, 0.0012)


def test_json_tells_how_an_answer_failed(talk: Talk) -> None:
    done = talk("fail", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["end"] == "failed"


def test_reader_that_has_had_enough_ends_it_quietly(tmp_path: Path, environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        [*TALKING, "long"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(60) == 1
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()


def test_ctrl_c_keeps_the_part_that_was_said(tmp_path: Path, environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*TALKING, "stall"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert os.read(process.stdout.fileno(), 100).decode() == STALLING
        process.send_signal(2)
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert rest == b"\n"
    assert errors == b"retinue: Stopped; -c goes on in its thread.\n"


def test_encoding_that_lacks_a_character_is_no_reason_to_break_off(talk: Talk) -> None:
    done = talk("markdown", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b"two ???" in done.stdout


def test_charts_and_files_of_an_answer_are_saved_where_the_command_says(talk: Talk, tmp_path: Path) -> None:
    done = talk("code", "--save")
    assert done.stdout == b"A chart. \n"
    told = done.stderr.decode().splitlines()
    assert told[:2] == ["retinue: runs code", "retinue: chart chart.png, 23 KB (file-1)"]
    assert told[-2:] == ["retinue: Saved saved/chart.png", "retinue: Saved saved/evil_2J.csv"]
    assert (tmp_path / "saved" / "evil_2J.csv").read_bytes() == b"content of file-2"


def test_json_has_what_code_did(talk: Talk) -> None:
    answer = json.loads(talk("code", "--json").stdout)
    assert answer["code"][0]["input"].startswith("import math\n")
    assert answer["code"][0]["output"].startswith("row 0")
    assert [file["file_id"] for file in answer["files"]] == ["file-1", "file-2"]

"""Sessions of a fork server: what they keep, what they give, and how they end."""

import textwrap
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from msgspec import structs

from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.fork_server import ForkServer
from sandbox.houses import HOUSES, House
from sandbox.sessions import descendants, ran

LIMITS = Limits(output_bytes=10_000, memory_bytes=256 << 20, disk_bytes=16 << 20, file_bytes=1 << 20)
HASTY = structs.replace(LIMITS, call_s=1.0)


@pytest.fixture(params=HOUSES, ids=str)
def house(request: pytest.FixtureRequest) -> House:
    return cast("House", request.param)


@pytest.fixture
async def sandbox(house: House, tmp_path: Path) -> AsyncIterator[ForkServer]:
    async with house.sandbox(LIMITS, tmp_path) as sandbox:
        yield sandbox


@pytest.fixture
async def session(sandbox: ForkServer) -> Session:
    return await sandbox.open()


async def test_the_last_value_is_shown_and_names_are_kept(session: Session) -> None:
    assert (await ran(session, "numbers = [1, 2]\nsum(numbers)")).text == "3\n"
    assert (await ran(session, "numbers + [3]")).text == "[1, 2, 3]\n"
    assert (await ran(session, "numbers = None\nnumbers")).text == ""


async def test_what_is_printed_comes_in_order_with_what_goes_to_standard_error(session: Session) -> None:
    code = (
        "import os, sys\nprint('one')\nprint('two', file=sys.stderr, flush=True)\nos.system('echo three')\nprint('é')"
    )
    assert sorted((await ran(session, code)).text.split()) == ["one", "three", "two", "é"]


async def test_a_traceback_is_of_the_models_own_code(session: Session) -> None:
    error = (await ran(session, "import json\ndef read():\n    return json.loads('{')\nread()")).error
    assert error is not None
    assert "return json.loads('{')" in error
    assert "JSONDecodeError" in error
    assert "decoder.py" not in error
    assert "retinue" not in error


async def test_an_error_of_any_length_and_script_leaves_the_names(session: Session) -> None:
    error = (await ran(session, "kept = 7\nraise ValueError('\\U0001f600' * 200_000)")).error
    assert error is not None
    assert error.endswith("\U0001f600\n")
    assert (await ran(session, "kept")).text == "7\n"


async def test_a_session_has_its_own_open_files_alone(sandbox: ForkServer) -> None:
    code = """import os
def is_open(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False
sum(map(is_open, range(1_000)))"""
    for session in [await sandbox.open() for _ in range(3)]:
        assert (await ran(session, code)).text == "4\n"  # three standard ones, and where it is asked


async def test_a_syntax_error_shows_its_line_and_can_be_repaired(session: Session) -> None:
    error = (await ran(session, "total = (1,\n")).error
    assert error is not None
    assert "SyntaxError" in error
    assert (await ran(session, "total = (1,)\ntotal")).text == "(1,)\n"


async def test_a_loop_is_stopped_and_names_are_kept(house: House, tmp_path: Path) -> None:
    async with house.sandbox(HASTY, tmp_path) as sandbox:
        session = await sandbox.open()
        stopped = await ran(session, "kept = 5\nprint('begun', flush=True)\nwhile True: pass")
        assert (stopped.text, stopped.error) == ("begun\n", "The code took longer than 1 second and was stopped.")
        assert "NameError" not in str((await ran(session, "kept")).error)


async def test_what_cannot_be_interrupted_is_killed_and_files_are_kept(house: House, tmp_path: Path) -> None:
    async with house.sandbox(HASTY, tmp_path) as sandbox:
        session = await sandbox.open()
        await session.write("kept.txt", b"here")
        error = (
            await ran(session, "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass")
        ).error
        assert error is not None
        assert "started anew" in error
        assert await session.read("kept.txt") == b"here"
        assert "started anew" not in str((await ran(session, "1 + 1")).error)


async def test_output_beyond_the_bound_is_counted_and_not_kept(session: Session) -> None:
    flood = await ran(session, "print('x' * 50_000)")
    assert (len(flood.text), flood.left_out) == (10_000, 40_001)


async def test_files_go_in_and_changed_ones_come_out(session: Session) -> None:
    await session.write("in/numbers.csv", b"1,2")
    await ran(session, "text = open('in/numbers.csv').read()\nopen('out.csv', 'w').write(text + ',3')")
    assert [file.path for file in await session.files()] == ["in/numbers.csv", "out.csv"]
    assert await session.read("out.csv") == b"1,2,3"


async def test_a_file_is_taken_away_and_one_that_is_not_there_is_no_fault(session: Session) -> None:
    await session.write("a/b.txt", b"1")
    await session.write("c.txt", b"2")
    await session.remove("a/b.txt")
    await session.remove("a/b.txt")
    await session.remove("nowhere/b.txt")
    assert [file.path for file in await session.files()] == ["c.txt"]


@pytest.mark.parametrize("path", ["../a", "/etc/passwd", "", "a", "link/hostname", "a\x00"])
async def test_what_is_no_file_of_the_sessions_own_is_not_taken_away(session: Session, path: str) -> None:
    await ran(session, "import os\nos.mkdir('a')\nos.symlink('/etc', 'link')")
    with pytest.raises(SandboxFault):
        await session.remove(path)
    assert await session.files() == []  # it lives


async def test_a_large_file_goes_in_piece_by_piece(session: Session) -> None:
    await session.write("large.txt", b"one")
    await session.write("large.txt", b" two", more=True)
    assert (await ran(session, "open('large.txt').read()")).text == "'one two'\n"


@pytest.mark.parametrize(
    "path", ["../etc/passwd", "/etc/passwd", "", "a//b", "a/./b", "missing", "link", "twice", "pipe"]
)
async def test_what_is_no_file_of_the_sessions_own_is_not_read(session: Session, path: str) -> None:
    code = """
        import os
        os.symlink('/proc/self/environ', 'link')
        open('one', 'w').close()
        os.link('one', 'twice')
        os.mkfifo('pipe')
    """
    code = textwrap.dedent(code)
    await ran(session, code)
    with pytest.raises(SandboxFault):
        await session.read(path)
    assert (await ran(session, "1")).text == "1\n"


async def test_a_file_that_is_too_large_is_not_read(session: Session) -> None:
    await ran(session, "open('large', 'wb').write(bytes(2 << 20))")
    with pytest.raises(SandboxFault, match="more than"):
        await session.read("large")


async def test_the_disk_is_bounded(session: Session) -> None:
    error = (await ran(session, "open('large', 'wb').write(bytes(20 << 20))")).error
    assert error is not None
    assert "No space left on device" in error or "File too large" in error


async def test_nothing_runs_between_calls(session: Session, sandbox: ForkServer) -> None:
    before = set(descendants(sandbox.pid))
    await ran(
        session, "import subprocess\nfor _ in range(5): subprocess.Popen(['sleep', '100'], start_new_session=True)"
    )
    assert set(descendants(sandbox.pid)) == before


async def test_programs_that_a_call_starts_tell_how_they_ended(session: Session) -> None:
    code = "import subprocess\n[subprocess.run(['sh', '-c', f'exit {code}']).returncode for code in (0, 3)]"
    assert (await ran(session, code)).text == "[0, 3]\n"


async def test_memory_is_watched_while_charts_come_without_a_pause(session: Session) -> None:
    code = """
        import os, socket, stat, struct
        frame = struct.pack(">II", 15, 0) + b'{"did": "draw"}'
        held = []
        while True:
            for number in range(3, 64):
                try:
                    if stat.S_ISSOCK(os.fstat(number).st_mode):
                        os.write(number, frame)
                except OSError:
                    pass
            if len(held) < 4 and os.fork() == 0:
                kept = bytearray(b"x") * (150 << 20)
                while True:
                    pass
            held.append(1)
    """
    error = (await ran(session, textwrap.dedent(code))).error
    assert error is not None
    assert "256 MB of memory" in error


async def test_a_session_that_is_closed_twice_ends_no_other(sandbox: ForkServer) -> None:
    one, other = await sandbox.open(), await sandbox.open()
    await one.close()
    await one.close()
    assert (await ran(other, "1 + 1")).text == "2\n"


async def test_two_sessions_know_nothing_of_each_other(sandbox: ForkServer) -> None:
    one, other = await sandbox.open(), await sandbox.open()
    await ran(one, "open('/mnt/data/secret', 'w').write('1')\nopen('/tmp/secret', 'w').write('1')\nname = 1")
    assert "secret" not in (await ran(other, "import os\nos.listdir('/mnt/data') + os.listdir('/tmp')")).text
    assert "NameError" in str((await ran(other, "name")).error)
    draw = "import random, numpy\nrandom.random(), numpy.random.rand()"
    assert (await ran(one, draw)).text != (await ran(other, draw)).text


async def test_a_closed_session_leaves_nothing(sandbox: ForkServer) -> None:
    session = await sandbox.open()
    assert len(set(descendants(sandbox.pid))) > 1
    await session.close()
    with pytest.raises(SandboxFault):
        await ran(session, "1")


async def test_when_the_fork_server_is_killed_its_sessions_are(sandbox: ForkServer, session: Session) -> None:
    processes = set(descendants(sandbox.pid))
    sandbox.kill()
    with pytest.raises(SandboxFault):
        await ran(session, "import time\ntime.sleep(1)")
    assert processes

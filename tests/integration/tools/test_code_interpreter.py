"""The code interpreter over a real sandbox and store: what code finds, what it leaves, and what is told of it."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from sandbox.sessions import descendants, killed

from retinue.core.tools import ToolResources
from tools.desk import LIMITS, Desk

WRITE = "open('{0}', 'w').write('{1}')\nNone"

PNG = b"\x89PNG\r\n\x1a\n"
DRAWING = """
import sys, types
PNG = b"\\x89PNG\\r\\n\\x1a\\n"

class Figure:
    def __init__(self, png):
        self.png = png

    def savefig(self, into, **_):
        into.write(self.png)

def draw(pngs):
    sys.modules["matplotlib.pyplot"] = types.SimpleNamespace(
        get_fignums=lambda: list(range(len(pngs))), figure=lambda n: Figure(pngs[n]), close=lambda _: pngs.clear()
    )

"""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk.opened(tmp_path / "retinue.db") as desk:
        yield desk


# What the model reads


async def test_names_are_kept_from_call_to_call(desk: Desk) -> None:
    assert (await desk.call("x = 20\nx + 1")).output == "21\n"
    second = await desk.call("print(x)\nx + 2")
    assert (second.output, second.outcome, second.notes) == ("20\n22\n", "done", ())


async def test_code_that_raises_is_no_failure_of_the_call(desk: Desk) -> None:
    result = await desk.call("print('begun', end='')\n1 / 0")
    assert result.outcome == "done"
    assert result.output.startswith("begun\nTraceback")
    assert result.output.endswith("ZeroDivisionError: division by zero\n")


async def test_what_is_too_much_output_is_counted(desk: Desk) -> None:
    result = await desk.call("print('x' * 100_000)")
    assert result.output == "x" * 10_000 + "\n[… 90,001 more bytes were left out]"


async def test_code_that_runs_too_long_is_stopped_and_names_are_kept(tmp_path: Path) -> None:
    limits = structs.replace(LIMITS, call_s=0.5)
    async with Desk.opened(tmp_path / "retinue.db", limits) as desk:
        stopped = await desk.call("x = 1\nwhile True: pass")
        assert stopped.output == "The code took longer than 0.5 seconds and was stopped."
        assert (await desk.call("x")).output == "1\n"


async def test_text_that_is_no_text_is_made_one(desk: Desk) -> None:
    result = await desk.call("import os\nos.write(1, b'\\xff\\xfe')\nraise ValueError('\\ud800')")
    result.output.encode()
    assert "ValueError" in result.output


@pytest.mark.parametrize("code", ["", " \n "])
async def test_without_code_the_model_is_told_what_to_send(desk: Desk, code: str) -> None:
    result = await desk.call(code)
    assert result.outcome == "failed"
    assert '{"code": "..."}' in result.output


async def test_code_without_end_is_refused(desk: Desk) -> None:
    assert (await desk.call("1" * 80_001)).outcome == "failed"
    assert (await desk.call("'\U0001f600'" + " " * 10 + "#" + "\U0001f600" * 79_000)).outcome == "done"


# Files in


async def test_files_lie_under_their_names(desk: Desk) -> None:
    await desk.give(("file-1", "a.csv", b"1"), ("file-2", "a.csv", b"2"), ("file-3", "none.txt", b""))
    result = await desk.call("import os\nprint({n: open(n).read() for n in sorted(os.listdir())})")
    assert result.output == "{'a.csv': '1', 'file-2-a.csv': '2', 'none.txt': ''}\n"
    assert result.files == ()


async def test_a_large_file_comes_in_pieces(desk: Desk) -> None:
    content = os.urandom(1 << 20) * 9
    await desk.give(("file-1", "large.bin", content))
    result = await desk.call("import hashlib\nprint(hashlib.sha256(open('large.bin', 'rb').read()).hexdigest())")
    assert result.output.strip() == (await desk.scope.files.get("file-1")).sha256


async def test_a_file_that_a_message_brings_later_is_there_in_the_next_call(desk: Desk) -> None:
    await desk.call("1")
    await desk.give(("file-1", "a.csv", b"late"))
    assert (await desk.call("open('a.csv').read()")).output == "'late'\n"


async def test_what_is_gone_or_too_large_is_noted_and_stops_nothing(desk: Desk) -> None:
    await desk.give(("file-1", "gone.csv", b"1"), ("file-2", "huge.bin", b"x" * (17 << 20)), ("file-3", "a.csv", b"3"))
    file = await desk.scope.files.get("file-1")
    await desk.blobs.delete(file.blob)
    run = desk.run
    resources = ToolResources(code_interpreter=("file-9", "file-1", "file-2", "file-3"))
    desk.run = structs.replace(run, spec=structs.replace(run.spec, tool_resources=resources))
    result = await desk.call("open('a.csv').read()")
    assert result.output == "'3'\n"
    gone, lost, huge = result.notes
    assert gone == "There is no file 'file-9' any more."
    assert lost.startswith("The file 'gone.csv' could not be put into /mnt/data: ")
    assert huge == (
        "The file 'huge.bin' could not be put into /mnt/data: No space left on device. An empty one is in its place."
    )
    second = await desk.call("open('b.txt', 'w').write('there is room')")
    assert second.notes == ()
    assert [written.path for written in second.files] == ["b.txt"]


# Files out


async def test_what_code_writes_is_stored_and_the_given_file_stays_as_it_was(desk: Desk) -> None:
    await desk.give(("file-1", "a.csv", b"1"))
    result = await desk.call(
        "import os\nos.mkdir('out')\n" + WRITE.format("out/b.txt", "new") + "\n" + WRITE.format("a.csv", "2")
    )
    changed, new = result.files
    assert (changed.path, new.path) == ("a.csv", "out/b.txt")
    assert (await desk.content("file-1"), await desk.content(changed.file_id)) == (b"1", b"2")
    file = await desk.scope.files.get(new.file_id)
    assert (file.name, file.purpose, file.size) == ("b.txt", "assistants_output", 3)
    assert await desk.kept() == {"a.csv": b"2", "out/b.txt": b"new"}


async def test_a_file_is_stored_again_only_where_it_holds_something_else(desk: Desk) -> None:
    await desk.call(WRITE.format("a.txt", "1"))
    assert (await desk.call("1")).files == ()
    assert (await desk.call("import os\nos.utime('a.txt')\n" + WRITE.format("a.txt", "1"))).files == ()
    assert len((await desk.call(WRITE.format("a.txt", "2"))).files) == 1
    assert await desk.kept() == {"a.txt": b"2"}


async def test_a_file_that_code_removes_is_taken_out(desk: Desk) -> None:
    await desk.give(("file-1", "given.csv", b"1"))
    await desk.call(WRITE.format("a.txt", "1"))
    result = await desk.call("import os\nos.remove('a.txt')\nos.remove('given.csv')")
    assert result.collected is not None
    assert result.collected.removed == ("a.txt",)
    assert await desk.kept() == {}
    assert (await desk.call("os.listdir()")).output == "[]\n"


async def test_what_is_too_large_is_noted_once(desk: Desk) -> None:
    write = "open('large.bin', 'wb').write(b'x' * (2 << 20))\nNone"
    result = await desk.call(write)
    assert result.files == ()
    assert result.notes == ("The file 'large.bin' was not stored: of 2,097,152 bytes, more than 1,048,576.",)
    assert (await desk.call("1")).notes == ()
    assert len((await desk.call("open('large.bin', 'w').write('x')\nNone")).files) == 1


async def test_so_many_files_are_stored_over_several_calls(desk: Desk) -> None:
    first = await desk.call("for n in range(130): open(f'{n:03}', 'w').write(str(n))")
    assert len(first.files) == 100
    assert first.notes == ("Only 100 files, or 256 MB, are stored after one call; 30 more are left to the next ones.",)
    assert len((await desk.call("1")).files) == 30
    assert len(await desk.kept()) == 130


async def test_hostile_names_and_links_are_told_or_left_alone(desk: Desk) -> None:
    code = (
        "import os\n"
        "os.symlink('/etc/passwd', 'link')\n"
        "open('a\\nb', 'w').close()\n"
        "open(b'\\xff', 'w').close()\n"
        "open('\\x1b[31m', 'w').close()\n"
        "open('twice', 'w').close()\n"
        "os.link('twice', 'again')\n"
        "open('\\u202efine', 'w').close()\n"
        "os.mkfifo('pipe')\n"
    )
    result = await desk.call(code)
    assert [written.path for written in result.files] == ["\u202efine"]
    assert sorted(result.notes) == [
        "The file '\\udcff' was not stored: rename it without control characters.",
        "The file '\\x1b[31m' was not stored: rename it without control characters.",
        "The file 'a\\nb' was not stored: rename it without control characters.",
    ]
    assert (await desk.call("1")).notes == ()


async def test_a_flood_of_files_is_bounded_and_removes_nothing(desk: Desk) -> None:
    await desk.call(WRITE.format("first", "1"))
    result = await desk.call("for n in range(3_000): open(f'{n}', 'w').close()")
    assert len(result.files) == 100
    assert result.notes[-1].startswith("There are too many files in /mnt/data")
    assert result.collected is not None
    assert result.collected.removed == ()


async def test_names_too_long_to_be_listed_together_remove_nothing(desk: Desk) -> None:
    await desk.call("open('/mnt/data/first.txt', 'w').write('1')")
    many = await desk.call("for n in range(600): open(f'/mnt/data/{n:0240}', 'w').close()")
    assert many.collected is not None
    assert many.collected.removed == ()
    assert "There are too many files in /mnt/data to see them all: some may not be stored." in many.notes


async def test_charts_are_files_in_their_order_and_what_is_no_picture_is_none(desk: Desk) -> None:
    result = await desk.call(DRAWING + "draw([PNG + b'1', b'<script>', PNG + b'2'])")
    assert [await desk.content(id_) for id_ in result.charts] == [PNG + b"1", PNG + b"2"]
    file = await desk.scope.files.get(result.charts[0])
    assert (file.purpose, file.name) == ("assistants_output", f"{file.sha256[:8]}.png")
    assert result.files == ()


# Sessions that end


async def test_files_are_there_again_in_the_next_session_and_names_are_not(desk: Desk) -> None:
    await desk.call("import os\nx = 1\nos.mkdir('out')\n" + WRITE.format("out/a.txt", "1"))
    await desk.leave()
    result = await desk.call("print(open('out/a.txt').read())\nx")
    assert result.output.startswith("1\nTraceback")
    assert result.files == ()
    (note,) = result.notes
    assert note.startswith("Python was started anew since the last call")
    assert (await desk.call("1")).notes == ()


async def test_a_containers_own_file_hides_the_one_that_was_given(desk: Desk) -> None:
    await desk.give(("file-1", "a.csv", b"1"))
    await desk.call(WRITE.format("a.csv", "2"))
    await desk.leave()
    assert (await desk.call("open('a.csv').read()")).output == "'2'\n"


async def test_what_a_caller_puts_into_the_container_is_there_in_the_next_call(desk: Desk) -> None:
    await desk.call(WRITE.format("a.txt", "1"))
    await desk.put("a.txt", b"theirs")
    result = await desk.call("open('a.txt').read()")
    assert (result.output, result.files) == ("'theirs'\n", ())


async def test_a_file_that_was_deleted_does_not_come_back(desk: Desk) -> None:
    (written,) = (await desk.call(WRITE.format("a.txt", "1"))).files
    await desk.scope.files.delete(written.file_id)
    assert (await desk.call("1")).files == ()
    assert await desk.kept() == {}


async def test_a_file_that_was_taken_out_is_no_longer_in_the_sessions_folder(desk: Desk) -> None:
    await desk.give(("file-1", "given.csv", b"1"))
    (written,) = (await desk.call("import os\nos.mkdir('out')\n" + WRITE.format("out/a.txt", "1"))).files
    await desk.scope.files.delete(written.file_id)
    await desk.scope.files.delete("file-1")
    result = await desk.call("os.listdir(), os.listdir('out')")
    assert (result.output, result.files) == ("(['out'], [])\n", ())


async def test_what_code_has_written_since_a_file_was_taken_out_stays(desk: Desk) -> None:
    (written,) = (await desk.call(WRITE.format("a.txt", "1"))).files
    await desk.scope.files.delete(written.file_id)
    await desk.call("1")
    assert [file.path for file in (await desk.call(WRITE.format("a.txt", "1"))).files] == ["a.txt"]
    assert (await desk.call("open('a.txt').read()")).output == "'1'\n"


async def test_the_fork_server_is_killed_between_two_calls(desk: Desk) -> None:
    await desk.call("x = 1\n" + WRITE.format("a.txt", "1"))
    await killed([desk.servers[0].pid], taken_along=set(descendants(desk.servers[0].pid)))
    result = await desk.call("open('a.txt').read()")
    assert (result.output, result.outcome) == ("'1'\n", "done")
    assert result.notes[0].startswith("Python was started anew")
    assert len(desk.servers) == 2


async def test_a_session_is_lost_while_code_runs(desk: Desk) -> None:
    await desk.call(WRITE.format("a.txt", "1"))
    code = WRITE.format("b.txt", "2") + "\nimport os\nos.fork()\nwhile True: pass"
    calling = asyncio.create_task(desk.call(code))
    server = desk.servers[0].pid
    idle = len(set(descendants(server)))
    while len(set(descendants(server))) == idle:  # until the code has forked
        await asyncio.sleep(0.005)
    await killed([server], taken_along=set(descendants(server)))
    result = await calling
    assert result.outcome == "failed"
    assert "The session broke down, and Python was started anew" in result.output
    assert result.collected is None
    assert (await desk.call("import os\nos.listdir()")).output == "['a.txt']\n"


async def test_a_worker_that_ends_itself_keeps_its_files(desk: Desk) -> None:
    result = await desk.call(WRITE.format("a.txt", "1") + "\nimport os\nos._exit(0)")
    assert "Python was started anew" in result.output
    assert [written.path for written in result.files] == ["a.txt"]


# Calls side by side, and calls again


async def test_two_calls_of_one_turn_run_in_order_and_store_each_file_once(desk: Desk) -> None:
    first = desk.tool_call("x = 1\n" + WRITE.format("a.txt", "1"), "step_1")
    second = structs.replace(first, id="item_2", call_id="call_2", arguments='{"code": "x += 1\\nx"}')
    one, two = await asyncio.gather(desk.again(first, is_stored=False), desk.again(second, is_stored=False))
    assert (two.output, two.notes, two.files) == ("2\n", (), ())
    assert [written.path for written in one.files] == ["a.txt"]
    await desk.store(one, two)
    assert (await desk.call("1")).files == ()


async def test_two_calls_of_one_turn_may_write_the_same_file(desk: Desk) -> None:
    await desk.call(WRITE.format("a.txt", "0"))
    results = [await desk.call(WRITE.format("a.txt", text), is_stored=False, turn="step_9") for text in ("1", "0")]
    assert [len(result.files) for result in results] == [1, 1]
    await desk.store(*results)
    assert await desk.kept() == {"a.txt": b"0"}
    assert (await desk.call("1")).files == ()


async def test_what_was_never_stored_is_collected_again(desk: Desk) -> None:
    lost = await desk.call(WRITE.format("a.txt", "1"), is_stored=False)
    again = await desk.call("1")
    assert [written.path for written in again.files] == ["a.txt"]
    assert again.files != lost.files
    assert await desk.kept() == {"a.txt": b"1"}


async def test_a_call_that_is_run_again_stores_what_its_first_attempt_did_not(desk: Desk) -> None:
    call = desk.tool_call(WRITE.format("a.txt", "1"))
    await desk.again(call, is_stored=False)
    assert [written.path for written in (await desk.again(call)).files] == ["a.txt"]


async def test_a_call_that_is_broken_off_ends_its_session(desk: Desk) -> None:
    await desk.call("x = 1")
    calling = asyncio.create_task(desk.call("while True: pass"))
    await asyncio.sleep(0.1)
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    assert desk.sessions.alive == 0
    assert (await desk.call("1")).notes[0].startswith("Python was started anew")

"""The processes that read: bounded in time and memory, replaced when they die, gone with the server."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

import documents
from knowledge.reading.readings import peak_mb, pid_of, read
from retinue.core.vector_store import Chunking
from retinue.knowledge.reading.base import ReadingFault, ReadingStopped, Unreadable, Window
from retinue.knowledge.reading.reader import LONGEST_S, Reader, seconds_for
from retinue.knowledge.words import terms_of, unpack

STRATEGY = Chunking()
LINE = "Whoever reads this line a million times will know that pumps move water uphill.\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with names")


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    reader = Reader()
    yield reader
    await reader.close()


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long"
    path.write_text("".join(f"{number} {LINE}" for number in range(20_000)))
    return path


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A file that is never read to its end."""
    path = tmp_path / "endless"
    os.mkfifo(path)
    return path


@pytest.fixture
def short(tmp_path: Path) -> Path:
    path = tmp_path / "short"
    path.write_text("A short text.")
    return path


async def test_terms_come_with_the_windows_that_they_are_of(reader: Reader, long: Path) -> None:
    async with aclosing(reader.read(long, "a.txt", STRATEGY)) as batches:
        batch = await anext(batches)
    bags = unpack(batch.terms)
    assert len(bags) == len(batch.windows)
    last = bags.part(len(bags) - 1, len(bags))
    assert dict(zip(last.terms.tolist(), last.counts.tolist(), strict=True)) == terms_of(batch.windows[-1].text)


async def test_a_file_is_read_on_from_any_window_as_if_it_had_never_been_left(reader: Reader, long: Path) -> None:
    whole = await read(reader, long, "a.txt", STRATEGY)
    assert [window.number for window in whole] == list(range(len(whole)))
    for skip in (1, 64, 65, len(whole) - 1, len(whole), len(whole) + 9):
        assert await read(reader, long, "a.txt", STRATEGY, skip=skip) == whole[skip:]


def of_megabytes(path: Path, count: int) -> Path:
    with path.open("w") as file:
        for _ in range(count):
            file.write(LINE * (1_000_000 // len(LINE)))
    return path


async def test_a_file_waits_for_whoever_takes_its_windows(reader: Reader, tmp_path: Path) -> None:
    path = of_megabytes(tmp_path / "ten", 10)
    async with aclosing(reader.read(path, "a.txt", STRATEGY)) as batches:
        for _ in range(20):
            await anext(batches)
        assert peak_mb(reader) < 250


async def test_a_hundred_megabytes_of_text_are_refused_in_little_memory(reader: Reader, tmp_path: Path) -> None:
    path = of_megabytes(tmp_path / "hundred", 100)
    with pytest.raises(Unreadable, match="more than 25,000 passages of up to 200 tokens"):
        await read(reader, path, "a.txt", STRATEGY)
    assert peak_mb(reader) < 250


async def killed(reader: Reader, *before: int) -> int:
    """Kill the process that reads, once it is another than those before; return which it was."""
    while not reader._asked or pid_of(reader) in before:
        await asyncio.sleep(0)
    os.kill(pid := pid_of(reader), signal.SIGKILL)
    return pid


async def test_a_file_whose_fresh_process_is_killed_is_read_by_another(reader: Reader, long: Path) -> None:
    found: list[Window] = []
    async with aclosing(reader.read(long, "a.txt", STRATEGY)) as batches:
        async for batch in batches:
            found += batch.windows
            if len(found) < 200:  # more than twice, but never twice at one place
                await killed(reader)
    assert found == await read(reader, long, "a.txt", STRATEGY)


async def test_a_file_that_two_fresh_processes_die_of_fails_alone(reader: Reader, endless: Path, short: Path) -> None:
    waiting = asyncio.create_task(read(reader, endless, "a.txt", STRATEGY))
    await killed(reader, await killed(reader))
    with pytest.raises(Unreadable, match="broke down") as raised:
        await waiting
    assert raised.value.code == "server_error"
    assert [window.text for window in await read(reader, short, "a.txt", STRATEGY)] == ["A short text."]


async def test_a_process_that_does_not_start_is_no_fault_of_the_file(
    reader: Reader, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(short))
        with pytest.raises(ReadingFault, match="does not start"):
            await read(reader, short, "a.txt", STRATEGY)
    assert len(await read(reader, short, "a.txt", STRATEGY)) == 1


async def test_a_process_that_died_of_an_earlier_file_is_replaced_where_it_was(
    reader: Reader, short: Path, long: Path
) -> None:
    await read(reader, short, "a.txt", STRATEGY)
    found: list[Window] = []
    async with aclosing(reader.read(long, "a.txt", STRATEGY)) as batches:
        async for batch in batches:
            found += batch.windows
            if len(found) == len(batch.windows):
                os.kill(pid_of(reader), signal.SIGKILL)
    assert found == await read(reader, long, "a.txt", STRATEGY)


async def test_a_file_that_takes_too_long_fails_and_the_next_does_not(endless: Path, short: Path) -> None:
    reader = Reader(patience_s=1)
    with pytest.raises(Unreadable, match="takes too long") as raised:
        await read(reader, endless, "a.txt", STRATEGY)
    assert raised.value.code == "server_error"
    assert len(await read(reader, short, "a.txt", STRATEGY)) == 1
    await reader.close()


async def test_a_file_that_goes_on_for_ever_fails_in_the_end(long: Path) -> None:
    reader = Reader(longest_s=0.0)
    with pytest.raises(Unreadable, match="takes too long"):
        await read(reader, long, "a.txt", STRATEGY)
    await reader.close()


async def test_a_file_that_a_process_died_of_has_no_more_time_with_the_next(endless: Path) -> None:
    reader = Reader(longest_s=4.0)
    clock = asyncio.get_running_loop().time
    waiting = asyncio.create_task(read(reader, endless, "a.txt", STRATEGY))
    while not reader._asked:
        await asyncio.sleep(0)
    await asyncio.sleep(3.8)
    first = await killed(reader)
    while not reader._asked or pid_of(reader) == first:
        await asyncio.sleep(0)
    begun = clock()
    with pytest.raises(Unreadable, match="takes too long"):
        await waiting
    assert clock() - begun < 3.9
    await reader.close()


def test_a_small_file_may_not_take_as_long_as_a_large_one() -> None:
    assert seconds_for(62_000) < 65
    assert 180 < seconds_for(6_000_000) < 300
    assert seconds_for(512_000_000) == LONGEST_S


async def test_text_without_bound_is_refused_before_any_of_it_is_told(long: Path) -> None:
    reader = Reader(most_tokens=10_000)
    async with aclosing(reader.read(long, "a.txt", STRATEGY)) as batches:
        with pytest.raises(Unreadable, match="more than 50 passages") as raised:
            await anext(batches)
    assert raised.value.code == "invalid_file"
    await reader.close()


async def test_a_reading_that_was_broken_off_leaves_the_place_to_the_next(
    reader: Reader, endless: Path, short: Path
) -> None:
    waiting = asyncio.create_task(read(reader, endless, "a.txt", STRATEGY))
    while not reader._asked:
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert len(await read(reader, short, "a.txt", STRATEGY)) == 1


async def test_closing_stops_what_is_read_without_calling_the_file_bad(reader: Reader, endless: Path) -> None:
    waiting = asyncio.create_task(read(reader, endless, "a.txt", STRATEGY))
    while not reader._asked:
        await asyncio.sleep(0)
    await reader.close()
    with pytest.raises(ReadingStopped):
        await waiting
    with pytest.raises(ReadingStopped):
        await read(reader, endless, "a.txt", STRATEGY)


async def test_a_healthy_process_is_kept_for_the_next_file(reader: Reader, short: Path, tmp_path: Path) -> None:
    await read(reader, short, "a.txt", STRATEGY)
    first = pid_of(reader)
    broken = tmp_path / "broken"
    broken.write_bytes(documents.encrypted_pdf())
    with pytest.raises(Unreadable):
        await read(reader, broken, "a.pdf", STRATEGY)
    await read(reader, short, "a.txt", STRATEGY)
    assert pid_of(reader) == first


async def test_a_missing_file_is_a_failure_of_the_server(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as raised:
        await read(reader, tmp_path / "none", "a.txt", STRATEGY)
    assert raised.value.code == "server_error"


async def test_no_batch_is_empty(reader: Reader, long: Path) -> None:
    async with aclosing(reader.read(long, "a.txt", STRATEGY)) as batches:
        sizes = [len(batch.windows) async for batch in batches]
    assert min(sizes) > 0


SERVER = """
import asyncio, sys
from pathlib import Path
from retinue.core.vector_store import Chunking
from retinue.knowledge.reading.reader import Reader

async def main():
    reader = Reader()
    waiting = asyncio.create_task(anext(reader.read(Path(sys.argv[1]), "a.txt", Chunking())))
    while not reader._asked:
        await asyncio.sleep(0)
    [process] = reader._asked
    print(process.pid, flush=True)
    await waiting

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when its patience does")
async def test_a_process_whose_server_was_killed_ends_too(endless: Path) -> None:
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, str(endless), stdout=subprocess.PIPE)
    assert server.stdout
    pid = int(await server.stdout.readline())
    server.kill()
    await server.wait()
    while Path(f"/proc/{pid}").exists() and "(zombie)" not in Path(f"/proc/{pid}/status").read_text():
        await asyncio.sleep(0)


async def test_a_pdf_of_200_pages_is_read_with_every_page(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "pages"
    path.write_bytes(documents.pdf([f"Page {number}.\n{LINE * 30}" for number in range(1, 201)]))
    windows = await read(reader, path, "a.pdf", STRATEGY)
    assert {window.page for window in windows} == set(range(1, 201))
    assert peak_mb(reader) < 250

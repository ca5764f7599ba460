"""What a folder of blobs does besides: nothing half-written is ever found, and nothing of it stays."""

import asyncio
import errno
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from retinue.blobs.folder import BlobFolder
from retinue.core.errors import BlobTooLarge, StoreFault, StoreFull


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def breaking(error: BaseException) -> AsyncIterator[bytes]:
    yield b"half of it"
    raise error


@pytest.mark.parametrize("error", [ValueError("the client went away"), asyncio.CancelledError()])
async def test_what_was_not_put_to_its_end_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    blobs = BlobFolder(tmp_path)
    with pytest.raises(type(error)):
        await blobs.put(breaking(error))
    assert files(tmp_path) == []


async def test_a_blob_that_is_too_large_leaves_nothing(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path)
    with pytest.raises(BlobTooLarge):
        await blobs.put(breaking(ValueError("never asked for")), limit=3)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "fault"), [(errno.ENOSPC, StoreFull), (errno.EDQUOT, StoreFull), (errno.EIO, StoreFault)]
)
async def test_a_disk_that_fails_is_told_in_our_words_and_leaves_nothing(
    tmp_path: Path, number: int, fault: type[StoreFault]
) -> None:
    blobs = BlobFolder(tmp_path)
    with pytest.raises(fault) as refused:
        await blobs.put(breaking(OSError(number, "the disk")))
    assert type(refused.value) is fault
    assert files(tmp_path) == []


async def test_what_a_killed_process_left_half_written_is_cleared_at_the_next_start(tmp_path: Path) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from retinue.blobs.folder import BlobFolder

async def endless():
    yield b"x" * (1 << 20)
    print("half", flush=True)
    await asyncio.Event().wait()

async def whole():
    yield b"whole"

async def main():
    blobs = BlobFolder(Path(sys.argv[1]))
    print((await blobs.put(whole())).id, flush=True)
    await blobs.put(endless())

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        id_ = process.stdout.readline().strip()
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(files(tmp_path)) == 2
    blobs = BlobFolder(tmp_path)
    assert [path.name for path in files(tmp_path)] == [id_]
    assert b"".join([piece async for piece in blobs.open(id_)]) == b"whole"


async def test_what_is_no_blob_is_not_told_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "zz").mkdir()
    for name in ("notes.txt", "blob_zz", "blob_yy" + "0" * 22):
        (tmp_path / "zz" / name).write_bytes(b"somebody's")
    (tmp_path / "README").write_bytes(b"somebody's")
    assert [batch async for batch in BlobFolder(tmp_path).earlier()] == []


async def test_a_reader_that_stops_amid_a_file_lets_go_of_it(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path)
    blob = await blobs.put(breaking_never(3 << 20))
    reading = blobs.open(blob.id)
    assert len(await anext(reading)) == 1 << 20
    await blobs.delete(blob.id)
    assert len(await anext(reading)) == 1 << 20  # who reads may read on
    task = asyncio.ensure_future(anext(reading))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await anext(reading, None) is None


async def breaking_never(size: int) -> AsyncIterator[bytes]:
    yield bytes(size)

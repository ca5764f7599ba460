import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable

import pytest

from retinue.blobs import Blobs
from retinue.core.errors import BlobMissing, BlobTooLarge

MB = 1 << 20
BYTES = bytes(range(256)) * 12 * 1024  # 3 MB, so that it is read in more than one piece

BAD_IDS = [
    "../x",
    "blob_../../../../etc/passwd",
    "/etc/passwd",
    "",
    "blob_",
    "blob_" + "a" * 23,
    "blob_" + "a" * 25,
    "blob_" + "a" * 24 + "\n",
    "blob_" + "é" * 24,
    "file_" + "a" * 24,
    "partial",
    "blob_aaaaaaaaaaaaaaaaaaaaaa\x00a",
]


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(blobs: Blobs, id_: str, **bounds: int) -> bytes:
    return b"".join([piece async for piece in blobs.open(id_, **bounds)])


async def test_what_was_put_in_pieces_is_read_back(blobs: Blobs) -> None:
    blob = await blobs.put(pieces(b"one ", b"", b"two ", BYTES))
    assert await read(blobs, blob.id) == b"one two " + BYTES


async def test_a_blob_tells_its_size_and_hash(blobs: Blobs) -> None:
    blob = await blobs.put(pieces(BYTES))
    assert (blob.size, blob.sha256) == (len(BYTES), hashlib.sha256(BYTES).hexdigest())


async def test_an_empty_blob_is_a_blob(blobs: Blobs) -> None:
    blob = await blobs.put(pieces())
    assert (blob.size, await read(blobs, blob.id)) == (0, b"")


async def test_the_same_bytes_twice_are_two_blobs(blobs: Blobs) -> None:
    one, two = await blobs.put(pieces(b"x")), await blobs.put(pieces(b"x"))
    assert one.id != two.id
    await blobs.delete(one.id)
    assert await read(blobs, two.id) == b"x"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 1),
        (5, 10),
        (0, 0),
        (7, 7),
        (MB - 1, MB + 1),
        (MB, 2 * MB),
        (0, len(BYTES)),
        (len(BYTES) - 1, len(BYTES) + 9),
    ],
)
async def test_a_range_holds_its_start_and_not_its_end(blobs: Blobs, start: int, end: int) -> None:
    blob = await blobs.put(pieces(BYTES))
    assert await read(blobs, blob.id, start=start, end=end) == BYTES[start:end]


@pytest.mark.parametrize("start", [1, MB, len(BYTES) - 1, len(BYTES), len(BYTES) + 1])
async def test_a_range_without_an_end_goes_to_the_last_byte(blobs: Blobs, start: int) -> None:
    blob = await blobs.put(pieces(BYTES))
    assert await read(blobs, blob.id, start=start) == BYTES[start:]


async def test_as_many_bytes_as_the_limit_are_taken(blobs: Blobs) -> None:
    assert (await blobs.put(pieces(b"1234", b"5678"), limit=8)).size == 8


async def test_more_bytes_than_the_limit_are_refused_as_soon_as_they_come(blobs: Blobs) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"1234"

    with pytest.raises(BlobTooLarge, match="larger than 8 bytes"):
        await blobs.put(endless(), limit=8)
    assert taken == 3


async def test_many_blobs_can_be_put_side_by_side(blobs: Blobs) -> None:
    put = await asyncio.gather(*(blobs.put(pieces(b"%d" % n)) for n in range(50)))
    assert [await read(blobs, blob.id) for blob in put] == [b"%d" % n for n in range(50)]


async def test_a_deleted_blob_is_missing(blobs: Blobs) -> None:
    blob = await blobs.put(pieces(b"x"))
    await blobs.delete(blob.id)
    with pytest.raises(BlobMissing):
        await read(blobs, blob.id)


async def test_deleting_what_is_not_there_is_no_error(blobs: Blobs) -> None:
    blob = await blobs.put(pieces(b"x"))
    await blobs.delete(blob.id)
    await blobs.delete(blob.id)
    await blobs.delete("blob_" + "0" * 24)


@pytest.mark.parametrize("id_", [*BAD_IDS, "blob_" + "0" * 24])
async def test_an_id_that_names_no_blob_is_missing(blobs: Blobs, id_: str) -> None:
    with pytest.raises(BlobMissing):
        await read(blobs, id_)


@pytest.mark.parametrize("id_", BAD_IDS)
async def test_a_bad_id_deletes_nothing(blobs: Blobs, id_: str) -> None:
    kept = await blobs.put(pieces(b"x"))
    with contextlib.suppress(BlobMissing):
        await blobs.delete(id_)
    assert await read(blobs, kept.id) == b"x"


# What was there before


async def earlier(blobs: Blobs) -> list[str]:
    return [id_ async for batch in blobs.earlier() for id_ in batch]


async def test_a_new_store_had_nothing_before(blobs: Blobs) -> None:
    assert await earlier(blobs) == []


async def test_what_a_process_before_put_and_did_not_delete_is_told_once(opened: Callable[[], Blobs]) -> None:
    before = opened()
    put = [(await before.put(pieces(b"%d" % number))).id for number in range(500)]
    await before.delete(put[0])
    now = opened()
    await now.delete(put[1])
    assert sorted(await earlier(now)) == sorted(put[2:])
    assert await earlier(now) == []
    assert await read(now, put[2]) == b"2"


async def test_what_this_process_puts_is_never_told_to_be_from_before(opened: Callable[[], Blobs]) -> None:
    before = opened()
    old = {(await before.put(pieces(b"x"))).id for _ in range(300)}
    blobs = opened()
    young = {(await blobs.put(pieces(b"x"))).id for _ in range(50)}
    found: set[str] = set()
    async for batch in blobs.earlier():
        found.update(batch)
        young.add((await blobs.put(pieces(b"x"))).id)
    assert found == old
    assert await earlier(blobs) == []


async def test_what_is_being_put_meanwhile_is_not_told(opened: Callable[[], Blobs]) -> None:
    old = (await opened().put(pieces(b"x"))).id
    blobs, going_on, go = opened(), asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"half"
        going_on.set()
        await go.wait()

    putting = asyncio.create_task(blobs.put(slow()))
    await going_on.wait()
    assert await earlier(blobs) == [old]
    go.set()
    assert await read(blobs, (await putting).id) == b"half"


async def test_a_blob_is_given_as_a_file_to_programs_that_read_files(blobs: Blobs) -> None:
    blob = await blobs.put(pieces(b"one ", BYTES))
    async with blobs.as_file(blob.id) as path:
        assert path.read_bytes() == b"one " + BYTES
    assert await read(blobs, blob.id) == b"one " + BYTES


@pytest.mark.parametrize("id_", ["blob_" + "a" * 24, "../x"])
async def test_a_blob_that_is_not_there_is_given_as_no_file(blobs: Blobs, id_: str) -> None:
    with pytest.raises(BlobMissing):
        async with blobs.as_file(id_):
            pass

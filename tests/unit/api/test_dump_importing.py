"""An import as a whole, without a store behind it: counts, batches, and memory that doesn't grow with the dump."""

import io
import json
import tracemalloc
from collections.abc import Sequence
from typing import Any

from retinue.api.dump.importing import Bad, Importer
from retinue.api.dump.text import Characters
from retinue.core.imports import Import, Outcome, Refusal

HELD_BYTES = 4 << 20


def dumped(threads: int, messages: int) -> bytes:
    records = []
    for thread in range(threads):
        for place in range(messages):
            text = {"type": "text", "text": {"value": f"{thread} {place} " * 20, "annotations": []}}
            message: dict[str, Any] = {"id": f"m_{thread}_{place}", "object": "thread.message", "created_at": 5 + place}
            records.append(json.dumps({**message, "thread_id": f"t_{thread}", "role": "user", "content": [text]}))
    return "\n".join(records).encode()


async def take_all(batch: Sequence[Import]) -> Outcome:
    return Outcome(tuple(range(len(batch))), ())


async def imported(raw: bytes, *, batch: int = 1_000) -> Importer:
    importer = Importer(take_all, lambda bad: None, batch=batch)
    await importer.take("dump.json", Characters(io.BytesIO(raw)))
    await importer.end()
    return importer


async def test_everything_is_handed_over_in_batches() -> None:
    sizes: list[int] = []

    async def take(batch: Sequence[Import]) -> Outcome:
        sizes.append(len(batch))
        return Outcome((), ())

    importer = Importer(take, lambda bad: None, batch=300)
    await importer.take("dump.json", Characters(io.BytesIO(dumped(10, 100))))
    await importer.end()
    assert sizes == [300, 300, 300, 100]
    assert importer.report.there == {"message": 1_000}


async def test_what_the_store_refuses_is_told_with_its_line() -> None:
    told: list[Bad] = []

    async def take(batch: Sequence[Import]) -> Outcome:
        return Outcome((0,), (Refusal(2, "its thread is full"),))

    importer = Importer(take, told.append, batch=300)
    await importer.take("dump.json", Characters(io.BytesIO(dumped(1, 3))))
    await importer.end()
    assert list(map(str, told)) == ["dump.json:3: message 'm_0_2': its thread is full"]
    report = importer.report
    assert (report.taken, report.there, report.bad) == ({"message": 1}, {"message": 1}, {"message": 1})


async def test_memory_does_not_grow_with_the_dump() -> None:
    peaks = []
    for threads in (20, 200):
        raw = dumped(threads, 50)
        tracemalloc.start()
        try:
            importer = await imported(raw)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert importer.report.taken == {"message": threads * 50}
    assert peaks[1] < peaks[0] + HELD_BYTES

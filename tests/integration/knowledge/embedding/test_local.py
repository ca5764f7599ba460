import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.process import cpu_seconds
from knowledge.embedding.nearness import nearness
from retinue.knowledge.embedding import EmbeddingFault, minilm
from retinue.knowledge.embedding.local import LocalEmbedder
from retinue.knowledge.embedding.process import MiniLMProcess

TEXTS = [f"Text {number}: {'something about documents and answers ' * (number % 5)}" for number in range(1000)]

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="asks the system about processes")


@pytest.fixture
async def started(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[MiniLMProcess]:
    """The processes, as they come up."""
    processes: asyncio.Queue[MiniLMProcess] = asyncio.Queue()
    start = MiniLMProcess.start

    async def noted(*, threads: int) -> MiniLMProcess:
        process = await start(threads=threads)
        processes.put_nowait(process)
        return process

    monkeypatch.setattr(MiniLMProcess, "start", noted)
    return processes


@pytest.fixture
async def embedder(started: asyncio.Queue[MiniLMProcess]) -> AsyncIterator[LocalEmbedder]:
    embedder = LocalEmbedder(threads=2)
    yield embedder
    await embedder.close()


async def gone(pid: int) -> None:
    """Wait until a process is no more, which the test's time-out bounds."""
    while Path(f"/proc/{pid}").exists():
        await asyncio.sleep(0.01)


async def test_a_thousand_texts_have_the_vectors_that_each_has_alone(embedder: LocalEmbedder) -> None:
    vectors = await embedder.embed(TEXTS)
    assert len(vectors) == 1000
    for place in range(0, 1000, 50):
        assert await embedder.embed([TEXTS[place]]) == [vectors[place]]


async def test_any_text_goes_to_the_process_and_back(embedder: LocalEmbedder) -> None:
    texts = ["", "a\0b", "\ud800 half", "line\nand line", "😀", "\u2028", "documentation " * 7_200]
    vectors = await embedder.embed(texts)
    assert [len(vector) for vector in vectors] == [768] * len(texts)
    assert nearness(vectors[4], (await embedder.embed_queries(["😀"], project="p"))[0]) > 0.999
    assert await embedder.embed([]) == []


async def test_queries_are_answered_while_passages_are_embedded(
    embedder: LocalEmbedder, started: asyncio.Queue[MiniLMProcess]
) -> None:
    await embedder.embed(["a text"])
    process = await started.get()
    os.kill(process.pid, signal.SIGSTOP)
    passages = asyncio.create_task(embedder.embed(["documents"]))
    (query,) = await embedder.embed_queries(["documents"], project="p")
    assert not passages.done()
    os.kill(process.pid, signal.SIGCONT)
    assert nearness(query, (await passages)[0]) > 0.999


@LINUX
async def test_a_process_that_is_killed_in_the_middle_of_a_batch_is_replaced_and_nothing_is_lost(
    embedder: LocalEmbedder, started: asyncio.Queue[MiniLMProcess]
) -> None:
    expected = await embedder.embed(TEXTS[:64])
    first = await started.get()
    used_s = cpu_seconds(first.pid)
    embedding = asyncio.create_task(embedder.embed(TEXTS[:64]))
    while cpu_seconds(first.pid) < used_s + 0.05:
        await asyncio.sleep(0.001)
    os.kill(first.pid, signal.SIGKILL)
    assert await embedding == expected
    assert (await started.get()).pid != first.pid


async def test_what_kills_every_process_is_a_fault_that_may_pass(
    embedder: LocalEmbedder, started: asyncio.Queue[MiniLMProcess]
) -> None:
    async def kill_all() -> None:
        while True:
            os.kill((await started.get()).pid, signal.SIGKILL)

    killing = asyncio.create_task(kill_all())
    with pytest.raises(EmbeddingFault, match="broke down twice") as caught:
        await embedder.embed(["word " * 5_000])
    killing.cancel()
    assert caught.value.passing
    assert len(await embedder.embed(["another text"])) == 1


async def test_a_process_that_nobody_asks_ends_and_another_follows(started: asyncio.Queue[MiniLMProcess]) -> None:
    embedder = LocalEmbedder(threads=1, idle_s=0.0)
    vector = await embedder.embed(["a text"])
    await gone((await started.get()).pid)
    assert await embedder.embed(["a text"]) == vector
    await embedder.close()


async def test_a_call_that_is_cancelled_leaves_no_answer_to_the_next(embedder: LocalEmbedder) -> None:
    expected = await embedder.embed(["one", "two"])
    broken_off = asyncio.create_task(embedder.embed(TEXTS[:64]))
    await asyncio.sleep(0)
    broken_off.cancel()
    await asyncio.gather(broken_off, return_exceptions=True)
    assert await embedder.embed(["one", "two"]) == expected


async def test_closing_ends_the_process_in_the_middle_of_a_batch(
    embedder: LocalEmbedder, started: asyncio.Queue[MiniLMProcess]
) -> None:
    embedding = asyncio.create_task(embedder.embed(TEXTS))
    process = await started.get()
    await embedder.close()
    with pytest.raises(EmbeddingFault):
        await embedding
    await gone(process.pid)


@LINUX
async def test_a_server_that_is_killed_leaves_no_process_behind() -> None:
    program = (
        "import asyncio\n"
        "from retinue.knowledge.embedding.local import LocalEmbedder\n"
        "async def main():\n"
        "    embedder = LocalEmbedder(threads=1)\n"
        "    await embedder.embed(['a text'])\n"
        "    print(embedder._process.pid, flush=True)\n"
        "    await embedder.embed(['word ' * 100] * 1000)\n"
        "asyncio.run(main())\n"
    )
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=subprocess.PIPE)
    assert server.stdout is not None
    child = int(await server.stdout.readline())
    server.kill()
    await server.wait()
    await gone(child)


@LINUX
async def test_passages_give_way_to_answers(embedder: LocalEmbedder, started: asyncio.Queue[MiniLMProcess]) -> None:
    await embedder.embed(["a text"])
    assert os.getpriority(os.PRIO_PROCESS, (await started.get()).pid) >= os.getpriority(os.PRIO_PROCESS, 0) + 10


async def test_a_query_waits_for_one_of_another_project_and_not_for_its_whole_list(embedder: LocalEmbedder) -> None:
    await embedder.embed_queries(["loads the model"], project="any")
    lists = [asyncio.create_task(embedder.embed_queries(["漢字 " * 300] * 10, project="busy")) for _ in range(3)]
    await asyncio.sleep(0)
    for project in ("other", "busy"):
        assert len(await embedder.embed_queries(["short"], project=project)) == 1
        assert not any(each.done() for each in lists)
    assert [len(each) for each in await asyncio.gather(*lists)] == [10, 10, 10]


async def test_whoever_leaves_takes_no_thread_along(embedder: LocalEmbedder) -> None:
    await embedder.embed_queries(["loads the model"], project="p")
    for _ in range(20):
        left = asyncio.create_task(embedder.embed_queries(["word " * 500], project="p"))
        await asyncio.sleep(0)
        left.cancel()
    assert len(await embedder.embed_queries(["short"], project="p")) == 1


async def test_the_beginning_of_a_long_query_counts(embedder: LocalEmbedder) -> None:
    short, long = "cats " * 510, "cats " * 510 + "dogs " * 10_000
    first, second = await embedder.embed_queries([short, long], project="p")
    assert first == second


@LINUX
async def test_a_model_that_can_not_be_loaded_now_is_loaded_later(
    embedder: LocalEmbedder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(minilm, "FOLDER", tmp_path)
    with pytest.raises(EmbeddingFault) as fault:
        await embedder.embed_queries(["What is it?"], project="p")
    assert fault.value.passing
    monkeypatch.undo()
    assert len(await embedder.embed_queries(["What is it?"], project="p")) == 1

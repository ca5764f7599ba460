"""How much text a second the shipped model embeds, and what the process that does it takes."""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence

from bench.figures import Figures, Round
from bench.plan import Plan
from bench.process import cpu_seconds, resident_mb
from retinue.knowledge.embedding.minilm import FOLDER
from retinue.knowledge.embedding.process import MiniLMProcess

WINDOW = 200  # tokens, with the two that each text begins and ends with
WINDOWS, BATCH = 192, 64


def measure(plan: Plan) -> Iterator[Round]:
    texts = windows()
    with asyncio.Runner() as runner:
        process = runner.run(MiniLMProcess.start(threads=os.cpu_count() or 1))
        runner.run(process.ask(texts[:2]))  # the first ones find no memory taken yet
        for _ in range(plan.rounds):
            yield {"process": runner.run(embedded(process, texts))}
        runner.run(process.end())


async def embedded(process: MiniLMProcess, texts: Sequence[str]) -> Figures:
    began, cpu_s = time.monotonic(), cpu_seconds(process.pid)
    for begin in range(0, len(texts), BATCH):
        await process.ask(texts[begin : begin + BATCH])
    took_s, cpu_s = time.monotonic() - began, cpu_seconds(process.pid) - cpu_s
    return {
        "text_kb_per_s": sum(len(text.encode()) for text in texts) / took_s / 1e3,
        "tokens_per_s": WINDOW * len(texts) / took_s,
        "tokens_per_cpu_s": WINDOW * len(texts) / cpu_s,
        "resident_mb": resident_mb(process.pid),
    }


def windows() -> list[str]:
    """Return texts of just so many tokens: the licence beside the model, which is prose and stays as it is."""
    from tokenizers import Tokenizer  # optional

    prose = (FOLDER / "LICENSE").read_text(encoding="utf-8") * 20
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    tokenizer.no_truncation()
    places = tokenizer.encode(prose, add_special_tokens=False).offsets
    begins = range(0, (WINDOW - 2) * WINDOWS, WINDOW - 2)
    return [prose[places[begin][0] : places[begin + WINDOW - 3][1]] for begin in begins]

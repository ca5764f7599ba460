"""From text to windows and terms, in CPU seconds; and a PDF of 200 pages, from its bytes to the last window.

Beside the cutting stands how long it takes only to count the text's tokens with their encoding.
"""

import asyncio
import ctypes
import itertools
import random
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import aclosing, closing
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2 import raw

from bench.figures import Figures, Round
from bench.plan import Plan
from retinue.core.vector_store import Chunking
from retinue.knowledge.reading.cutter import Cutter
from retinue.knowledge.reading.reader import Reader
from retinue.knowledge.reading.units import Vocabulary
from retinue.knowledge.words import pack_texts
from retinue.models.tokens import encodings

WORDS = 1_000_000
TOKENS = 30_000
"""The first so many tokens of the encoding are looked through for English words."""
LINE_WORDS = 12
PAGE_LINES = 45
PAGES = 200
PIECE = 65_536  # characters
BATCH = 64  # windows

STRATEGY = Chunking()


def measure(plan: Plan) -> Iterator[Round]:
    lines = prose()
    text = "".join(lines)
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
    encoding = encodings.load("cl100k_base")
    vocabulary = Vocabulary(encoding)
    for _ in range(plan.rounds):
        counted = speed(text, map(encoding.encode_ordinary, pieces))
        cut = speed(text, windows(vocabulary, pieces))
        both = speed(text, terms(windows(vocabulary, pieces)))
        yield {"counted": counted, "cut": cut, "cut, with terms": both, "pdf": asyncio.run(read_pdf(lines))}


def prose() -> list[str]:
    """Return lines of English words, each as often as its rank has it: tokens stand in about such an order."""
    ranks = Path(encodings.__file__).with_name("ranks") / "cl100k_base.tiktoken"
    tokens = [b64decode(line.split()[0]) for line in ranks.read_bytes().splitlines()[:TOKENS]]
    words = [token.decode() for token in tokens if token[:1] == b" " and token[1:].isalpha() and token[1:].islower()]
    often = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
    chosen = random.Random(1).choices(words, cum_weights=often, k=WORDS)
    return ["".join(chosen[start : start + LINE_WORDS]) + ".\n" for start in range(0, WORDS, LINE_WORDS)]


def speed(text: str, work: Iterable[object]) -> Figures:
    began = time.process_time()
    for _ in work:
        pass
    return {"mb_per_cpu_s": len(text) / 1e6 / (time.process_time() - began)}


def windows(vocabulary: Vocabulary, pieces: Iterable[str]) -> Iterator[str]:
    cutter = Cutter(vocabulary, tokens=STRATEGY.window_tokens)
    for piece in pieces:
        yield from (text for _, text in cutter.push(None, piece))
    yield from (text for _, text in cutter.end())


def terms(cut: Iterator[str]) -> Iterator[bytes]:
    while batch := list(itertools.islice(cut, BATCH)):
        yield pack_texts(batch)


def write_pdf(path: Path, pages: Iterable[Iterable[str]]) -> None:
    with closing(pdfium.PdfDocument.new()) as document:
        font = raw.FPDFText_LoadStandardFont(document, b"Helvetica")
        for lines in pages:
            page = document.new_page(595, 842)
            for number, line in enumerate(lines):
                written = raw.FPDFPageObj_CreateTextObj(document, font, 9)
                characters = ctypes.create_string_buffer((line.strip() + "\0").encode("utf-16-le"))
                raw.FPDFText_SetText(written, ctypes.cast(characters, raw.FPDF_WIDESTRING))
                raw.FPDFPageObj_Transform(written, 1, 0, 0, 1, 40, 800 - 16 * number)
                raw.FPDFPage_InsertObject(page, written)
            page.gen_content()
            page.close()
        document.save(path)


async def read_pdf(lines: list[str]) -> Figures:
    pages = [lines[start : start + PAGE_LINES] for start in range(0, PAGES * PAGE_LINES, PAGE_LINES)]
    reader = Reader()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages.pdf"
        write_pdf(path, pages)
        began = time.perf_counter()
        async with aclosing(reader.read(path, path.name, STRATEGY)) as batches:
            read = {window.page async for batch in batches for window in batch.windows}
        took_s = time.perf_counter() - began
    await reader.close()
    assert len(read) == PAGES
    return {"took_s": took_s}

"""From a file's upload to its being found: two lines of text, and a PDF of many pages, by the built-in model."""

import ctypes
import io
import itertools
import json
import time
import urllib.request
import uuid
from collections.abc import Iterator

from bench.figures import Figures, Round
from bench.plan import Plan
from bench.servers import TOKEN, Server, retinue, upstream

LINES, LINE_POINTS, LEFT, TOP = 40, 18, 60, 780
LINE = 70  # characters
POLL_S = 0.01
NOTE = b"The keeper of the northern lighthouse is Ada Lund.\nShe took over from her uncle in 1987.\n"


def measure(plan: Plan) -> Iterator[Round]:
    manual, text_bytes = pdf(plan.pdf_pages)
    with upstream() as port, retinue(port, all_cores=True) as server:
        store = str(server.post("/v1/vector_stores", {})["id"])
        searchable_s(server, store, "first.txt", NOTE)  # what reads and embeds is started for it
        for _ in range(plan.rounds):
            note_s = searchable_s(server, store, "note.txt", NOTE)
            manual_s = searchable_s(server, store, "manual.pdf", manual)
            pages: Figures = {"searchable_s": manual_s, "text_kb_per_s": text_bytes / manual_s / 1e3}
            yield {"two lines": {"searchable_s": note_s}, f"{plan.pdf_pages} pages": pages}


def searchable_s(server: Server, store: str, name: str, content: bytes) -> float:
    """Return how many seconds after its upload began a file is completed."""
    began = time.monotonic()
    file = upload(server, name, content)
    path = f"/v1/vector_stores/{store}/files"
    status = server.post(path, {"file_id": file})["status"]
    while status == "in_progress":
        time.sleep(POLL_S)
        status = server.get(f"{path}/{file}")["status"]
    assert status == "completed", f"{name} is {status}"
    return time.monotonic() - began


def upload(server: Server, name: str, content: bytes) -> str:
    boundary = uuid.uuid4().hex
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n',
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n',
    )
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/v1/files",
        data="".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}", "Authorization": f"Bearer {TOKEN}"},
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["id"])


def pdf(pages: int) -> tuple[bytes, int]:
    """Return a PDF of so many full pages of prose, and how many bytes of text are in it."""
    import pypdfium2  # optional
    from pypdfium2 import raw

    lines, size = prose(), 0
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        page = document.new_page(595, 842)
        for number, line in enumerate(itertools.islice(lines, LINES)):
            written = raw.FPDFPageObj_NewTextObj(document, b"Helvetica", 11.0)
            encoded = ctypes.create_string_buffer(line.encode("utf-16-le") + b"\0\0")
            raw.FPDFText_SetText(written, ctypes.cast(encoded, raw.FPDF_WIDESTRING))
            raw.FPDFPageObj_Transform(written, 1, 0, 0, 1, LEFT, TOP - LINE_POINTS * number)
            raw.FPDFPage_InsertObject(page, written)
            size += len(line) + 1
        raw.FPDFPage_GenerateContent(page)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue(), size


def prose() -> Iterator[str]:
    """Yield lines without end: of the licence beside the model, which is prose and stays as it is."""
    from retinue.knowledge.embedding.minilm import FOLDER

    text = " ".join((FOLDER / "LICENSE").read_text(encoding="utf-8").split())
    yield from itertools.cycle(text[start : start + LINE] for start in range(0, len(text), LINE))

"""PDF, page by page."""

import re
from contextlib import closing
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2 import raw

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.pages import Pieces

_LARGEST_MENDED = 64 << 20  # bytes
_TAIL = 4_096  # bytes, in which the end is marked: what sent the file may have added some
_CATALOGUE = re.compile(rb"(\d+)\s+(\d+)\s+obj\b[^>]{0,1000}/Type\s*/Catalog\b")
_TRAILER = b"\ntrailer\n<< /Root %s %s R >>\n"
_HYPHEN = "\x02"  # what pdfium makes of one at a line's end, with the line's end


def read_pdf(path: Path) -> Pieces:
    """Yield the text of each page; of a damaged file, of those that can be read. Raises Unreadable."""
    is_empty = True
    with closing(_opened(path)) as document:
        for index in range(len(document)):
            text = _text_of(document, index)
            is_empty = is_empty and not text.strip()
            yield index + 1, text
    if is_empty and _is_cut_off(path):  # else the pages would be taken for pictures
        raise Unreadable(
            "invalid_file", "The PDF is cut off, and what is left of it has no text. Upload the whole file."
        )


def _opened(path: Path) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as fault:
        if fault.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            encrypted = "The PDF is encrypted. Remove its password and upload it again."
            raise Unreadable("invalid_file", encrypted) from fault
    try:
        return pdfium.PdfDocument(_mended(path))
    except pdfium.PdfiumError as fault:
        damaged = "The PDF is damaged and can't be opened. Save or print it to a new PDF and upload that."
        raise Unreadable("invalid_file", damaged) from fault


def _mended(path: Path) -> bytes:
    """Return what there is of a PDF that was cut off, with an end that tells where its pages are listed."""
    with path.open("rb") as file:
        content = file.read(_LARGEST_MENDED)
    catalogue = _CATALOGUE.search(content)
    whole, _, _ = content.rpartition(b"endobj")
    return whole + b"endobj" + _TRAILER % catalogue.groups() if catalogue else content


def _is_cut_off(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        return b"%%EOF" not in file.read()


def _text_of(document: pdfium.PdfDocument, index: int) -> str:
    try:
        with closing(document[index]) as page, closing(page.get_textpage()) as text_page:
            text: str = text_page.get_text_bounded()
    except pdfium.PdfiumError:
        return ""
    return text.replace(_HYPHEN, "").replace("\r\n", "\n") + "\n"

"""PDF, page by page."""

import os
import re
from contextlib import closing
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2 import raw

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.pages import Pieces

_END = 65_536  # bytes, in which the file says where its parts are; some programs write others behind that
_HEAD = 2_048  # bytes, in which a file that was made for the web says its length, and has end marks too
_END_MARKS = (b"startxref", b"%%EOF")
_LINEARIZED = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s{1,8}(\d{1,15})")
_HYPHEN = "\x02"  # what pdfium makes of one at a line's end, with the line's end
# A long line of a paragraph that goes on in the next; those of code, lists and tables are shorter or end otherwise.
_GOES_ON = re.compile(r"(?<=[^\n]{39}[A-Za-zß-öø-ÿ,])[ \t]?\n(?=[a-zß-öø-ÿ])")
_ENCRYPTED = "The PDF is encrypted. Remove its password and upload it again."
_DAMAGED = "The PDF is damaged and can't be opened. Save or print it to a new PDF and upload that."


def read_pdf(path: Path) -> Pieces:
    """Yield the text of each page; of a damaged file, of those that can be read."""
    with closing(_opened(path)) as document:
        for index in range(len(document)):
            yield index + 1, _text_of(document, index)


def _opened(path: Path) -> pdfium.PdfDocument:
    if _is_cut_off(path):
        raise Unreadable("invalid_file", "The PDF is cut off: its end is missing. Upload the whole file.")
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as fault:
        is_encrypted = fault.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Unreadable("invalid_file", _ENCRYPTED if is_encrypted else _DAMAGED) from fault


def _is_cut_off(path: Path) -> bool:
    """Tell whether the end is missing: pdfium finds some pages even then, and nobody would know of the others."""
    with path.open("rb") as file:
        length = _LINEARIZED.search(file.read(_HEAD))
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END))
        end = file.read()
    return (length is not None and size < int(length[1])) or not any(mark in end for mark in _END_MARKS)


def _text_of(document: pdfium.PdfDocument, index: int) -> str:
    try:
        with closing(document[index]) as page, closing(page.get_textpage()) as text_page:
            text: str = text_page.get_text_bounded()
    except pdfium.PdfiumError:
        return ""
    return _GOES_ON.sub(" ", text.replace(_HYPHEN, "").replace("\r\n", "\n")) + "\n"

"""PDF, page by page."""

from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2 import raw

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.pages import Pieces


def read_pdf(path: Path) -> Pieces:
    """Yield the text of each page; of a damaged file, of those that can be read."""
    document = _opened(path)
    with document:
        for index in range(len(document)):
            yield index + 1, _text_of(document, index)


def _opened(path: Path) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as fault:
        if fault.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            encrypted = "The PDF is encrypted. Remove its password and upload it again."
            raise Unreadable("invalid_file", encrypted) from fault
        damaged = "The PDF is damaged: it can't be opened. Save or print it to a new PDF and upload that."
        raise Unreadable("invalid_file", damaged) from fault


def _text_of(document: pdfium.PdfDocument, index: int) -> str:
    try:
        page = document[index]
        try:
            text_page = page.get_textpage()
            try:
                text: str = text_page.get_text_bounded()
            finally:
                text_page.close()
        finally:
            page.close()
    except pdfium.PdfiumError:
        return ""

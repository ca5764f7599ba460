"""From a file to its text, whatever it is."""

from pathlib import Path

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.kinds import Kind, kind_of
from retinue.knowledge.reading.other import reader_of
from retinue.knowledge.reading.pages import Pieces, ReadPieces
from retinue.knowledge.reading.pdf import read_pdf
from retinue.knowledge.reading.sheets import read_sheets
from retinue.knowledge.reading.slides import read_slides
from retinue.knowledge.reading.text import read_text
from retinue.knowledge.reading.web import read_web
from retinue.knowledge.reading.word import read_word

_READERS: dict[Kind, ReadPieces] = {
    Kind.PDF: read_pdf,
    Kind.DOCX: read_word,
    Kind.PPTX: read_slides,
    Kind.XLSX: read_sheets,
    Kind.HTML: read_web,
    Kind.TEXT: read_text,
    Kind.DOC: reader_of("application/msword"),
    Kind.RTF: reader_of("application/rtf"),
    Kind.ODT: reader_of("application/vnd.oasis.opendocument.text", is_package=True),
    Kind.EPUB: reader_of("application/epub+zip", is_package=True),
}
_NO_TEXT = "No text was found in the file."
_PICTURES = "No text was found: the pages are pictures. Run text recognition (OCR) over the file and upload the result."


def pieces_of(path: Path, extension: str) -> Pieces:
    """Yield the file's text; raises Unreadable, also where there is no text in it."""
    kind = kind_of(path, extension)
    is_empty = True
    for page, piece in _READERS[kind](path):
        is_empty = is_empty and (not piece or piece.isspace())
        yield page, piece
    if is_empty:
        raise Unreadable("invalid_file", _PICTURES if kind is Kind.PDF else _NO_TEXT)

"""From a file to its text, whatever it is."""

from pathlib import Path

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.kinds import Kind, kind_of
from retinue.knowledge.reading.pages import Pieces, ReadPieces
from retinue.knowledge.reading.pdf import read_pdf
from retinue.knowledge.reading.text import read_text

_READERS: dict[Kind, ReadPieces] = {
    Kind.PDF: read_pdf,
    Kind.TEXT: read_text,
}
_NO_TEXT = {Kind.PDF: "the pages are pictures. Run text recognition (OCR) over the file and upload what that makes."}


def pieces_of(path: Path, extension: str) -> Pieces:
    """Yield the file's text; raises Unreadable, also where there is no text in it."""
    kind = kind_of(path, extension)
    empty = True
    for page, piece in _READERS[kind](path):
        empty = empty and (not piece or piece.isspace())
        yield page, piece
    if empty:
        raise Unreadable("invalid_file", _NO_TEXT.get(kind, "The file holds no text."))

"""Plain text of any kind: notes, Markdown, CSV, JSON, source code."""

import codecs
import re
from pathlib import Path

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.pages import Pieces
from retinue.knowledge.reading.utf_16 import any_utf_16, western_utf_16

_PIECE = 65_536  # characters
_HEAD = 65_536  # bytes
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROL = 0.01  # of all bytes; a text has hardly any
_MOST_BROKEN = 0.01  # of all characters; a text that was cut, or patched by a careless program, has a few
_NOT_TEXT = "The file is not text, nor a document of a type that is read. If it is text, save it as UTF-8."


def read_text(path: Path) -> Pieces:
    """Yield the file's text, decoded, with every line's end as a newline."""
    encoding = encoding_of(path)
    with path.open(encoding=encoding, errors="replace") as file:
        while piece := file.read(_PIECE):
            yield None, piece


def encoding_of(path: Path) -> str:
    """Return how the text is encoded: as its mark says, else UTF-8, else as Windows does."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return _kept_to(encoding, head)
    if western := western_utf_16(head):
        return western
    if len(_CONTROL.findall(head)) > _MOST_CONTROL * len(head):
        if unmarked := any_utf_16(head):
            return unmarked
        raise Unreadable("unsupported_file", _NOT_TEXT)
    return "utf-8" if _is_utf_8(path) else "cp1252"


def _kept_to(encoding: str, head: bytes) -> str:
    """Return the encoding that a mark claims; raises Unreadable where what follows is something else."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    if text.count("\N{REPLACEMENT CHARACTER}") > _MOST_BROKEN * len(text):
        raise Unreadable("unsupported_file", _NOT_TEXT)
    return encoding


def _is_utf_8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(_PIECE):
                pass
    except UnicodeDecodeError:
        return False
    return True

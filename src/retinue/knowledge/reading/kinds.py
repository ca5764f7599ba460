"""What a file is: by its first bytes and, where they leave it open, by its name."""

import zipfile
from enum import Enum, auto
from pathlib import Path

from retinue.knowledge.reading.base import Unreadable

_HEAD = 65_536  # bytes
_PDF_WITHIN = 1_024  # bytes: some programs write a few before `%PDF-`, and readers allow for that

# https://en.wikipedia.org/wiki/List_of_file_signatures
_BINARY = {
    b"\x89PNG\r\n\x1a\n": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\x7fELF": "a program",
    b"SQLite format 3\x00": "a SQLite database",
    b"PAR1": "a Parquet file",
    b"OggS": "a sound",
    b"ID3": "a sound",
    b"fLaC": "a sound",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb
_PARTS = {
    "word/": "DOCX",
    "ppt/": "PPTX",
    "xl/": "XLSX",
}
_MIMETYPES = {b"application/epub+zip": "EPUB", b"application/vnd.oasis.opendocument.text": "ODT"}
_MARKUP = (b"<!doctype html", b"<html")
_PAGES = (".html", ".htm", ".xhtml")
_NOT_SOURCE = ("", ".txt", ".pdf", ".doc", ".docx", ".pptx", ".xls", ".xlsx")  # these never hold HTML as their source


class Kind(Enum):
    """The types that are read, each in its own way."""

    PDF = auto()
    DOCX = auto()
    PPTX = auto()
    XLSX = auto()
    HTML = auto()
    TEXT = auto()
    DOC = auto()
    RTF = auto()
    ODT = auto()
    EPUB = auto()


def kind_of(path: Path, extension: str) -> Kind:
    """Return what the file is, whatever it is called; raises Unreadable for a type that is not read."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise Unreadable("invalid_file", "The file is empty.")
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return Kind.PDF
    if head.startswith(b"PK\x03\x04"):
        return _packed(path)
    if head.startswith(_OLE):
        return _compound(path)
    if head.startswith(b"{\\rtf"):
        return Kind.RTF
    _refuse_binary(head)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    is_page = extension in _PAGES or (extension in _NOT_SOURCE and start.startswith(_MARKUP))
    return Kind.HTML if is_page else Kind.TEXT


def _packed(path: Path) -> Kind:
    """Tell what a zip holds from the names in its directory."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            mimetype = archive.open("mimetype").read(64) if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as fault:
        raise Unreadable("invalid_file", "The file is a damaged zip. Save it anew and upload it again.") from fault
    if mimetype.strip() in _MIMETYPES:
        return Kind[_MIMETYPES[mimetype.strip()]]
    for folder, kind in _PARTS.items():
        if any(name.startswith(folder) for name in names):
            return Kind[kind]
    raise Unreadable("unsupported_file", "The file is a zip archive. Unpack it and upload the files in it.")


def _compound(path: Path) -> Kind:
    """Tell what an OLE file holds from the names of its streams, which stand in it as UTF-16."""
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable("invalid_file", "The file is encrypted. Remove its password and upload it again.")
    if "WordDocument".encode("utf-16-le") in content:
        return Kind.DOC
    raise Unreadable(
        "unsupported_file", "Office files from before 2007 are not read. Save it as .docx, .xlsx or .pptx, or as PDF."
    )


def _refuse_binary(head: bytes) -> None:
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise Unreadable("unsupported_file", f"The file is {what}, which is not read. Upload a document or a text.")

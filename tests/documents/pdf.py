"""PDF files, as small as the format allows: https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf."""

from collections.abc import Iterable, Sequence

LINE_POINTS = 12
CATALOGUE, TREE, FONT, FIRST_PAGE = 1, 2, 3, 4


def pdf(pages: Sequence[str]) -> bytes:
    """Return a PDF with these pages, a line of text for each of theirs; characters outside cp1252 become `?`."""
    return written({CATALOGUE: catalogue(), TREE: tree(len(pages)), FONT: font(), **dict(_page_objects(pages))})


def written(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """Return the file that holds these objects by number, with its table of where they stand."""
    body = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = {}
    for number, content in sorted(objects.items()):
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(places))
    size = max(places) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(body) + end % (size, table, size, trailer, len(body))


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return an object that is a stream."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def catalogue() -> bytes:
    """Return the root object."""
    return b"<< /Type /Catalog /Pages 2 0 R >>"


def tree(pages: int) -> bytes:
    """Return the object that lists the pages, which are every other one from the first page's number on."""
    kids = b" ".join(b"%d 0 R" % (FIRST_PAGE + 2 * index) for index in range(pages))
    return b"<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 595 842] >>" % (kids, pages)


def font() -> bytes:
    """Return the one font's object."""
    return b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def _page_objects(pages: Iterable[str]) -> Iterable[tuple[int, bytes]]:
    for index, text in enumerate(pages):
        number = FIRST_PAGE + 2 * index
        yield (
            number,
            b"<< /Type /Page /Parent 2 0 R /Resources << /Font << /F 3 0 R >> >> /Contents %d 0 R >>" % (number + 1),
        )
        yield number + 1, stream(_drawn(text))


def _drawn(text: str) -> bytes:
    lines = b"".join(b"(%s) Tj T*\n" % _escaped(line) for line in text.splitlines())
    return b"BT /F 10 Tf %d TL 40 800 Td\n%sET" % (LINE_POINTS, lines)


def _escaped(line: str) -> bytes:
    plain = line.encode("cp1252", "replace")
    return plain.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")

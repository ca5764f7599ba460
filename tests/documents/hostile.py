"""Files that are damaged, or made to harm whoever reads them."""

import struct

from documents.office import HEAD, SHEET, WORD, docx_of, package, relations, workbook, zipped_pieces
from documents.pdf import CATALOGUE, FIRST_PAGE, TREE, catalogue, pdf, stream, tree, written

MB = 1 << 20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def encrypted_pdf() -> bytes:
    """Return a PDF that asks for a password which nobody knows."""
    keys = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >> /ID [<00> <00>]" % (
        b"5a" * 32,
        b"a5" * 32,
    )
    return written({CATALOGUE: catalogue(), TREE: tree(0)}, keys)


def truncated_pdf(pages: list[str], *, kept: float) -> bytes:
    """Return the first part of a PDF, by its share of the whole."""
    whole = pdf(pages)
    return whole[: int(len(whole) * kept)]


def scanned_pdf(pages: int = 3) -> bytes:
    """Return a PDF whose pages are pictures alone."""
    picture = stream(
        b"\xff\x00\xff\x00",
        b"/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8",
    )
    objects = {CATALOGUE: catalogue(), TREE: tree(pages)}
    for number in range(FIRST_PAGE, FIRST_PAGE + 2 * pages, 2):
        objects[number] = (
            b"<< /Type /Page /Parent 2 0 R /Resources << /XObject << /I 3 0 R >> >> /Contents %d 0 R >>" % (number + 1)
        )
        objects[number + 1] = stream(b"q 500 0 0 700 40 60 cm /I Do Q")
    return written({**objects, 3: picture})


def encrypted_office() -> bytes:
    """Return what Office makes of a document with a password: another kind of container, without a zip."""
    entries = b"".join(
        name.encode("utf-16-le").ljust(128, b"\x00") for name in ("Root Entry", "EncryptionInfo", "EncryptedPackage")
    )
    return OLE.ljust(512, b"\x00") + entries + bytes(range(256)) * 20


def docx_bomb(megabytes: int = 300) -> bytes:
    """Return a Word document of some hundred KB that unpacks to so much."""
    paragraph = b"<w:p><w:r><w:t>" + b"bomb " * 200 + b"</w:t></w:r></w:p>"
    return _swollen("word/document.xml", f"<w:document {WORD}><w:body>", paragraph, "</w:body></w:document>", megabytes)


def xlsx_bomb(megabytes: int = 300) -> bytes:
    """Return a workbook of some hundred KB that unpacks to so much."""
    row = b"<row>" + b"<c><v>1</v></c>" * 100 + b"</row>"
    return _swollen(
        "xl/worksheets/sheet1.xml", f"<worksheet {SHEET}><sheetData>", row, "</sheetData></worksheet>", megabytes
    )


def misnamed_docx_bomb(megabytes: int = 300) -> bytes:
    """Return a Word document that unpacks to so much in a part that is not called as XML is."""
    return _swollen("word/document.dat", f"<w:document {WORD}><w:body>", b"<w:p/>", "</w:body></w:document>", megabytes)


def one_sheet_xlsx(sheets: int = 2_000) -> bytes:
    """Return a workbook of so many names for one sheet."""
    rows = '<row><c t="inlineStr"><is><t>cell</t></is></c></row>' * 10_000
    part = "worksheets/sheet1.xml"
    listed = "".join(f'<sheet name="Sheet {n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(1, sheets + 1))
    return package(
        "xl/workbook.xml",
        "spreadsheetml.sheet.main",
        {
            "xl/workbook.xml": f"<workbook {SHEET}><sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": relations([("worksheet", part)] * sheets),
            f"xl/{part}": f"<worksheet {SHEET}><sheetData>{rows}</sheetData></worksheet>",
        },
    )


def repeating_xlsx(cells: int = 200_000) -> bytes:
    """Return a workbook of so many cells that have one long text together."""
    cell = '<c t="s"><v>0</v></c>'
    sheet = f"<worksheet {SHEET}><sheetData><row>{cell * cells}</row></sheetData></worksheet>"
    text = f"<si><t>{'lorem ipsum ' * 100_000}</t></si>"
    return workbook(["Sheet"], {"xl/worksheets/sheet1.xml": sheet}, text)


def lying_zip(megabytes: int = 300) -> bytes:
    """Return a Word document that says it unpacks to a kilobyte, and does not."""
    bomb = bytearray(docx_bomb(megabytes))
    place = bomb.rindex(b"PK\x01\x02")
    while bomb[place + 46 : place + 63] != b"word/document.xml":
        place = bomb.rindex(b"PK\x01\x02", 0, place)
    struct.pack_into("<I", bomb, place + 24, 1_024)
    return bytes(bomb)


def billion_laughs_docx() -> bytes:
    """Return a Word document whose one word stands for a billion."""
    entities = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    laugh = f"<w:document {WORD}><w:body><w:p><w:r><w:t>&a9;</w:t></w:r></w:p></w:body></w:document>"
    return docx_of(f"<!DOCTYPE w:document [{entities}]>{laugh}")


def deep_docx(depth: int = 100_000) -> bytes:
    """Return a Word document whose elements lie so deep in each other."""
    return docx_of(f"<w:document {WORD}>{'<w:p>' * depth}<w:r><w:t>deep</w:t></w:r>{'</w:p>' * depth}</w:document>")


def deep_html(depth: int = 100_000) -> bytes:
    """Return a web page whose elements lie so deep in each other, with one word in the last."""
    return b"<html><body>" + b"<div>" * depth + b"deep" + b"</div>" * depth


def endless_html(megabytes: int = 8) -> bytes:
    """Return a web page of comments that never end."""
    return b"<html><body>" + b"<!-- " * (megabytes * MB // 5)


def greedy_html(megabytes: int = 8) -> bytes:
    """Return a web page whose one tag takes more memory to be parsed than a reader may have."""
    return b"<html><body><p>before</p>" + b"<a " * (megabytes * MB // 3)


def deep_json(depth: int = 100_000) -> bytes:
    """Return JSON whose lists lie so deep in each other."""
    return b"[" * depth + b"]" * depth


def _swollen(part: str, start: str, middle: bytes, end: str, megabytes: int) -> bytes:
    """Return a document with this part, in which the middle is repeated."""
    block = middle * (MB // len(middle))
    pieces = [(HEAD + start).encode(), *[block] * megabytes, end.encode()]
    return zipped_pieces({"_rels/.rels": [relations([("officeDocument", part)]).encode()], part: pieces})

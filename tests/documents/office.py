"""Office Open XML files with no more in them than a reader needs."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SLIDE = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{OFFICE}"'
)
SHEET = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{OFFICE}"'
FIRST_DAY = date(1899, 12, 30)

Cell = str | float | date


def docx(paragraphs: Sequence[str]) -> bytes:
    """Return a Word document of these paragraphs."""
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>' for text in paragraphs)
    return docx_of(f"<w:document {WORD}><w:body>{body}</w:body></w:document>")


def docx_of(document: str) -> bytes:
    """Return a Word document whose main part is this XML."""
    return package("word/document.xml", "wordprocessingml.document.main", {"word/document.xml": document})


def pptx(slides: Sequence[str]) -> bytes:
    """Return a presentation; the first line of each text is its slide's title."""
    parts = {f"ppt/slides/slide{number}.xml": _slide(text) for number, text in enumerate(slides, 1)}
    listed = "".join(f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in range(1, len(slides) + 1))
    parts["ppt/presentation.xml"] = f"<p:presentation {SLIDE}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
    parts["ppt/_rels/presentation.xml.rels"] = relations(
        [("slide", f"slides/slide{number}.xml") for number in range(1, len(slides) + 1)]
    )
    return package(
        "ppt/presentation.xml",
        "presentationml.presentation.main",
        parts,
        {name: "presentationml.slide" for name in parts if name.startswith("ppt/slides/")},
    )


def xlsx(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """Return a workbook of these sheets, each a list of rows; texts are kept in the shared table, as Excel does."""
    shared: dict[str, int] = {}
    parts = {f"xl/worksheets/sheet{number}.xml": _sheet(rows, shared) for number, rows in enumerate(sheets.values(), 1)}
    return workbook(list(sheets), parts, "".join(f"<si><t>{escape(text)}</t></si>" for text in shared))


def workbook(names: Sequence[str], sheets: Mapping[str, str], shared: str) -> bytes:
    """Return a workbook whose sheets are these parts, with this table of shared texts."""
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>' for number, name in enumerate(names, 1)
    )
    parts = {
        "xl/workbook.xml": f"<workbook {SHEET}><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(
            [
                *(("worksheet", name.removeprefix("xl/")) for name in sheets),
                ("sharedStrings", "sharedStrings.xml"),
                ("styles", "styles.xml"),
            ]
        ),
        **sheets,
        "xl/sharedStrings.xml": f"<sst {SHEET}>{shared}</sst>",
        "xl/styles.xml": f'<styleSheet {SHEET}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    return package(
        "xl/workbook.xml",
        "spreadsheetml.sheet.main",
        parts,
        {
            **dict.fromkeys(sheets, "spreadsheetml.worksheet"),
            "xl/sharedStrings.xml": "spreadsheetml.sharedStrings",
            "xl/styles.xml": "spreadsheetml.styles",
        },
    )


def package(main: str, kind: str, parts: Mapping[str, str], kinds: Mapping[str, str] | None = None) -> bytes:
    """Return the zip of these parts, with the lists that say what each is."""
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{TYPES}.{its}+xml"/>'
        for name, its in {main: kind, **(kinds or {})}.items()
    )
    listed = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": relations([("officeDocument", main)]),
    }
    return zipped({name: (HEAD + text).encode() for name, text in {**listed, **parts}.items()})


def relations(targets: Sequence[tuple[str, str]]) -> str:
    """Return a part that names others, by kind and path, as rId1, rId2 and so on."""
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def zipped(entries: Mapping[str, bytes]) -> bytes:
    """Return a zip of these entries."""
    return zipped_pieces({name: [content] for name, content in entries.items()})


def zipped_pieces(entries: Mapping[str, Iterable[bytes]]) -> bytes:
    """Return a zip of entries that are too large to be held whole."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, pieces in entries.items():
            with archive.open(name, "w") as part:
                for piece in pieces:
                    part.write(piece)
    return buffer.getvalue()


def _slide(text: str) -> str:
    title, *lines = text.splitlines() or [""]
    shapes = _shape(2, '<p:ph type="title"/>', [title]) + (_shape(3, "", lines) if lines else "")
    return (
        f'<p:sld {SLIDE}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/>'
        f"</p:nvGrpSpPr><p:grpSpPr/>{shapes}</p:spTree></p:cSld></p:sld>"
    )


def _shape(number: int, placeholder: str, lines: Sequence[str]) -> str:
    paragraphs = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in lines)
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="Text {number}"/><p:cNvSpPr/><p:nvPr>{placeholder}</p:nvPr>'
        f"</p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>{paragraphs}</p:txBody></p:sp>"
    )


def _sheet(rows: Sequence[Sequence[Cell]], shared: dict[str, int]) -> str:
    written = "".join(
        f'<row r="{number}">{"".join(_cell(number, place, value, shared) for place, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    return f"<worksheet {SHEET}><sheetData>{written}</sheetData></worksheet>"


def _cell(row: int, column: int, value: Cell, shared: dict[str, int]) -> str:
    place = f"{_letters(column)}{row}"
    if isinstance(value, str):
        return f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{(value - FIRST_DAY).days}</v></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def _letters(column: int) -> str:
    high, low = divmod(column, 26)
    return (_letters(high - 1) if high else "") + chr(ord("A") + low)

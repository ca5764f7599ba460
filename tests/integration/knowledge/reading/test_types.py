"""What is read of each type, and what each file is taken for."""

import codecs
import io
import json
import zipfile
from datetime import date
from html import escape

import pytest

import documents
from documents.office import SHEET, SLIDE, WORD, Cell, docx_of, relations, workbook, zipped, zipped_pieces
from knowledge.reading.readings import Readings, peak_mb
from retinue.knowledge.reading.base import Unreadable


def misnamed_book() -> bytes:
    """Return an EPUB that unpacks to 300 MB in a part that is not called as a page is."""
    return zipped_pieces({"mimetype": [b"application/epub+zip"], "page.dat": [bytes(1 << 20)] * 300})


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
SECRET = "R&D's budget <draft> is 4,000 €, naïve as that is"


def test_each_page_of_a_pdf_has_its_number(readings: Readings) -> None:
    windows = readings.read(documents.pdf(["The first page.", "", "The third (and last) page."]), "a.pdf")
    assert [(window.page, window.text) for window in windows] == [
        (1, "The first page.\n"),
        (3, "The third (and last) page.\n"),
    ]


def test_words_that_a_pdf_parts_at_a_lines_end_are_whole(readings: Readings) -> None:
    assert readings.text(documents.pdf(["an exam-\nple of\nlines"]), "a.pdf") == "an example of\nlines\n"


def test_the_lines_of_a_paragraph_in_a_pdf_are_one_and_other_lines_are_not(readings: Readings) -> None:
    paragraph = ["Whoever lifts the lid of the old green chest will", "find that the coins in it are of no kingdom."]
    others = ["a list of them follows", "on the next page"]
    text = readings.text(documents.pdf(["\n".join([*paragraph, *others])]), "a.pdf")
    assert text == "\n".join([" ".join(paragraph), *others, ""])


def test_each_slide_of_a_presentation_is_a_page(readings: Readings) -> None:
    windows = readings.read(documents.pptx([f"Title\n{SECRET}", "Another\nline"]), "a.pptx")
    assert [(window.page, window.text) for window in windows] == [(1, f"Title\n{SECRET}\n"), (2, "Another\nline\n")]


def test_each_sheet_of_a_workbook_is_a_page_headed_by_its_name(readings: Readings) -> None:
    sheets: dict[str, list[list[Cell]]] = {
        "Staff & pay": [["Name", "Pay"], ["Ann", 0.1 + 0.2], ["Bob", 12], ["since", date(2024, 3, 1)]],
        "Empty": [],
        "Notes": [[SECRET]],
    }
    windows = readings.read(documents.xlsx(sheets), "a.xlsx")
    assert [(window.page, window.text) for window in windows] == [
        (1, "Staff & pay\nName\tPay\nAnn\t0.3\nBob\t12\nsince\t2024-03-01\n"),
        (2, "Empty\n"),
        (3, f"Notes\n{SECRET}\n"),
    ]


def test_how_a_cell_is_pronounced_is_left_out_and_its_text_is_not(readings: Readings) -> None:
    spoken = '<rPh sb="0" eb="1"><t>{}</t></rPh>'
    texts = [f"<si><t>Tokyo</t>{spoken.format(kana)}</si>" for kana in ("", "a", "kana " * 40_000)]
    alone = f"<si>{spoken.format('')}</si>"
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in range(4))
    inline = f'<c t="inlineStr"><is><t>Osaka</t>{spoken.format("kana")}</is></c>'
    sheet = f"<worksheet {SHEET}><sheetData><row>{cells}{inline}</row></sheetData></worksheet>"
    content = workbook(["Sheet"], {"xl/worksheets/sheet1.xml": sheet}, "".join([*texts, alone]))
    assert readings.text(content, "a.xlsx") == "Sheet\nTokyo\tTokyo\tTokyo\t\tOsaka\n"


def test_a_text_that_many_cells_share_is_in_each_of_them(readings: Readings) -> None:
    rows: list[list[Cell]] = [[number, "a category of some length " * 8] for number in range(20_000)]
    assert len(readings.text(documents.xlsx({"Sheet": rows}), "a.xlsx")) > 4_000_000


def test_notes_behind_many_slides_are_read_once(readings: Readings) -> None:
    content = io.BytesIO(documents.pptx(["One", "Two"]))
    with zipfile.ZipFile(content, "a") as archive:
        for number in (1, 2):
            archive.writestr(f"ppt/slides/_rels/slide{number}.xml.rels", relations([("notesSlide", "../notes.xml")]))
        archive.writestr("ppt/notes.xml", f"<p:notes {SLIDE}><a:p><a:r><a:t>Noted</a:t></a:r></a:p></p:notes>")
    assert readings.text(content.getvalue(), "a.pptx") == "One\nNoted\nTwo\n"


def test_a_word_document_is_read_paragraph_by_paragraph(readings: Readings) -> None:
    assert readings.text(documents.docx([SECRET, "", "second"]), "a.docx") == f"{SECRET}\nsecond\n"


def test_a_table_in_a_word_document_is_read_row_by_row(readings: Readings) -> None:
    def cell(text: str) -> str:
        return f"<w:tc><w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    rows = "".join(f"<w:tr>{cell(first)}{cell(second)}</w:tr>" for first, second in [("a", "b"), ("c", "d")])
    document = f"<w:document {WORD}><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>"
    assert readings.text(docx_of(document), "a.docx") == "a\tb\t\nc\td\t\n"


def test_a_web_page_is_read_without_markup_and_scripts(readings: Readings) -> None:
    assert readings.text(documents.html("A & B", [SECRET, "x"]), "a.html") == f"A & B\nA & B\n{SECRET}\nx\n"


def test_what_begins_no_tag_is_text_and_as_fast_as_any(readings: Readings) -> None:
    assert readings.text(b"<html>1 << 2 < 3<<b>4</b>", "a.html") == "1 << 2 < 3<4"
    assert readings.text(b"<html>" + b"<" * 2_000_000, "a.html") == "<" * 2_000_000


def test_preformatted_text_of_a_web_page_keeps_its_lines(readings: Readings) -> None:
    markup = b"<html><p>one\n  line<pre>def f():\n    pass</pre><table><tr><td>1<td>2<tr><th>3<th>4</table>end"
    assert readings.text(markup, "a.htm") == "one line\ndef f():\n    pass\n1\t2\n3\t4\nend"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.json", "a.tex", "a.py", "a.php", "a", "a.unknown"])
def test_text_is_read_as_it_stands(readings: Readings, name: str) -> None:
    text = '# Title\n```py\nif a < b: print("&amp;")\n```\n| a | b |\n<?php echo 1 ?>\n<|endoftext|>\n'
    assert readings.text(text.encode(), name) == text


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + SECRET.encode(),
        SECRET.encode(),
        SECRET.encode("utf-16"),
        SECRET.encode("utf-16-le"),
        SECRET.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + SECRET.encode("utf-32-le"),
        SECRET.encode("cp1252"),
        SECRET.replace("\n", "\r\n").encode(),
    ],
)
def test_text_is_decoded_whatever_its_encoding(readings: Readings, content: bytes) -> None:
    assert readings.text(content, "a.txt") == SECRET


@pytest.mark.parametrize("mark", [codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF8])
def test_what_is_not_as_its_mark_claims_is_no_text(readings: Readings, mark: bytes) -> None:
    with pytest.raises(Unreadable) as fault:
        readings.text(mark + b"\x01\xd8\xff\xfe" * 2_000, "a.txt")
    assert fault.value.failure == "unsupported_file"


def test_a_marked_text_that_was_cut_in_a_character_is_read(readings: Readings) -> None:
    assert readings.text((SECRET * 10).encode("utf-16")[:-1], "a.txt").startswith(SECRET)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_chinese_text_is_decoded_without_a_mark_too(readings: Readings, encoding: str) -> None:
    text = "会议记录：水泵明天早上七点检查。请带上旧的图纸，不要忘记钥匙。\n" * 2_000
    assert readings.text(text.encode(encoding), "a.txt") == text


def test_a_byte_of_another_encoding_late_in_a_text_is_decoded_too(readings: Readings) -> None:
    content = b"plain text\n" * 20_000 + "naïve".encode("cp1252")
    assert readings.text(content, "a.txt").endswith("naïve")


def test_control_characters_are_left_out(readings: Readings) -> None:
    assert readings.text(b"a" * 500 + b"\x00\x1b[31mred\x1f\x7f", "a.txt") == "a" * 500 + "  [31mred  "


@pytest.mark.parametrize("name", ["a.docx", "a.txt", "a", "a.png"])
def test_a_pdf_is_read_as_one_whatever_it_is_called(readings: Readings, name: str) -> None:
    assert readings.text(documents.pdf(["A page."]), name) == "A page.\n"


def test_a_web_page_called_a_document_is_read_as_a_web_page(readings: Readings) -> None:
    assert readings.text(b"\xef\xbb\xbf \n<HTML><p>A page.", "a.doc") == "A page."


def test_source_that_begins_as_a_web_page_is_source(readings: Readings) -> None:
    assert readings.text(b"<html><?php f() ?>", "a.php") == "<html><?php f() ?>"


def test_rich_text_and_open_documents_are_read(readings: Readings) -> None:
    assert readings.text(rb"{\rtf1\ansi R&D \b bold\b0\par caf\'e9}", "a.rtf") == "R&D bold\n\ncafé"
    assert readings.text(open_document(SECRET), "a").strip() == SECRET


@pytest.mark.parametrize(
    ("content", "name", "code", "what"),
    [
        (b"", "a.txt", "invalid_file", "empty"),
        (b" \n\t\r\n ", "a.md", "invalid_file", "empty"),
        (PNG, "a.txt", "unsupported_file", "a PNG picture"),
        (PNG, "a.pdf", "unsupported_file", "a PNG picture"),
        (bytes(range(256)) * 100, "a.txt", "unsupported_file", "save it as UTF-8"),
        (b"\x7fELF" + bytes(500), "a.py", "unsupported_file", "a program"),
        (zipped({"notes.txt": b"not a document"}), "a.pdf", "unsupported_file", "zip archive"),
        (b"PK\x03\x04 no zip", "a.docx", "invalid_file", "damaged"),
        (b"%PDF-1.7\nno pdf\n%%EOF\n", "a.pdf", "invalid_file", "damaged"),
        (b"%PDF-1.7\nno end", "a.pdf", "invalid_file", "cut off"),
        (b"%PDF-1.4\n" + b"1" * 3_000_000, "a.pdf", "invalid_file", "cut off"),
        (documents.encrypted_pdf(), "a.pdf", "invalid_file", "encrypted"),
        (documents.encrypted_office(), "a.xlsx", "invalid_file", "encrypted"),
        (documents.scanned_pdf(), "a.pdf", "invalid_file", "OCR"),
        (documents.pptx(["", ""]), "a.pptx", "invalid_file", "No text"),
        (documents.html("", []), "a.html", "invalid_file", "No text"),
        (documents.billion_laughs_docx(), "a.docx", "invalid_file", "XML entities"),
        (documents.docx_bomb(), "a.docx", "invalid_file", "unpacks to 299 MB"),
        (documents.xlsx_bomb(), "a.xlsx", "invalid_file", "unpacks to 299 MB"),
        (documents.misnamed_docx_bomb(), "a.docx", "invalid_file", "unpacks to 299 MB"),
        (misnamed_book(), "a.epub", "invalid_file", "unpacks to 300 MB"),
        (documents.one_sheet_xlsx(), "a.xlsx", "invalid_file", "one and the same"),
        (documents.repeating_xlsx(), "a.xlsx", "invalid_file", "repeat long texts"),
        (documents.lying_zip(), "a.docx", "invalid_file", "damaged"),
        (documents.endless_html(), "a.html", "invalid_file", "No text"),
        (documents.greedy_html(), "a.html", "server_error", "more memory"),
    ],
)
def test_what_can_not_be_read_is_told_and_the_next_file_is_read(
    readings: Readings, content: bytes, name: str, code: str, what: str
) -> None:
    with pytest.raises(Unreadable) as raised:
        readings.read(content, name)
    assert raised.value.code == code
    assert what in raised.value.message
    assert raised.value.message.endswith(".")
    assert readings.text(b"The next file.", "b.txt") == "The next file."
    assert peak_mb(readings.reader) < 450


def test_depth_alone_harms_nothing(readings: Readings) -> None:
    assert readings.text(documents.deep_html(), "a.html") == "deep\n"
    assert readings.text(documents.deep_docx(), "a.docx") == "deep\n"
    deep = documents.deep_json()
    assert readings.text(deep, "a.json") == deep.decode()


@pytest.mark.parametrize("kept", [0.01, 0.3, 0.6, 0.95])
def test_a_pdf_that_is_cut_off_is_told_and_no_part_of_it_passes_for_the_whole(readings: Readings, kept: float) -> None:
    pages = [f"This is page {number} of two hundred." for number in range(1, 201)]
    for content in (documents.truncated_pdf(pages, kept=kept), linearized(documents.pdf(pages), kept=kept)):
        with pytest.raises(Unreadable, match="Upload the whole file") as raised:
            readings.read(content, "a.pdf")
        assert raised.value.code == "invalid_file"


def test_a_pdf_made_for_the_web_is_read_though_it_was_added_to(readings: Readings) -> None:
    content = linearized(documents.pdf(["A page."]), kept=1.0)
    assert readings.text(content + b"\n" * 2_000, "a.pdf") == "A page.\n"


def test_a_page_of_a_pdf_that_can_not_be_read_leaves_the_others(readings: Readings) -> None:
    content = documents.pdf(["The first page.", "The second page.", "The third page."])
    broken = content.replace(b"6 0 obj\n<< /Type /Page", b"6 0 obj\n<< /Type /Rage")
    assert broken != content
    assert [window.page for window in readings.read(broken, "a.pdf")] == [1, 3]


def test_a_pdf_that_is_cut_off_before_any_text_is_not_taken_for_pictures(readings: Readings) -> None:
    for kept in (0.3, 0.5):
        with pytest.raises(Unreadable, match="cut off"):
            readings.read(documents.truncated_pdf(["The first page."], kept=kept), "half.pdf")
    with pytest.raises(Unreadable, match="pictures"):
        readings.read(documents.scanned_pdf(), "scan.pdf")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\nb.txt", "a\x00.txt", "", ".", "/", "\udcff.txt", "x" * 5_000])
def test_a_files_name_can_be_anything(readings: Readings, name: str) -> None:
    assert readings.text(b"content", name) == "content"


def test_long_json_lines_are_cut_too(readings: Readings) -> None:
    content = json.dumps([{"number": number, "name": f"person {number}"} for number in range(2_000)])
    windows = readings.read(content.encode(), "a.json")
    assert len(windows) > 50
    assert "".join(window.text for window in windows) == content


def open_document(text: str) -> bytes:
    schema = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{schema}office:1.0" xmlns:text="{schema}text:1.0"><office:body>'
        f"<office:text><text:p>{escape(text)}</text:p></office:text></office:body></office:document-content>"
    )
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})


def linearized(content: bytes, *, kept: float) -> bytes:
    """Return a share of a PDF as they are made for the web: its length and an end stand at its start."""
    head = b"%%PDF-1.4\n99 0 obj\n<< /Linearized 1 /L %010d >>\nendobj\nstartxref\n0\n%%%%EOF\n"
    whole = head % (len(content) + len(head % 0)) + content
    return whole[: max(len(head), int(len(whole) * kept))]

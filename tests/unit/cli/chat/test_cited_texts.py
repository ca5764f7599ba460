"""Texts of stored messages as the terminal shows them again."""

import msgspec

from retinue.cli.chat.texts import Text


def test_markers_become_numbers_and_their_sources_stand_below() -> None:
    text = "Thirty days【1:0†source】. Paid【1:1†source】 and long【1:0†source】."
    marks = []
    for place, page in ((11, 3), (29, None), (50, 3)):
        own = {"file_name": "handbook.pdf", "page": page}
        citation = {"start_index": place, "end_index": place + 12, "file_citation": {"file_id": "f"}, "retinue": own}
        marks.append(citation)
    shown = msgspec.convert({"value": text, "annotations": marks}, Text).cited
    assert shown == "Thirty days[1]. Paid[2] and long[1].\n\n[1] handbook.pdf, page 3  \n[2] handbook.pdf"


def test_what_is_no_citation_stays_and_so_does_a_text_without_any() -> None:
    link = {"start_index": 0, "end_index": 4, "file_path": {"file_id": "f"}}
    assert msgspec.convert({"value": "Link", "annotations": [link]}, Text).cited == "Link"
    assert Text(value="As it is").cited == "As it is"

"""What v1 says otherwise than v2."""

from retinue.api.assistants import render as v2
from retinue.api.assistants.v1 import render as v1
from retinue.core.citations import Mark, stored
from retinue.core.item import Annotation, Message, Text

MARKER = "【4:0†source】"


CITED = Annotation(kind="file_citation", file_id="file-1", start=0, end=0, quote="so it is")


def test_each_generation_shows_citations_in_its_form() -> None:
    text = stored(f"Yes{MARKER}", [Mark(CITED, 3, 3 + len(MARKER), MARKER)])
    message = Message(id="m", thread_id="t", role="assistant", created_at=0, content=(text, Text("plain")))
    [new, plain] = v2.message(message)["content"]
    [old, _] = v1.message(message)["content"]
    assert plain["text"]["annotations"] == []
    assert new["text"] == {
        "value": f"Yes{MARKER}",
        "annotations": [
            {
                "type": "file_citation",
                "text": MARKER,
                "start_index": 3,
                "end_index": 3 + len(MARKER),
                "file_citation": {"file_id": "file-1"},
                "retinue": {"quote": "so it is"},
            }
        ],
    }
    assert old["text"]["annotations"][0]["file_citation"] == {"file_id": "file-1", "quote": "so it is"}

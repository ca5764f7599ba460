"""Names of files are data, and uploads say why they take nothing any more."""

import re

import pytest
from msgspec import structs

from retinue.core.errors import InvalidRequest
from retinue.core.file import FileDraft, clean_name
from retinue.core.ids import new_id
from retinue.core.upload import MAX_PARTS, MAX_UPLOAD_BYTES, Upload, UploadStatus, check_pending, check_room

DRAFT = FileDraft(name="a.txt", purpose="assistants")
UPLOAD = Upload(id="upload_1", created_at=100, expires_at=3_700, file=DRAFT, size=3, mime_type="text/plain")


def test_an_id_of_a_file_has_a_hyphen() -> None:
    assert re.fullmatch(r"file-[0-9A-Za-z]{24}", new_id("file", joint="-"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.txt", "a.txt"),
        ("/", "upload"),
        ("..", "upload"),
        (".", "upload"),
        ("", "upload"),
        ("  ", "upload"),
        (".profile", ".profile"),
        ("a\x00b\r\n\x7f\x85c", "a_b____c"),
        ("a\u2028b", "a_b"),
        ("Ünï 🧵", "Ünï 🧵"),
    ],
)
def test_a_name_is_never_a_path_and_can_be_shown(given: str, kept: str) -> None:
    assert clean_name(given, param="file") == kept


def test_a_name_has_512_characters_at_most() -> None:
    assert clean_name("n" * 512, param="file") == "n" * 512
    with pytest.raises(InvalidRequest, match="length 513"):
        clean_name("n" * 513, param="file")


def test_files_of_batches_expire_by_themselves() -> None:
    assert DRAFT.expires_at(10) is None
    assert structs.replace(DRAFT, purpose="batch").expires_at(10) == 10 + 30 * 86_400
    assert structs.replace(DRAFT, purpose="batch", expires_after_s=3_600).expires_at(10) == 3_610


def test_a_pending_upload_takes_parts_for_an_hour() -> None:
    check_pending(UPLOAD, now=3_699)
    with pytest.raises(InvalidRequest, match="expired"):
        check_pending(UPLOAD, now=3_700)


@pytest.mark.parametrize("status", ["completed", "cancelled", "expired"])
def test_an_upload_that_ended_says_how(status: UploadStatus) -> None:
    with pytest.raises(InvalidRequest, match=status):
        check_pending(structs.replace(UPLOAD, status=status, file_id="file-1"), now=0)


def test_an_upload_takes_so_many_parts_and_bytes() -> None:
    check_room(structs.replace(UPLOAD, parts=MAX_PARTS - 1, stored=MAX_UPLOAD_BYTES - 5), 5)
    for full in (structs.replace(UPLOAD, parts=MAX_PARTS), structs.replace(UPLOAD, stored=MAX_UPLOAD_BYTES - 4)):
        with pytest.raises(InvalidRequest, match="10000 parts and 8 GB"):
            check_room(full, 5)

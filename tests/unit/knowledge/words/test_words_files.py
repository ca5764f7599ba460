"""An index in a folder: it comes back as it was, and what is torn or foreign is noticed."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retinue.knowledge.words import UnreadableIndex, Words, bags_of

BAGS = [{term: 1 + (row + term) % 3 for term in range(row % 5, 9, 2)} for row in range(40)]
QUERY = {0: 1, 3: 2, 4: 1, 77: 1}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    words = Words()
    words.add(bags_of(BAGS[:30]))
    words.add(bags_of(BAGS[30:]))
    words.remove(np.array([2, 35]))
    words.mark = 7
    words.save(tmp_path / "index")
    return tmp_path / "index"


def answers(words: Words) -> tuple[list[int], list[float]]:
    rows, scores = words.best(QUERY, limit=10)
    return rows.tolist(), scores.tolist()


def test_what_is_opened_answers_as_what_was_saved(saved: Path) -> None:
    words = Words()
    words.add(bags_of(BAGS))
    words.remove(np.array([2, 35]))
    opened = Words.open(saved)
    assert answers(opened) == answers(words)
    assert (len(opened), opened.mark) == (40, 7)
    assert opened.nbytes < words.nbytes


def test_a_saved_index_grows_and_shrinks_like_any_other(saved: Path) -> None:
    opened = Words.open(saved)
    opened.add(bags_of(BAGS))
    opened.remove(np.arange(10, 30))
    opened.save(saved)
    again = Words.open(saved)
    assert answers(again) == answers(opened)
    assert answers(again)[0]
    assert not set(answers(again)[0]) & {2, 35, *range(10, 30)}


def test_only_what_changed_is_written_again(saved: Path) -> None:
    before = {path: path.stat().st_ino for path in saved.glob("*.postings")}
    opened = Words.open(saved)
    opened.add(bags_of(BAGS[:1]))
    opened.save(saved)
    after = {path: path.stat().st_ino for path in saved.glob("*.postings")}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1


def test_an_index_that_is_saved_elsewhere_is_whole_there(saved: Path, tmp_path: Path) -> None:
    opened = Words.open(saved)
    opened.save(tmp_path / "copy")
    assert answers(Words.open(tmp_path / "copy")) == answers(Words.open(saved))


def test_files_that_a_crash_left_are_swept_away(saved: Path) -> None:
    (saved / "99.postings").write_bytes(b"half of")
    (saved / "contents.new").write_bytes(b"half of")
    opened = Words.open(saved)
    opened.save(saved)
    assert answers(Words.open(saved)) == answers(opened)
    assert not (saved / "99.postings").exists()
    assert not (saved / "contents.new").exists()


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_torn_or_foreign_file_is_noticed(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("index")
    words = Words()
    words.add(bags_of(BAGS))
    words.save(folder)
    path = data.draw(st.sampled_from(sorted(folder.iterdir())))
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:cut] + bytes([whole[cut] ^ 1 << cut % 8]) + whole[cut + 1 :]
    torn = [whole[:cut], whole + b"\0", b"x" * len(whole), b"\0" * len(whole), flipped]
    path.write_bytes(data.draw(st.sampled_from(torn)))
    with pytest.raises(UnreadableIndex, match="index of words"):
        Words.open(folder)


def test_a_folder_without_an_index_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableIndex):
        Words.open(tmp_path / "nothing")

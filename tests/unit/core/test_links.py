"""Links to files that code wrote, found while a model speaks: what becomes one, where it stands, what is held back."""

import itertools

import histories as h
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from retinue.core.citations import Mark, interleaved, shown
from retinue.core.citing import MAX_CITATIONS, Scanner, Sources, marker_of
from retinue.core.item import Hit, Text, ToolOutput, Written
from retinue.core.links import BEGINS, link_to

PATHS = ("sales.csv", "sales.csv.gz", "my chart.png", "Übersicht (1).txt", "a/b.txt", "a/b")


def wrote(*paths: str, ids: str = "file") -> ToolOutput:
    files = tuple(Written(path, f"{ids}-{path}") for path in paths)
    return structs.replace(h.output(h.call("a")), files=files)


HIT = Hit(file_id="file-1", file_name="a.pdf", score=0.5, marker=marker_of(4, 0), start=0, end=2)
OUTPUTS = (wrote(*PATHS), structs.replace(h.output(h.call("b")), hits=(HIT,)))


def scanned(*pieces: str, outputs: tuple[ToolOutput, ...] = OUTPUTS) -> list[str | Mark]:
    """All that was told, one after the other."""
    scanner = Scanner(Sources(outputs))
    groups = [*itertools.chain.from_iterable(scanner.take((piece,)) for piece in pieces), *scanner.end()]
    return flat(groups)


def flat(groups: list[list[str] | Mark]) -> list[str | Mark]:
    return [one for group in groups for one in ([group] if isinstance(group, Mark) else group)]


def linked(*pieces: str) -> list[tuple[str, str]]:
    return [(one.text, one.annotation.file_id) for one in scanned(*pieces) if isinstance(one, Mark)]


def stored(told: list[str | Mark]) -> Text:
    """The text as the recorder stores it."""
    pieces = [one.text if isinstance(one, Mark) else one for one in told if not _is_marker(one)]
    return Text("".join(pieces), tuple(one.annotation for one in told if isinstance(one, Mark)))


def _is_marker(one: str | Mark) -> bool:
    return isinstance(one, Mark) and bool(one.annotation.marker)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (f"[Sales]({BEGINS}sales.csv).", ["sales.csv"]),
        (f"{BEGINS}sales.csv", ["sales.csv"]),
        (f"{BEGINS}sales.csv. Then", ["sales.csv"]),
        (f"{BEGINS}sales.csv.gz", ["sales.csv.gz"]),
        (f"{BEGINS}sales.csv.g", []),
        (f"{BEGINS}sales.csvx", []),
        (f"{BEGINS}sales.csvを見る", ["sales.csv"]),
        (f"{BEGINS}my%20chart.png)", ["my chart.png"]),
        (f"{BEGINS}my chart.png)", ["my chart.png"]),
        (f"{BEGINS}%C3%9Cbersicht%20%281%29.txt)", ["Übersicht (1).txt"]),
        (f"{BEGINS}%C3%9Cbersicht%20(1).txt)", ["Übersicht (1).txt"]),
        (f"{BEGINS}a/b.txt {BEGINS}a/b", ["a/b.txt", "a/b"]),
        (f"{BEGINS}a/b.tx", []),
        (f"{BEGINS}{BEGINS}a/b", ["a/b"]),
        (f"{BEGINS}never.csv", []),
        ("/mnt/data/sales.csv", []),
    ],
)
def test_a_path_that_code_wrote_is_a_link(text: str, links: list[str]) -> None:
    assert [id_ for _, id_ in linked(text)] == [f"file-{path}" for path in links]
    assert stored(scanned(text)).value == text


@pytest.mark.parametrize("path", [*PATHS, "100%.txt", "tab\there", "a]b>.txt", "it's.txt", "半.txt"])
def test_what_a_model_is_told_to_link_is_a_link(path: str) -> None:
    (mark,) = (one for one in scanned(f"[x]({link_to(path)})", outputs=(wrote(path),)) if isinstance(one, Mark))
    assert (mark.text, mark.annotation.file_id) == (link_to(path), f"file-{path}")


def test_the_newest_file_of_a_path_is_linked() -> None:
    outputs = wrote("a.txt", ids="old"), wrote("a.txt", ids="new")
    (mark,) = (one for one in scanned(f"{BEGINS}a.txt", outputs=outputs) if isinstance(one, Mark))
    assert mark.annotation.file_id == "new-a.txt"


def test_a_link_marks_its_piece_of_the_text() -> None:
    text = stored(scanned(f"So【4:0†source】: [x]({BEGINS}sales.csv), so【4:0†source】"))
    assert [text.value[mark.start : mark.end] for mark in text.annotations] == ["", f"{BEGINS}sales.csv", ""]
    whole, marks = shown(text)
    assert [whole[mark.start : mark.end] for mark in marks] == [
        "【4:0†source】",
        f"{BEGINS}sales.csv",
        "【4:0†source】",
    ]


def test_text_is_held_back_only_while_it_may_become_a_link() -> None:
    scanner = Scanner(Sources([wrote("sales.csv", "sales.csv.gz")]))
    assert scanner.take(("As",)) == [["A"]]
    assert scanner.take((" is",)) == [["s i"]]
    assert scanner.take(("andbox",)) == []
    assert scanner.take((" of ", BEGINS)) == [["sandbox of "]]
    assert scanner.take(("no",)) == [[f"{BEGINS}no"]]
    assert scanner.take((f"{BEGINS}sales.csv",)) == []
    found, rest = scanner.take((")",))
    assert isinstance(found, Mark)
    assert (found.text, rest) == (f"{BEGINS}sales.csv", [")"])


WORDS = st.sampled_from(
    [
        BEGINS,
        *PATHS,
        "my%20chart.png",
        "【4:0†source】",
        "【",
        ")",
        ". ",
        ".",
        "s",
        "sand",
        "sandbox:",
        "é",
        "\U0001f600",
    ]
)


@given(st.lists(WORDS, max_size=20).map("".join), st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_however_a_text_is_cut_the_same_is_stored_and_shown(text: str, sizes: list[int]) -> None:
    pieces, place = [], 0
    for size in itertools.cycle(sizes):
        if place >= len(text):
            break
        pieces.append(text[place : place + size])
        place += size
    told = scanned(*pieces)
    assert stored(told) == stored(scanned(text))
    assert "".join(one.text if isinstance(one, Mark) else one for one in told) == shown(stored(told))[0] == text
    assert [one for one in told if isinstance(one, Mark)] == shown(stored(told))[1]


@given(st.lists(WORDS, max_size=20))
def test_what_was_told_is_told_again_from_what_is_stored(pieces: list[str]) -> None:
    told = scanned(*pieces)
    said = [one.text if isinstance(one, Mark) else one for one in told if not _is_marker(one)]
    assert flat(list(interleaved(stored(told), said))) == told


@given(st.text(alphabet=f"{BEGINS}les.cvgz", max_size=120))
def test_nothing_is_held_back_for_long(text: str) -> None:
    scanner, said = Scanner(Sources(OUTPUTS)), 0
    for count, letter in enumerate(text, start=1):
        said += sum(len(one.text if isinstance(one, Mark) else one) for one in flat(scanner.take((letter,))))
        assert count - said <= len(BEGINS) + 40


def test_a_message_has_a_bounded_number_of_links() -> None:
    text = f"({BEGINS}a/b)" * (MAX_CITATIONS + 3)
    assert len(linked(text)) == MAX_CITATIONS
    assert stored(scanned(text)).value == text

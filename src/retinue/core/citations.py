"""Texts with their citations: stored clean, shown with markers, and taken apart again when they are imported."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, structs

from retinue.core.item import Annotation, Text


class Mark(Struct, frozen=True):
    """An annotation as a door shows it: offsets in code points of the shown text, and the piece between them."""

    annotation: Annotation
    start: int
    end: int
    text: str


def shown(text: Text) -> tuple[str, list[Mark]]:
    """Return the text with its markers inserted, and the annotations, in their order, with their places in it."""
    if not text.annotations:
        return text.value, []
    pieces: list[str] = []
    marks: dict[int, Mark] = {}
    taken = added = 0
    for index, annotation in sorted(enumerate(text.annotations), key=lambda pair: pair[1].end):
        pieces += (text.value[taken : annotation.end], annotation.marker)
        taken = max(taken, annotation.end)
        start, end = annotation.start + added, annotation.end + added + len(annotation.marker)
        added += len(annotation.marker)
        piece = annotation.marker or text.value[annotation.start : annotation.end]
        marks[index] = Mark(annotation, start, end, piece if annotation.text is None else annotation.text)
    return "".join([*pieces, text.value[taken:]]), [marks[index] for index in sorted(marks)]


def interleaved(text: Text, pieces: Iterable[str]) -> Iterator[list[str] | Mark]:
    """Yield the pieces that a text was said in, those that follow one another together, and its marks in their places.

    No piece reaches over the place of a marker; a link is a piece of its own.
    """
    rest, reached = iter(pieces), 0
    before: list[str] = []
    for mark in shown(text)[1]:
        while reached < mark.start:
            before.append(next(rest))
            reached += len(before[-1])
        if not mark.annotation.marker and next(rest, None) is None:
            continue
        if before:
            yield before
            before = []
        yield mark
        reached = mark.end
    if after := [*before, *rest]:
        yield after


def stored(value: str, marks: Iterable[Mark]) -> Text:
    """Return the text that is shown as `value` with these marks: `shown` gives both back exactly, in their order.

    A marker is taken out of the text where a citation's offsets lead to it and no other mark reaches into it. Where
    offsets are so far off that this can't be undone, what is shown is stored as it is.
    """
    given = list(marks)
    clean = _clean(value, given)
    back, placed = shown(clean)
    if back == value and list(map(_seen, placed)) == list(map(_seen, given)):
        return clean
    return Text(value, tuple(_as_shown(value, mark, removed=0) for mark in given))


def _clean(value: str, marks: Sequence[Mark]) -> Text:
    order = sorted(range(len(marks)), key=lambda index: (marks[index].start, marks[index].end))
    pieces: list[str] = []
    annotations: dict[int, Annotation] = {}
    taken = removed = 0
    for index, alone in zip(order, _alone([marks[index] for index in order]), strict=True):
        mark = marks[index]
        said = value[mark.start : mark.end]
        if mark.annotation.kind == "file_citation" and alone and said and said == mark.text:
            pieces.append(value[taken : mark.start])
            place = mark.start - removed
            annotations[index] = structs.replace(mark.annotation, start=place, end=place, marker=said, text=None)
            taken, removed = mark.end, removed + len(said)
        else:
            annotations[index] = _as_shown(value, mark, removed=removed)
    return Text("".join([*pieces, value[taken:]]), tuple(annotations[index] for index in sorted(annotations)))


def _alone(ordered: Sequence[Mark]) -> Iterator[bool]:
    """Whether each mark shares no character with any other."""
    reached = 0
    for index, mark in enumerate(ordered):
        following = ordered[index + 1].start if index + 1 < len(ordered) else mark.end
        yield mark.start >= reached and mark.end <= following
        reached = max(reached, mark.end)


def _as_shown(value: str, mark: Mark, *, removed: int) -> Annotation:
    """The annotation with its piece left in the text, from which so many characters were taken before it."""
    text = None if value[mark.start : mark.end] == mark.text else mark.text
    start, end = mark.start - removed, mark.end - removed
    return structs.replace(mark.annotation, start=start, end=end, marker="", text=text)


def _seen(mark: Mark) -> tuple[int, int, str]:
    return mark.start, mark.end, mark.text

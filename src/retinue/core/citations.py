"""Texts with their citations: stored clean, shown with markers, and taken apart again when they are imported."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from retinue.core.item import Annotation, Text


class Mark(Struct, frozen=True):
    """An annotation as a door shows it: offsets in code points of the shown text, and the piece between them."""

    annotation: Annotation
    start: int
    end: int
    text: str


def shown(text: Text) -> tuple[str, list[Mark]]:
    """Return the text with its markers inserted, and the annotations with their places in it."""
    if not text.annotations:
        return text.value, []
    pieces: list[str] = []
    marks: list[Mark] = []
    taken = added = 0
    for annotation in sorted(text.annotations, key=lambda a: a.end):
        pieces += (text.value[taken : annotation.end], annotation.marker)
        taken = max(taken, annotation.end)
        start, end = annotation.start + added, annotation.end + added + len(annotation.marker)
        added += len(annotation.marker)
        piece = annotation.marker or text.value[annotation.start : annotation.end]
        marks.append(Mark(annotation, start, end, piece if annotation.text is None else annotation.text))
    return "".join([*pieces, text.value[taken:]]), marks


def stored(value: str, marks: Iterable[Mark]) -> Text:
    """Return the text that is shown as `value` with these marks: `shown` gives both back exactly.

    A marker is taken out of the text where a citation's offsets lead to it and no other mark reaches into it; in a
    text whose offsets are off, what is shown stays as it is.
    """
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.end))
    pieces: list[str] = []
    annotations: list[Annotation] = []
    taken = removed = 0
    for mark, alone in zip(ordered, _alone(ordered), strict=True):
        start, end = mark.start, mark.end
        said = value[start:end]
        if mark.annotation.kind == "file_citation" and alone and said == mark.text and len(said) == end - start > 0:
            pieces.append(value[taken:start])
            place = start - removed
            annotations.append(_placed(mark, place, place, marker=said))
            taken, removed = end, removed + end - start
        else:
            text = None if said == mark.text else mark.text
            annotations.append(_placed(mark, start - removed, end - removed, text=text))
    return Text("".join([*pieces, value[taken:]]), tuple(annotations))


def _alone(ordered: list[Mark]) -> Iterator[bool]:
    """Whether each mark shares no character with any other."""
    reached = 0
    for index, mark in enumerate(ordered):
        following = ordered[index + 1].start if index + 1 < len(ordered) else mark.end
        yield mark.start >= reached and mark.end <= following
        reached = max(reached, mark.end)


def _placed(mark: Mark, start: int, end: int, *, marker: str = "", text: str | None = None) -> Annotation:
    a = mark.annotation
    return Annotation(kind=a.kind, file_id=a.file_id, start=start, end=end, marker=marker, quote=a.quote, text=text)

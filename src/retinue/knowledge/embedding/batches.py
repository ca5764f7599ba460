"""Texts in batches that are worth a message and no burden."""

from collections.abc import Iterator, Sequence


def batches(texts: Sequence[str], *, count: int, characters: int) -> Iterator[Sequence[str]]:
    """Yield the texts in their order, so many and so long at most; a text that is longer goes alone."""
    begin, length = 0, 0
    for place, text in enumerate(texts):
        if place > begin and (place - begin == count or length + len(text) > characters):
            yield texts[begin:place]
            begin, length = place, 0
        length += len(text)
    if texts:
        yield texts[begin:]

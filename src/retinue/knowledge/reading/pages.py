"""The text of a file as its readers give it: piece by piece, each with its page."""

from collections.abc import Callable, Iterator
from pathlib import Path

Pieces = Iterator[tuple[int | None, str]]
"""Pages, from 1 on, and a part of their text; in order, and None where the file has no pages."""

ReadPieces = Callable[[Path], Pieces]
"""Raises Unreadable at once or after some pieces."""

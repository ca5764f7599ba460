"""Work: how much one reply may cost, whatever its schemas ask for; the event loop stands still that long."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_MOST_STEPS = 100_000  # of about a microsecond each
NODE = 5
"""Steps for a value that is made; with the above, 20,000 of them."""
CHARACTERS_PER_STEP = 10
"""With the above, a megabyte of text."""

_left: ContextVar[list[int] | None] = ContextVar("retinue_rehearsal_steps_left", default=None)


class TooMuchWork(Exception):
    """The reply would take more than its budget."""


@contextmanager
def budget(steps: int = _MOST_STEPS) -> Iterator[None]:
    """Bound all that is done inside: `spend` raises TooMuchWork after that many steps."""
    token = _left.set([steps])
    try:
        yield
    finally:
        _left.reset(token)


def spend(steps: int = 1) -> None:
    """Take steps from the budget, if there is one; raises TooMuchWork where none are left."""
    left = _left.get()
    if left is None:
        return
    left[0] -= steps
    if left[0] < 0:
        raise TooMuchWork


def spend_text(length: int) -> None:
    """Take what a text of that many characters costs; see `spend`."""
    spend(length // CHARACTERS_PER_STEP)

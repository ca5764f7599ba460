"""Sentences for the model beside what its code printed."""

_MOST = 20
_LONGEST_NAME = 200  # characters of a path that are told again


class Notes:
    """Keeps as many as a model reads; of the others, how many there are."""

    def __init__(self) -> None:
        self._notes: list[str] = []
        self._more = 0

    def add(self, note: str) -> None:
        """Take one more."""
        if len(self._notes) < _MOST:
            self._notes.append(note)
        else:
            self._more += 1

    def all(self) -> tuple[str, ...]:
        """Return what the model is told."""
        return (*self._notes, f"There are {self._more:,} more notes of this kind.") if self._more else (*self._notes,)


def shown(path: str) -> str:
    """Return a path as it can be told: names are the code's, and may hold whatever a system takes."""
    told = repr(path) if path.isprintable() else ascii(path)
    return told if len(told) <= _LONGEST_NAME else f"{told[:_LONGEST_NAME]}...'"

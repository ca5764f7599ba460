"""What stands around the sessions of a fork server, as the processes inside know it."""

from collections.abc import Callable, Sequence
from typing import Protocol


class Walls(Protocol):
    """The fork server calls the first half, the keeper of a session the other one."""

    def enter_house(self) -> int:
        """Make what all sessions live in; return 0 in the process that goes on, else that one's number."""
        ...

    def fault(self, user: int) -> str | None:
        """Say why no session can be had, once the libraries are loaded: somebody is locked in and looks around."""
        ...

    def data(self, number: int) -> str:
        """Return where the files of a session lie: where it sees them itself."""
        ...

    def begin_session(self, number: int, user: int, tell: Callable[[int], None]) -> None:
        """Leave the fork server for a session of its own; `tell` is told the process that returns, the keeper's."""
        ...

    def end_session(self, number: int, keeper: int) -> None:
        """Clear away what a keeper has left that has just died, and is not waited for yet."""
        ...

    def leave_house(self) -> None:
        """Clear away what is left of all sessions."""
        ...

    def confine(self) -> None:
        """Give up all that the model's code must not have."""
        ...

    def stop(self, worker: int) -> None:
        """Stop every process of the session but this one, at once: none starts another one meanwhile."""
        ...

    def go_on(self, worker: int) -> None:
        """Have those that were stopped go on."""
        ...

    def others(self) -> list[int]:
        """Return every process of the session but this one."""
        ...

    def excess(self, others: Sequence[int]) -> str | None:
        """Say of what there is more than is allowed where the kernel doesn't see to it: `files` or `processes`."""
        ...

    def make_room(self) -> None:
        """Take files away until there are as few as are allowed; nothing else of the session runs."""
        ...

    def check_room(self, more: int) -> None:
        """See that so many bytes more may be written; raises OSError."""
        ...

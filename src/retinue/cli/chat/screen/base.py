"""The seam between a session and what it is shown on."""

from typing import Protocol

from retinue.cli.chat.conversation import Answered, Asked, Shown


class Screen(Protocol):
    """Shows one answer after the other, and between them what the terminal itself has to say."""

    def begin(self) -> None:
        """Show that a question was put, and that nothing has come yet."""
        ...

    def show(self, happening: Shown | Asked) -> None:
        """Show what happened."""
        ...

    def tick(self) -> None:
        """Called ten times a second or so while an answer comes: draw what is to be drawn."""
        ...

    def end(self, answered: Answered, *, summary: str) -> None:
        """Show how the answer ended; `summary` is one line of what it took."""
        ...

    def notice(self, text: str) -> None:
        """Tell something, in one line or several."""
        ...

    def fault(self, text: str) -> None:
        """Tell what went wrong, in a sentence."""
        ...

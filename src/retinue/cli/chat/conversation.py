"""What the terminal's window asks of a conversation, whoever holds it: a server, or this process itself."""

from collections.abc import AsyncGenerator, Sequence
from typing import Literal, Protocol

from msgspec import Struct


class Cited(Struct, frozen=True, kw_only=True):
    """What a statement of the answer rests on."""

    file: str
    """What it is called."""
    page: int | None = None
    quote: str = ""
    file_id: str = ""


class Said(Struct, frozen=True):
    """The answer grew by `text`."""

    text: str
    citations: tuple[Cited, ...] = ()
    """The sources that stand in the text, in its order."""


class Waiting(Struct, frozen=True, kw_only=True):
    """A provider did not answer, and what is tried next."""

    why: str
    """A sentence."""
    seconds: float
    """Until the next try; 0 where another provider is asked at once."""


class Called(Struct, frozen=True, kw_only=True):
    """The model calls a function that the server runs."""

    name: str
    arguments: str


class Coded(Struct, frozen=True):
    """The code that the model has run grew by `text`."""

    text: str
    begins: bool = False
    """Whether this is the beginning of a call."""


class Printed(Struct, frozen=True):
    """The code ran, and this is what it printed; empty where it printed nothing."""

    text: str


class Made(Struct, frozen=True, kw_only=True):
    """Code made a chart, or a file."""

    file_id: str
    kind: Literal["chart", "file"] = "file"
    name: str = ""
    size: int | None = None
    """Bytes; None where nobody knows."""


class Asked(Struct, frozen=True, kw_only=True):
    """The model calls a function of the client's: the answer goes on once `hand_in` gave what it came to."""

    call_id: str
    name: str
    arguments: str


class Answered(Struct, frozen=True, kw_only=True):
    """The last event of an answer, however it ended."""

    end: Literal["completed", "stopped", "incomplete", "failed"]
    why: str | None = None
    """What ended one that is not complete, in a sentence with its remedy."""
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None
    """None where nobody knows the price."""
    first_token_s: float | None = None
    """From the question to the first text."""
    seconds: float = 0.0


Shown = Said | Waiting | Called | Coded | Printed | Made
"""What happens while an answer comes and asks for nothing."""

Happening = Shown | Asked | Answered


class Exchange(Struct, frozen=True, kw_only=True):
    """A question of the thread's, or an answer."""

    role: Literal["user", "assistant"]
    text: str


class Conversation(Protocol):
    """One thread, and how its next answer is to be made. One answer at a time."""

    @property
    def thread_id(self) -> str | None:
        """The thread; None until the first question has made it."""
        ...

    @property
    def place(self) -> str:
        """Where it is held, for people."""
        ...

    @property
    def documents(self) -> str:
        """What is searched for answers, for people; empty for nothing that was named."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What the user should know before the first question, in sentences."""
        ...

    @property
    def model(self) -> str:
        """What answers."""
        ...

    @property
    def system(self) -> str:
        """The instructions; empty for none."""
        ...

    async def models(self) -> Sequence[str]:
        """Return the names that can be asked for."""
        ...

    async def use_model(self, name: str) -> None:
        """Have another model answer from now on; raises RetinueError for a name that nobody serves."""
        ...

    def use_system(self, text: str) -> None:
        """Have other instructions from now on."""
        ...

    def say(self, text: str) -> AsyncGenerator[Happening, None]:
        """Put a question and yield what happens, `Answered` last; raises RetinueError where it can't be put."""
        ...

    def hand_in(self, outputs: dict[str, str]) -> AsyncGenerator[Happening, None]:
        """Give what the functions came to that were `Asked` for, by call id, and yield what happens then."""
        ...

    async def stop(self) -> None:
        """End the answer that is under way; its part is kept, and `Answered` still comes."""
        ...

    def retry(self) -> AsyncGenerator[Happening, None]:
        """Have the last question answered anew, in place of its answer; raises RetinueError where there is none."""
        ...

    async def undo(self) -> str:
        """Take back the last question and its answer; return the question. Raises RetinueError where there is none."""
        ...

    def content(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """Yield what is in a chart or a file that was `Made`, piece by piece; raises RetinueError."""
        ...

    async def clear(self) -> None:
        """Begin a new thread with the next question; the one until now stays stored."""
        ...

    async def exchanges(self) -> Sequence[Exchange]:
        """Return all that was said, oldest first."""
        ...

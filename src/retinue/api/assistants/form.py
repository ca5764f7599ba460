"""The two generations of the Assistants API: what each one's bodies hold and what its objects look like.

The header `OpenAI-Beta: assistants=v1` or `assistants=v2` chooses; both speak of the same stored things. Without it, a
call in Azure's form goes by its `api-version`, and every other one is v2: a deliberate leniency, for the hosted service
refused it.
"""

import re
from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct

from retinue.api.assistants import render as v2
from retinue.api.assistants.bodies import messages, runs, threads
from retinue.api.assistants.v1 import bodies as v1_bodies
from retinue.api.assistants.v1 import render as v1
from retinue.api.call import Call
from retinue.api.headers import header
from retinue.api.lists import Json
from retinue.core.citations import Mark
from retinue.core.errors import InvalidRequest
from retinue.core.item import CallKind, Message, Part, ToolCall, ToolOutput
from retinue.core.run import Run
from retinue.core.spending import Spending
from retinue.core.step import Step
from retinue.core.thread import Thread
from retinue.core.vector_store import FilledStore
from retinue.engine.commands.runs import RunRequest

_VERSION = re.compile(r"(?:^|[\s,;])assistants=([^\s,;]*)")
_AZURE_V1 = ("2024-02-15-preview",)


class Render(Protocol):
    """Makes objects of the API of core values."""

    def thread(self, value: Thread, spending: Spending | None = None) -> Json:
        """Return a `thread`."""
        ...

    def message(self, value: Message) -> Json:
        """Return a `thread.message`."""
        ...

    def run(self, value: Run) -> Json:
        """Return a `thread.run`."""
        ...

    def step(
        self, value: Step, calls: Iterable[ToolCall], outputs: Iterable[ToolOutput], *, contents: bool = False
    ) -> Json:
        """Return a `thread.run.step`; with the contents of what file searches found or not."""
        ...

    def part(self, value: Part) -> Json:
        """Return a part of a message's content."""
        ...

    def annotation(self, mark: Mark) -> Json:
        """Return an annotation of a text."""
        ...

    def code_outputs(self, value: ToolOutput) -> list[Json]:
        """Return what code came to, as a list of logs and images."""
        ...

    def hosted(self, kind: CallKind) -> str:
        """Return what the calls of a hosted tool are called."""
        ...


class MessageDraft(Protocol):
    """A body that makes a message."""

    def draft(self) -> Message:
        """Return a new message's draft; raises InvalidRequest."""
        ...


class ThreadDraft(Protocol):
    """A body that makes a thread."""

    def draft(self) -> Thread:
        """Return a new thread's draft."""
        ...

    def store(self) -> FilledStore | None:
        """Return the vector store that is to be made for it, if one is; raises InvalidRequest."""
        ...

    def drafts(self) -> tuple[Message, ...]:
        """Return the drafts of its first messages; raises InvalidRequest."""
        ...


class ThreadChange(Protocol):
    """A body that modifies a thread."""

    def applied_to(self, thread: Thread) -> Thread:
        """Return the thread with what the body sets."""
        ...


class RunDraft(Protocol):
    """A body that makes a run."""

    @property
    def stream(self) -> bool | None:
        """Whether the answer is to be the run's events."""
        ...

    def request(self) -> RunRequest:
        """Return what is asked of the run; raises InvalidRequest."""
        ...


class ThreadAndRunDraft(RunDraft, Protocol):
    """A body that makes a thread and a run over it."""

    @property
    def thread(self) -> ThreadDraft | None:
        """The thread; None is an empty one."""
        ...


class Form(Struct, frozen=True, kw_only=True):
    """One generation. Assistants differ in more than their form: each generation has endpoints of its own for them."""

    render: Render
    message_body: type[MessageDraft]
    thread_body: type[ThreadDraft]
    thread_changes: type[ThreadChange]
    run_body: type[RunDraft]
    thread_and_run_body: type[ThreadAndRunDraft]


V1 = Form(
    render=v1,
    message_body=v1_bodies.MessageBody,
    thread_body=v1_bodies.ThreadBody,
    thread_changes=v1_bodies.ThreadChanges,
    run_body=v1_bodies.RunBody,
    thread_and_run_body=v1_bodies.ThreadAndRunBody,
)
V2 = Form(
    render=v2,
    message_body=messages.MessageBody,
    thread_body=threads.ThreadBody,
    thread_changes=threads.ThreadChanges,
    run_body=runs.RunBody,
    thread_and_run_body=runs.ThreadAndRunBody,
)


def form_of(call: Call) -> Form:
    """Return the generation that a call speaks; raises InvalidRequest for one that never was."""
    asked = _VERSION.search(header(call.request, b"openai-beta"))
    if asked is None:
        query = call.request.scope["query_string"]
        return V1 if query and call.request.query_params.get("api-version") in _AZURE_V1 else V2
    match asked[1]:
        case "v1":
            return V1
        case "v2":
            return V2
        case other:
            raise InvalidRequest(
                f"Invalid version in the 'OpenAI-Beta' header: 'assistants={other[:20]}'. Send 'assistants=v2'.",
                code="invalid_beta",
            )

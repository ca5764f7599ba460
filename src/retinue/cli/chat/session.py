"""A conversation over the API: a thread, its runs, and what is asked of the next one."""

import asyncio
import contextlib
import difflib
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from msgspec import Raw, Struct

from retinue.cli.chat.answer import Answer, Clock, cancelled
from retinue.cli.chat.conversation import Exchange, Happening
from retinue.cli.chat.objects import Assistant, Message, Model, Run, Thread
from retinue.cli.client.api import Api, Refused
from retinue.cli.client.objects import Page
from retinue.core.errors import InvalidRequest, RetinueError

_LEAVE_S = 5.0  # for the part of a stopped answer to be stored
_PAGE = 100  # messages; the API's bound


class Start(Struct, frozen=True, kw_only=True):
    """How a conversation begins."""

    assistant: Assistant
    model: str | None = None
    """None is the assistant's own; so it is with `system`."""
    system: str | None = None
    thread_id: str | None = None
    store_id: str | None = None
    """The vector store that its threads are given to search."""
    file_ids: Sequence[str] = ()
    """The files that code in its threads is given."""
    documents: str = ""
    """See `Conversation.documents`."""
    names: Mapping[str, str] = {}
    """What files are called, by id, whose own name does not tell them apart."""
    served: Collection[str] = ()
    """Functions that the server runs for the assistant."""
    tools: Sequence[Raw] = ()
    """Declared in every run, in place of the assistant's; empty for the assistant's own."""
    notes: Sequence[str] = ()
    """See `Conversation.notes`."""


class Session:
    """See `Conversation`."""

    def __init__(
        self,
        api: Api,
        start: Start,
        *,
        clock: Clock,
        began: Callable[[str], Awaitable[None]],
        place: Callable[[], str],
    ) -> None:
        """`began` is awaited with the id of each thread that is spoken in, `place` says where that is stored."""
        self._api, self._clock, self._began, self._place = api, clock, began, place
        self._assistant, self._served, self._tools = start.assistant, start.served, start.tools
        self._model, self._system, self._thread_id = start.model, start.system, start.thread_id
        self._resources = resources_of(start.store_id, start.file_ids)
        self._names = start.names
        self.documents = start.documents
        """See `Conversation.documents`."""
        self.notes = start.notes
        """See `Conversation.notes`."""
        self._answer: Answer | None = None
        self._noted: str | None = None

    @property
    def thread_id(self) -> str | None:
        """See `Conversation.thread_id`."""
        return self._thread_id

    @property
    def place(self) -> str:
        """Where the conversation is held, for people: a server, or the folder itself."""
        return self._place()

    @property
    def model(self) -> str:
        """See `Conversation.model`."""
        return self._model or self._assistant.model

    @property
    def system(self) -> str:
        """See `Conversation.system`."""
        return (self._assistant.instructions or "") if self._system is None else self._system

    async def models(self) -> Sequence[str]:
        """See `Conversation.models`."""
        return [model.id for model in (await self._api.get("/v1/models", Page[Model])).data]

    async def use_model(self, name: str) -> None:
        """See `Conversation.use_model`."""
        listed = (await self._api.get("/v1/models", Page[Model])).data
        names = [model.id for model in listed]
        if name not in names and name.partition("/")[0] not in {model.owned_by for model in listed}:
            near = difflib.get_close_matches(name, names, n=3)
            hint = f"Did you mean {' or '.join(near)}?" if near else "/model lists what there is."
            raise InvalidRequest(f"Nobody lists a model {name[:200]!r}. {hint}", param="model")
        self._model = name

    def use_system(self, text: str) -> None:
        """See `Conversation.use_system`."""
        self._system = text

    def say(self, text: str) -> AsyncGenerator[Happening, None]:
        """See `Conversation.say`."""
        question = {"role": "user", "content": text}
        if self._thread_id is None:
            thread = {"messages": [question], **({"tool_resources": self._resources} if self._resources else {})}
            return self._asked("/v1/threads/runs", thread=thread)
        return self._asked(f"{self._thread}/runs", additional_messages=[question])

    def hand_in(self, outputs: dict[str, str]) -> AsyncGenerator[Happening, None]:
        """See `Conversation.hand_in`."""
        if self._answer is None:
            raise InvalidRequest("No function was asked for.")
        return self._answer.go_on(outputs)

    async def stop(self) -> None:
        """See `Conversation.stop`."""
        if self._answer is not None:
            await self._answer.stop()

    async def retry(self) -> AsyncGenerator[Happening, None]:
        """See `Conversation.retry`."""
        question = await self._last_question()
        await self._rewind(after=question.id)
        async with aclosing(self._asked(f"{self._thread}/runs")) as happenings:
            async for happening in happenings:
                yield happening

    async def undo(self) -> str:
        """See `Conversation.undo`."""
        question = await self._last_question()
        await self._rewind(before=question.id)
        return question.said(self._names)

    def content(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """See `Conversation.content`."""
        return self._api.content(f"/v1/files/{quote(file_id, safe='')}/content")

    async def clear(self) -> None:
        """See `Conversation.clear`."""
        await self.stop()
        self._answer = self._thread_id = None

    async def exchanges(self) -> Sequence[Exchange]:
        """See `Conversation.exchanges`."""
        if self._thread_id is None:
            return []
        return [
            Exchange(role="user" if message.role == "user" else "assistant", text=message.said(self._names))
            async for message in self._messages(order="asc")
        ]

    async def leave(self) -> None:
        """End the conversation: an answer that is still being given is stopped, for nobody waits for it."""
        if self._answer is not None:
            with contextlib.suppress(RetinueError, TimeoutError):
                async with asyncio.timeout(_LEAVE_S):
                    await self._answer.leave()

    @property
    def _thread(self) -> str:
        return f"/v1/threads/{quote(self._thread_id or '', safe='')}"

    async def _asked(self, path: str, **body: Any) -> AsyncGenerator[Happening, None]:
        """Have a run made and yield what happens in it."""
        answer = self._answer = Answer(self._api, self._served, self._clock, self._names)
        asked = answer.begin(
            path,
            assistant_id=self._assistant.id,
            model=self._model,
            instructions=self._system,
            tools=self._tools or None,
            **body,
        )
        try:
            async with aclosing(asked) as happenings:
                async for happening in happenings:
                    await self._note_thread(answer)
                    yield happening
        except Refused:
            await self._refuse_two_at_once()
            raise

    async def _note_thread(self, answer: Answer) -> None:
        """Remember the thread as the last one, once in this conversation."""
        if answer.run and answer.run.thread_id != self._noted:
            self._noted = self._thread_id = answer.run.thread_id
            await self._began(answer.run.thread_id)

    async def _last_question(self) -> Message:
        """Return the last question, no run being live any more; raises InvalidRequest where there is none."""
        if self._thread_id is not None:
            await self._settle()
            async with aclosing(self._messages(order="desc")) as messages:
                async for message in messages:
                    if message.role == "user":
                        return message
        raise InvalidRequest("There is no question in this thread yet.")

    async def _refuse_two_at_once(self) -> None:
        """Raise InvalidRequest where an answer is being given in the thread that this conversation did not ask for."""
        if self._thread_id is not None and await self._live_run():
            raise InvalidRequest(
                "An earlier question of this thread is still being answered. Ask again later; or /undo takes it back, "
                "and /retry has it answered anew, here."
            )

    async def _settle(self) -> None:
        """End the thread's live run, if there is one."""
        if run := await self._live_run():
            await cancelled(self._api, run)

    async def _live_run(self) -> Run | None:
        runs = await self._api.get(f"{self._thread}/runs?limit=1", Page[Run])
        return runs.data[0] if runs.data and runs.data[0].live else None

    async def _rewind(self, **place: str) -> None:
        """Take back all that stands after a message, or from it on."""
        await self._api.post(f"/v1/retinue/threads/{quote(self._thread_id or '', safe='')}/rewind", Thread, **place)

    async def _messages(self, *, order: str) -> AsyncGenerator[Message, None]:
        """Yield the thread's messages."""
        path = f"{self._thread}/messages?limit={_PAGE}&order={order}"
        after = ""
        while True:
            page = await self._api.get(path + after, Page[Message])
            for message in page.data:
                yield message
            if not page.has_more:
                return
            after = f"&after={quote(page.last_id or '', safe='')}"


def resources_of(store_id: str | None, file_ids: Sequence[str]) -> dict[str, Any]:
    """Return a thread's `tool_resources` with this vector store to search and these files for code."""
    searched = {"file_search": {"vector_store_ids": [store_id]}} if store_id else {}
    return {**searched, **({"code_interpreter": {"file_ids": list(file_ids)}} if file_ids else {})}

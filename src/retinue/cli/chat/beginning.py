"""What a conversation begins with: its assistant, its thread, and what the thread's last run was asked."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from msgspec import Raw, Struct

from retinue.cli.chat.objects import Assistant, Model, Run, Thread, Tool
from retinue.cli.chat.session import Start, resources_of
from retinue.cli.chat.sources import names_in
from retinue.cli.client.api import Api, Refused
from retinue.cli.client.objects import Page
from retinue.cli.files.objects import VectorStore
from retinue.cli.files.searched import searched_store
from retinue.cli.files.vector_stores import files_in
from retinue.core.errors import InvalidRequest
from retinue.core.key import DEFAULT_PROJECT
from retinue.models.base import REHEARSAL

_TERMINAL = "/v1/retinue/terminal"
_LAST_THREAD = "last_thread"
_FILE_SEARCH = Raw(b'{"type":"file_search"}')
_CODE_INTERPRETER = Raw(b'{"type":"code_interpreter"}')
_DATA = (".csv", ".tsv", ".xlsx")
"""Endings of files that are rather worked with than read."""
_MOST_FILES = 20  # that code is given: the API's bound
_SHOWN = 10  # names in a sentence
_PAGE = 100
_REHEARSED = (
    "The rehearsal model answers. It follows rules and is no language model: set OPENAI_API_KEY or OPENAI_BASE_URL."
)


class Wish(Struct, frozen=True, kw_only=True):
    """What a conversation is to be like; None is not said."""

    project: str = DEFAULT_PROJECT
    model: str | None = None
    system: str | None = None
    assistant: str | None = None
    """An id or a name."""
    thread: str | None = None
    last: bool = False
    """Whether to go on with the thread that the terminal spoke in last."""
    store: str | None = None
    """The vector store that is to be searched, by id or name."""
    files: tuple[Path, ...] = ()
    """Files and folders that are to be searched."""
    code: bool = False
    """Whether the model may run code; it may also where a file of `files` holds data."""
    functions: bool = False
    """Whether functions were named that are to be at hand."""


async def begun(api: Api, wish: Wish, *, default_assistant: str | None) -> Start:
    """Return what the conversation begins with; raises InvalidRequest and Refused for what there is not."""
    own = await api.post(_TERMINAL, Assistant)
    thread = await _thread(api, own, wish)
    last = await _last_run(api, thread.id) if thread else None
    named = wish.assistant or (None if last else default_assistant)
    assistant = await _assistant(api, own, named, last)
    goes_on = last if last and last.assistant_id == assistant.id else None
    model = wish.model or (goes_on.model if goes_on else None)
    if model is None and assistant.id == own.id:
        model = own.retinue.default_model or await _only_model(api)
    system = wish.system if wish.system is not None else goes_on.instructions if goes_on else None
    tools = (await api.get("/v1/retinue/tools", Page[Tool])).data
    served = [tool for tool in tools if tool.assistants is None or assistant.id in tool.assistants]
    store = await searched_store(api, wish.store, wish.files)
    runs_code = wish.code or any(path.suffix.casefold() in _DATA for path in wish.files)
    file_ids = await _ids_in(api, store) if store and wish.files and runs_code else []
    if store and thread:
        await _search_in(api, thread, store, file_ids)
    elif thread:
        store = await _store_of(api, thread)
    declared = tuple(tool.declaration for tool in served) if assistant.id == own.id else ()
    if runs_code or (thread and thread.code_files):
        declared = (_CODE_INTERPRETER, *(declared or assistant.tools))
    if store or (thread and thread.stores):
        declared = (_FILE_SEARCH, *(declared or assistant.tools))
    return Start(
        assistant=assistant,
        model=model,
        system=system,
        thread_id=thread.id if thread else None,
        store_id=store.id if store else None,
        file_ids=file_ids,
        documents=_documents(wish, store),
        names=await names_in(api, store) if store else {},
        served=frozenset(tool.name for tool in served),
        tools=declared,
        notes=[_REHEARSED] if await _rehearses(api, own, model or assistant.model) else [],
    )


def note_last_thread(api: Api) -> Callable[[str], Awaitable[None]]:
    """Return what remembers a thread as the one that the terminal spoke in last."""

    async def note(thread_id: str) -> None:
        own = await api.post(_TERMINAL, Assistant)
        if own.metadata.get(_LAST_THREAD) != thread_id:
            metadata = {**own.metadata, _LAST_THREAD: thread_id}
            await api.post(f"/v1/assistants/{own.id}", Assistant, metadata=metadata)

    return note


async def _thread(api: Api, own: Assistant, wish: Wish) -> Thread | None:
    wanted = wish.thread or (own.metadata.get(_LAST_THREAD) if wish.last else None)
    if wanted is None:
        if wish.last:
            raise InvalidRequest("There is no thread to go on with yet: ask something first.", param="continue")
        return None
    return await api.get(f"/v1/threads/{quote(wanted, safe='')}", Thread)


async def _ids_in(api: Api, store: VectorStore) -> list[str]:
    """Return the files of a vector store that code is given."""
    return [file.id async for file in files_in(api, store)][:_MOST_FILES]


async def _search_in(api: Api, thread: Thread, store: VectorStore, file_ids: Sequence[str]) -> None:
    """Have a thread searched with this vector store, and code given these files, in place of what it had."""
    resources = resources_of(store.id, file_ids)
    await api.post(f"/v1/threads/{quote(thread.id, safe='')}", Thread, tool_resources=resources)


async def _store_of(api: Api, thread: Thread) -> VectorStore | None:
    """Return the vector store that a thread is searched with; None for none, or one that is there no longer."""
    for id_ in thread.stores:
        try:
            store = await api.get(f"/v1/vector_stores/{quote(id_, safe='')}", VectorStore)
        except Refused:
            return None
        return None if store.status == "expired" else store
    return None


def _documents(wish: Wish, store: VectorStore | None) -> str:
    """Return what is searched, for people."""
    if wish.files:
        return ", ".join(map(str, wish.files))
    return "" if store is None else store.name or ("the thread's files" if store.retinue.thread_id else store.id)


async def _last_run(api: Api, thread_id: str) -> Run | None:
    runs = await api.get(f"/v1/threads/{quote(thread_id, safe='')}/runs?limit=1", Page[Run])
    return runs.data[0] if runs.data else None


async def _assistant(api: Api, own: Assistant, named: str | None, last: Run | None) -> Assistant:
    """Return the assistant that is named, else the one that answered last, else the terminal's own."""
    if named is not None:
        return await _by_id(api, named) or await _by_name(api, named)
    if last is not None and last.assistant_id != own.id:
        return await _by_id(api, last.assistant_id) or own
    return own


async def _by_id(api: Api, id_: str) -> Assistant | None:
    try:
        return await api.get(f"/v1/assistants/{quote(id_, safe='')}", Assistant)
    except Refused as refused:
        if refused.status not in (400, 404):
            raise
        return None


async def _by_name(api: Api, name: str) -> Assistant:
    """Return the only assistant of this name; raises InvalidRequest with the choices."""
    named: list[Assistant] = []
    others: set[str] = set()
    after = ""
    while True:
        page = await api.get(f"/v1/assistants?limit={_PAGE}{after}", Page[Assistant])
        named += [assistant for assistant in page.data if assistant.name == name]
        others |= {assistant.name for assistant in page.data if assistant.name and len(others) < _SHOWN}
        if not page.has_more:
            break
        after = f"&after={quote(page.last_id or '', safe='')}"
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(assistant.id for assistant in named[:_SHOWN])
        raise InvalidRequest(
            f"{len(named)} assistants are called {name!r}: say which by its id: {ids}.", param="assistant"
        )
    there = f"There are: {', '.join(sorted(others)[:_SHOWN])}." if others else "None has a name."
    raise InvalidRequest(f"No assistant has the id or the name {name[:200]!r}. {there}", param="assistant")


async def _rehearses(api: Api, own: Assistant, model: str) -> bool:
    """Whether the rehearsal model will answer: where nothing else serves, it does by any name."""
    if model == REHEARSAL or own.retinue.default_model != REHEARSAL:
        return model == REHEARSAL
    return all(listed.owned_by == "retinue" for listed in (await api.get("/v1/models", Page[Model])).data)


async def _only_model(api: Api) -> str:
    """Return the model that serves, where the settings name none; raises InvalidRequest where there are several."""
    listed = (await api.get("/v1/models", Page[Model])).data
    names = [model.id for model in listed if model.owned_by not in ("retinue", "alias")]
    if len(names) == 1:
        return names[0]
    there = f"There are {len(names)}, such as {', '.join(names[:3])}. " if names else "No provider lists any. "
    raise InvalidRequest(
        f"Which model is to answer? {there}Say it with -m, or for all times with OPENAI_MODEL.", param="model"
    )

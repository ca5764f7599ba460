"""Lists: in both orders, from both ends, over hundreds of rows, past rows that are gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Literal

import pytest
from msgspec import structs

from retinue.core.errors import InvalidRequest
from retinue.core.history import RunChange
from retinue.core.item import Said, ToolCall, ToolOutput
from retinue.core.paging import Page, PageQuery
from retinue.core.run import Status
from retinue.store import Scope, Store, branches
from store import rows
from store.conftest import Opener

MANY = 250
Order = Literal["asc", "desc"]
Lister = Callable[[PageQuery], Awaitable[Page[Any]]]


async def assistants(scope: Scope) -> None:
    # ten at a time are made in the same second
    made = [rows.assistant(f"id_{n:03}", at=rows.NOW + n // 10) for n in range(MANY)]
    await asyncio.gather(*map(scope.assistants.insert, made))


async def messages(scope: Scope) -> None:
    await scope.threads.insert(rows.thread(), [rows.message(f"id_{n:03}") for n in range(MANY)])


async def forked_messages(scope: Scope) -> None:
    """The same list, its parts on three branches, and others beside it that must not show."""
    await scope.threads.insert(rows.thread(), [rows.message(f"id_{n:03}") for n in range(100)])
    await scope.messages.append("thread_1", rows.message("hidden_1"))
    await scope.threads.fork("thread_1", after=99)
    await asyncio.gather(*(scope.messages.append("thread_1", rows.message(f"id_{n:03}")) for n in range(100, 200)))
    await scope.messages.append("thread_1", rows.message("hidden_2"))
    await scope.threads.fork("thread_1", after=199)
    await asyncio.gather(*(scope.messages.append("thread_1", rows.message(f"id_{n:03}")) for n in range(200, MANY)))


async def files(scope: Scope) -> None:
    made = [rows.file(f"id_{n:03}", at=rows.NOW + n // 10) for n in range(MANY)]
    await asyncio.gather(*map(scope.files.insert, made))


async def files_of_a_purpose(scope: Scope) -> None:
    for n in range(MANY):
        wanted = rows.file(f"id_{n:03}", at=rows.NOW + n // 10)
        hidden = rows.file(f"hidden_{n:03}", at=rows.NOW + n // 10, purpose="vision")
        await asyncio.gather(scope.files.insert(wanted), scope.files.insert(hidden))


async def runs(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    made = [rows.run(f"id_{n:03}", at=rows.NOW + n // 10) for n in range(MANY)]
    await asyncio.gather(*(scope.runs.create(rows.ended(run).run) for run in made))


async def steps(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run())
    made = tuple(rows.step(f"id_{n:03}", at=rows.NOW + n // 10) for n in range(MANY))
    await scope.runs.commit(RunChange(run=rows.run(), steps=made))


LISTS: dict[Callable[[Scope], Awaitable[None]], Callable[[Scope], Lister]] = {
    assistants: lambda scope: scope.assistants.list,
    messages: lambda scope: lambda query: scope.messages.list("thread_1", query),
    forked_messages: lambda scope: lambda query: scope.messages.list("thread_1", query),
    files: lambda scope: scope.files.list,
    files_of_a_purpose: lambda scope: lambda query: scope.files.list(query, purpose="assistants"),
    runs: lambda scope: lambda query: scope.runs.list("thread_1", query),
    steps: lambda scope: lambda query: scope.steps.list("run_1", query),
}


@pytest.fixture(scope="module")
def filled() -> dict[object, Opener]:
    """Databases by back end and list: each is filled once, for its tests only read it."""
    return {}


@pytest.fixture(params=LISTS, ids=lambda fill: fill.__name__)
async def listing(
    request: pytest.FixtureRequest, opener: Opener, filled: dict[object, Opener]
) -> AsyncIterator[Lister]:
    """A list whose entries, oldest first, have the ids id_000 to id_249."""
    fill, key = request.param, (request.param, request.node.callspec.params["opener"])
    database = await filled.get(key, opener)()
    scope = (await Store.open(database)).scoped("default")
    if key not in filled:
        await fill(scope)
        filled[key] = opener
    yield LISTS[fill](scope)
    await database.close()


def ids(page: Page[Any]) -> list[str]:
    return [str(getattr(entry, "id", None)) for entry in page.data]


def expected(order: Order) -> list[str]:
    made = [f"id_{n:03}" for n in range(MANY)]
    return made if order == "asc" else made[::-1]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 7, 100])
async def test_pages_after_one_another_are_the_whole_list(listing: Lister, order: Order, limit: int) -> None:
    found: list[str] = []
    after: str | None = None
    while True:
        page = await listing(PageQuery(limit=limit, order=order, after=after))
        found += ids(page)
        assert page.has_more is (len(found) < MANY)
        if not page.has_more:
            break
        after = found[-1]
    assert found == expected(order)


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_before_one_another_are_the_whole_list(listing: Lister, order: Order) -> None:
    found = expected(order)[-1:]
    while True:
        page = await listing(PageQuery(limit=30, order=order, before=found[0]))
        found = [*ids(page), *found]
        assert page.has_more is (len(found) < MANY)
        if not page.has_more:
            break
    assert found == expected(order)


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_a_page_between_two_entries_holds_neither(listing: Lister, order: Order) -> None:
    whole = expected(order)
    page = await listing(PageQuery(limit=100, order=order, after=whole[90], before=whole[120]))
    assert ids(page) == whole[91:120]
    assert page.has_more is False


async def test_nothing_comes_after_the_last(listing: Lister) -> None:
    page = await listing(PageQuery(order="asc", after="id_249"))
    assert (ids(page), page.has_more) == ([], False)


async def test_a_cursor_that_names_nothing_is_refused(listing: Lister) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await listing(PageQuery(after="id_999"))
    assert refused.value.param == "after"


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_assistants_can_be_deleted_while_they_are_paged(scope: Scope, order: Order) -> None:
    await assistants(scope)
    listing = LISTS[assistants](scope)
    found: list[str] = []
    after: str | None = None
    while page := ids(await listing(PageQuery(limit=20, order=order, after=after))):
        found += page
        for id_ in page:
            await scope.assistants.delete(id_)
        after = page[-1]
    assert found == expected(order)


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_messages_can_be_deleted_while_they_are_paged(scope: Scope, order: Order) -> None:
    await messages(scope)
    listing = LISTS[messages](scope)
    found: list[str] = []
    after: str | None = None
    while page := ids(await listing(PageQuery(limit=20, order=order, after=after))):
        found += page
        for id_ in page:
            await scope.messages.delete("thread_1", id_)
        after = page[-1]
    assert found == expected(order)


async def test_a_cursor_of_another_project_is_refused(scope: Scope, store: object) -> None:
    await scope.assistants.insert(rows.assistant("asst_1"))
    other = Scope(scope.assistants._database, "other")
    with pytest.raises(InvalidRequest):
        await other.assistants.list(PageQuery(after="asst_1"))


async def test_a_cursor_of_another_thread_is_refused(scope: Scope) -> None:
    await scope.threads.insert(rows.thread("thread_1"), [rows.message(f"msg_{n}") for n in range(5)])
    await scope.threads.insert(rows.thread("thread_2"), [rows.message(f"msg_{n}", of="thread_2") for n in range(5, 9)])
    with pytest.raises(InvalidRequest):
        await scope.messages.list("thread_1", PageQuery(after="msg_6"))


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_messages_of_one_run_are_listed_alone(scope: Scope, order: Order) -> None:
    await scope.threads.insert(rows.thread(), [rows.message("msg_0")])
    for n in (1, 2):
        run = rows.run(f"run_{n}")
        await scope.runs.create(run, [rows.message(f"asked_{n}")])
        said = tuple(
            rows.message(f"said_{n}_{m}", role="assistant", run_id=run.id, assistant_id="asst_1") for m in range(30)
        )
        await scope.runs.commit(RunChange(run=rows.moved(run, Status.IN_PROGRESS, Status.COMPLETED), items=said))
    query = PageQuery(limit=20, order=order)
    first = await scope.messages.list("thread_1", query, run_id="run_1")
    rest = await scope.messages.list("thread_1", structs.replace(query, after=first.data[-1].id), run_id="run_1")
    assert (first.has_more, rest.has_more) == (True, False)
    found = [message.id for message in (*first.data, *rest.data)]
    assert found == [f"said_1_{m}" for m in (range(30) if order == "asc" else range(29, -1, -1))]


async def test_tool_calls_are_in_no_list_of_messages(scope: Scope) -> None:
    await scope.threads.insert(rows.thread(), [rows.message("msg_0")])
    await scope.runs.create(rows.run())
    call = rows.call()
    said = rows.message("msg_1", role="assistant", run_id="run_1")
    await scope.runs.commit(RunChange(run=rows.run(), items=(call, rows.output(call), said)))
    assert ids(await scope.messages.list("thread_1", PageQuery(order="asc"))) == ["msg_0", "msg_1"]


async def test_a_fork_shows_what_stood_before_it_and_what_comes_after(scope: Scope) -> None:
    await scope.threads.insert(rows.thread(), [rows.message(f"msg_{n}") for n in range(4)])
    await scope.threads.fork("thread_1", after=1)
    await scope.messages.append("thread_1", rows.message("msg_new"))
    page = await scope.messages.list("thread_1", PageQuery(order="asc"))
    assert [message.id for message in page.data] == ["msg_0", "msg_1", "msg_new"]


async def test_a_fork_of_a_fork_before_its_beginning_leaves_it_out(scope: Scope) -> None:
    await scope.threads.insert(rows.thread(), [rows.message(f"msg_{n}") for n in range(4)])
    await scope.threads.fork("thread_1", after=2)
    await scope.messages.append("thread_1", rows.message("second"))
    await scope.threads.fork("thread_1", after=0)
    await scope.messages.append("thread_1", rows.message("third"))
    page = await scope.messages.list("thread_1", PageQuery(order="asc"))
    assert [message.id for message in page.data] == ["msg_0", "third"]


async def test_a_branch_with_a_live_run_does_not_lock_the_one_forked_from_it(scope: Scope) -> None:
    await scope.threads.insert(rows.thread(), [rows.message("msg_0")])
    await scope.runs.create(rows.run())
    await scope.threads.fork("thread_1", after=0)
    await scope.messages.append("thread_1", rows.message("msg_1"))


async def test_the_window_reads_items_of_every_kind_backwards_across_branches(scope: Scope) -> None:
    await scope.threads.insert(rows.thread(), [rows.message(f"msg_{n}") for n in range(3)])
    await scope.threads.fork("thread_1", after=1)
    head = (await scope.threads.get("thread_1")).head
    run = structs.replace(rows.run(), branch=head)
    await scope.runs.create(run)
    call = rows.call()
    await scope.runs.commit(RunChange(run=run, items=(call, rows.output(call))))
    branch = await scope.messages.branch(head)
    newest = await scope.messages.window(branch, before=None, limit=3)
    assert [(placed.position, type(placed.item)) for placed in newest] == [(3, ToolOutput), (2, ToolCall), (1, Said)]
    older = await scope.messages.window(branch, before=1, limit=3)
    assert [(placed.position, type(placed.item)) for placed in older] == [(0, Said)]


async def test_a_full_thread_takes_no_message(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "MESSAGES_PER_THREAD", 3)
    await scope.threads.insert(rows.thread(), [rows.message(f"msg_{n}") for n in range(3)])
    with pytest.raises(InvalidRequest, match="A thread holds at most 3 messages") as refused:
        await scope.messages.append("thread_1", rows.message("msg_3"))
    assert refused.value.code == "thread_full"
    await scope.messages.delete("thread_1", "msg_0")
    await scope.messages.append("thread_1", rows.message("msg_3"))


async def test_a_thread_can_not_be_created_too_full(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "MESSAGES_PER_THREAD", 3)
    with pytest.raises(InvalidRequest):
        await scope.threads.insert(rows.thread(), [rows.message(f"msg_{n}") for n in range(4)])
    await scope.threads.insert(rows.thread())


async def test_a_forks_messages_count_as_many_as_it_shows(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "MESSAGES_PER_THREAD", 3)
    await scope.threads.insert(rows.thread(), [rows.message(f"msg_{n}") for n in range(3)])
    await scope.threads.fork("thread_1", after=1)
    await scope.messages.append("thread_1", rows.message("msg_new"))
    with pytest.raises(InvalidRequest):
        await scope.messages.append("thread_1", rows.message("msg_more"))


async def test_a_message_deleted_from_a_shared_stretch_makes_room_in_the_fork(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branches, "MESSAGES_PER_THREAD", 3)
    await scope.threads.insert(rows.thread(), [rows.message(f"msg_{n}") for n in range(3)])
    await scope.threads.fork("thread_1", after=2)
    await scope.messages.delete("thread_1", "msg_0")
    await scope.messages.append("thread_1", rows.message("msg_new"))

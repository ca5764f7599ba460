"""What is taken over from elsewhere: once, whole, in the order of its times, beside what is here."""

import random

import pytest
from msgspec import structs

from retinue.core.assistant import AttachedFile
from retinue.core.errors import NotFound
from retinue.core.imports import Import, Importable, Outcome
from retinue.core.item import Message, Said, Text
from retinue.core.paging import PageQuery
from retinue.core.run import Run, Status
from retinue.core.thread import Thread
from retinue.core.tools import CodeInterpreterTool, FileSearchTool, ToolResources
from retinue.store import Database, Scope, Store, branches, imports
from store import rows

NOW = int(rows.NOW)
OLDEST_FIRST = PageQuery(limit=100, order="asc")


def message(id_: str, at: int = 0, *, of: str = "thread_1") -> Message:
    return structs.replace(rows.message(id_, of=of), created_at=NOW + at)


def thread(id_: str = "thread_1", at: int = 0) -> Thread:
    return Thread(id=id_, created_at=NOW + at, head="", metadata={"k": "v"})


def run(id_: str = "run_1", at: int = 0, *, of: str = "thread_1") -> Run:
    return rows.moved(rows.run(id_, of=of, at=NOW + at), Status.IN_PROGRESS, Status.COMPLETED)


async def take(scope: Scope, *values: Importable, tie: int = 0) -> Outcome:
    return await scope.imports.take([Import(value, tie, tie < 0) for value in values])


async def ids_of(scope: Scope, thread_id: str = "thread_1") -> list[str]:
    return [m.id for m in (await scope.messages.list(thread_id, OLDEST_FIRST)).data]


async def test_everything_is_there_with_its_id(scope: Scope) -> None:
    outcome = await take(scope, run(), message("m"), thread(), rows.assistant("asst_x", at=NOW))
    assert sorted(outcome.taken) == [0, 1, 2, 3]
    assert (await scope.assistants.get("asst_x")).id == "asst_x"
    assert (await scope.threads.get("thread_1")).metadata == {"k": "v"}
    assert (await scope.messages.get("thread_1", "m")).text == "text of m"
    assert (await scope.runs.get("thread_1", "run_1")).status is Status.COMPLETED
    assert [r.id for r in (await scope.runs.list("thread_1", OLDEST_FIRST)).data] == ["run_1"]
    assert (await scope.steps.list("run_1", OLDEST_FIRST)).data == []


async def test_what_is_here_stays_as_it_is(scope: Scope, database: Database) -> None:
    values = (thread(), message("m"), run(), rows.assistant("asst_x"))
    await take(scope, *values)
    before = await rows.counts(database)
    await scope.messages.set_metadata("thread_1", "m", {"changed": "here"})
    await scope.threads.change("thread_1", lambda thread: structs.replace(thread, metadata={"changed": "here"}))
    assert await take(scope, *values) == Outcome((), ())
    assert await rows.counts(database) == before
    assert (await scope.messages.get("thread_1", "m")).metadata == {"changed": "here"}
    assert (await scope.threads.get("thread_1")).metadata == {"changed": "here"}


async def test_the_same_twice_in_a_batch_is_once(scope: Scope) -> None:
    outcome = await take(scope, message("m"), message("m"), thread(), thread(), run(), run())
    assert len(outcome.taken) == 3
    assert await ids_of(scope) == ["m"]


async def test_messages_come_out_by_their_times_however_they_came_in(scope: Scope) -> None:
    expected = [message(f"m{n:02}", n * 7) for n in range(40)]
    shuffled = random.Random(1).sample(expected, 40)
    for start in range(0, 40, 9):
        await take(scope, *shuffled[start : start + 9])
    assert await ids_of(scope) == [m.id for m in expected]


@pytest.mark.parametrize("sign", [1, -1])
async def test_ties_come_out_in_their_order(scope: Scope, sign: int) -> None:
    batch = [Import(message(f"m{n}"), sign * n) for n in range(5)]
    await scope.imports.take(batch[:3])
    await scope.imports.take(batch)
    assert await ids_of(scope) == [f"m{n}" for n in range(5)][::sign]


@pytest.mark.parametrize(("tie", "expected"), [(0, ["first", "second"]), (-1, ["second", "first"])])
async def test_ties_of_two_dumps_go_beside_each_other(scope: Scope, tie: int, expected: list[str]) -> None:
    await take(scope, message("first"), tie=tie)
    await take(scope, message("second"), tie=tie)
    assert await ids_of(scope) == expected


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("cut", [1, 3, 5, 7])
async def test_a_second_that_is_split_between_dumps_is_in_its_order(scope: Scope, newest_first: bool, cut: int) -> None:
    listed = [f"m{n}" for n in range(8)][:: -1 if newest_first else 1]
    for piece in (listed[:cut], listed[cut:], listed):
        ties = [-place if newest_first else place for place in range(len(piece))]
        await scope.imports.take([Import(message(i), t, newest_first) for i, t in zip(piece, ties, strict=True)])
    assert await ids_of(scope) == [f"m{n}" for n in range(8)]


async def test_runs_and_assistants_of_one_second_are_listed_in_their_order(scope: Scope) -> None:
    for tie in range(3):
        await take(scope, run(f"run_{tie}"), rows.assistant(f"asst_{tie}", at=NOW), tie=-tie)
    assert [r.id for r in (await scope.runs.list("thread_1", OLDEST_FIRST)).data] == ["run_2", "run_1", "run_0"]
    listed = (await scope.assistants.list(OLDEST_FIRST)).data
    assert [a.id for a in listed] == ["asst_2", "asst_1", "asst_0"]
    assert {int(a.created_at) for a in listed} == {NOW}


async def test_what_is_said_later_comes_after(scope: Scope) -> None:
    await take(scope, message("m2", 5), message("m1"))
    await scope.messages.append("thread_1", rows.message("said_here"))
    assert await ids_of(scope) == ["m1", "m2", "said_here"]
    (newest,) = (await scope.messages.list("thread_1", PageQuery(limit=1))).data
    assert newest.id == "said_here"


async def test_pages_go_on_from_a_message_that_was_deleted(scope: Scope) -> None:
    await take(scope, *(message(f"m{n}", n) for n in range(5)))
    await scope.messages.delete("thread_1", "m2")
    page = await scope.messages.list("thread_1", PageQuery(order="asc", after="m2"))
    assert [m.id for m in page.data] == ["m3", "m4"]


async def test_a_deleted_message_comes_back_to_its_place(scope: Scope) -> None:
    said = [rows.message(f"m{n}") for n in range(3)]
    await scope.threads.insert(rows.thread(), said)
    await scope.messages.delete("thread_1", "m1")
    await take(scope, *said)
    assert await ids_of(scope) == ["m0", "m1", "m2"]


async def test_a_deleted_thread_comes_back(scope: Scope) -> None:
    values = (thread(), message("m"), run())
    await take(scope, *values)
    await scope.threads.delete("thread_1")
    assert len((await take(scope, *values)).taken) == 3
    assert await ids_of(scope) == ["m"]


async def test_a_thread_is_implied_by_its_messages_until_its_record_comes(scope: Scope) -> None:
    await take(scope, message("late", 50))
    await take(scope, message("early", 20), run(at=30))
    implied = await scope.threads.get("thread_1")
    assert (implied.created_at, implied.metadata) == (NOW + 20, {})
    assert (await take(scope, thread(at=10))).taken == (0,)
    known = await scope.threads.get("thread_1")
    assert (known.created_at, known.metadata, known.head) == (NOW + 10, {"k": "v"}, implied.head)
    assert await take(scope, thread(at=10)) == Outcome((), ())
    assert await ids_of(scope) == ["early", "late"]


async def test_an_implied_thread_that_was_changed_here_stays_so(scope: Scope) -> None:
    await take(scope, message("m"))
    await scope.threads.change("thread_1", lambda thread: structs.replace(thread, metadata={"changed": "here"}))
    await take(scope, thread())
    assert (await scope.threads.get("thread_1")).metadata == {"changed": "here"}


async def test_a_thread_takes_no_more_than_it_holds(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MESSAGES_PER_THREAD", 3)
    monkeypatch.setattr(branches, "MESSAGES_PER_THREAD", 3)
    batch = [message(f"m{n}", n) for n in range(5)]
    outcome = await take(scope, *batch)
    assert outcome.taken == (0, 1, 2)
    assert [refusal.index for refusal in outcome.refused] == [3, 4]
    again = await take(scope, *batch)
    assert (again.taken, [refusal.index for refusal in again.refused]) == ((), [3, 4])


async def test_projects_are_apart(store: Store) -> None:
    await take(store.scoped("a"), thread(), message("m"))
    await take(store.scoped("b"), thread(), message("m"))
    await store.scoped("a").threads.delete("thread_1")
    assert await ids_of(store.scoped("b")) == ["m"]
    with pytest.raises(NotFound):
        await store.scoped("a").threads.get("thread_1")


async def test_the_window_over_imported_messages_is_the_newest_and_all_are_counted(scope: Scope) -> None:
    texts = [(Text(f"m{n}"),) for n in range(5)]
    await take(scope, *(structs.replace(message(f"m{n}", n), content=texts[n]) for n in range(5)))
    head = (await scope.threads.get("thread_1")).head
    placed = await scope.messages.window(await scope.messages.branch(head), before=None, limit=2)
    assert [p.item.content for p in placed if isinstance(p.item, Said)] == [texts[4], texts[3]]
    assert (await scope.messages.branch(head)).items == 5
    await scope.messages.delete("thread_1", "m2")
    assert (await scope.messages.branch(head)).items == 4


async def test_a_batch_is_whole_or_not_there(scope: Scope, database: Database) -> None:
    broken = structs.replace(message("m2"), content=(Text("\ud800"),))  # can't be written
    with pytest.raises(UnicodeEncodeError):
        await take(scope, rows.assistant(), thread(), message("m1"), broken)
    assert set((await rows.counts(database)).values()) == {0}


@pytest.mark.parametrize("thread_first", [True, False])
async def test_a_threads_code_interpreter_has_the_files_that_its_dump_says(scope: Scope, thread_first: bool) -> None:
    brought = structs.replace(message("m1"), attachments=(rows.attached("file-gone", "code_interpreter"),))
    named = structs.replace(thread(), tool_resources=ToolResources(code_interpreter=("file-own",)))
    for value in (named, brought) if thread_first else (brought, named):
        await take(scope, value)
    await take(scope, brought, named)
    stored = await scope.threads.get("thread_1")
    assert stored.tool_resources == ToolResources(code_interpreter=("file-own",))  # the other was taken out there


async def test_a_v1_assistants_files_are_for_each_of_its_tools(scope: Scope) -> None:
    files = tuple(AttachedFile(file_id=f"file-{n}", attached_at=rows.NOW) for n in (2, 1))
    tools = (FileSearchTool(), CodeInterpreterTool())
    for _ in range(2):
        await scope.imports.take([Import(rows.assistant(tools=tools, files=files))])
    stored = await scope.assistants.get("asst_1")
    assert stored.tool_resources is not None
    assert stored.tool_resources.code_interpreter == ("file-2", "file-1")
    assert stored.tool_resources.file_search is not None
    assert await scope.assistant_files.of([stored]) == [files]

"""What is stored is read back whole, by its own project alone; what isn't there is NotFound."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec import structs

from retinue.core.assistant import Assistant
from retinue.core.errors import AlreadyExists, Fenced, Locked, NotFound, Overtaken
from retinue.core.history import RunChange
from retinue.core.item import Attachment, ImageFile, ImageUrl, Text
from retinue.core.job import EXPIRE_RUN, Job
from retinue.core.paging import PageQuery
from retinue.core.run import Status
from retinue.core.step import RunError
from retinue.core.thread import Thread
from retinue.core.tools import CodeInterpreterTool, FileSearchTool, FunctionTool, RankingOptions, ToolResources
from retinue.core.usage import Usage
from retinue.store import Database, Scope, Store, Transaction
from store import rows

ALL = PageQuery(limit=100, order="asc")


async def test_an_assistant_is_read_back_whole(scope: Scope) -> None:
    assistant = rows.assistant(
        name="Ünï\U0001f600",
        description="d",
        instructions="i\n\n\t",
        tools=(
            FunctionTool(name="f", description="d", parameters={"type": "object", "properties": {}}, strict=True),
            CodeInterpreterTool(),
            FileSearchTool(max_num_results=3, ranking_options=RankingOptions(score_threshold=0.5)),
        ),
        tool_resources=ToolResources(code_interpreter=("file-1",), file_search=()),
        temperature=0.0,
        top_p=0.5,
        response_format={"type": "json_object"},
        reasoning_effort="low",
        metadata={"k": "v"},
    )
    await scope.files.insert(rows.file("file-1"))
    await scope.assistants.insert(assistant)
    assert await scope.assistants.get("asst_1") == assistant


async def test_a_changed_assistant_is_stored(scope: Scope) -> None:
    await scope.assistants.insert(rows.assistant())
    changed = await scope.assistants.change("asst_1", lambda a: structs.replace(a, name="New"))
    assert changed.name == "New"
    assert await scope.assistants.get("asst_1") == changed


async def test_a_change_that_refuses_leaves_the_assistant(scope: Scope) -> None:
    await scope.assistants.insert(rows.assistant())

    def refuse(_: Assistant) -> Assistant:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await scope.assistants.change("asst_1", refuse)
    assert await scope.assistants.get("asst_1") == rows.assistant()


async def test_an_id_that_is_taken_is_refused(scope: Scope) -> None:
    await scope.assistants.insert(rows.assistant())
    with pytest.raises(AlreadyExists):
        await scope.assistants.insert(rows.assistant())


async def test_a_deleted_assistant_is_gone(scope: Scope) -> None:
    await scope.assistants.insert(rows.assistant())
    await scope.assistants.delete("asst_1")
    with pytest.raises(NotFound):
        await scope.assistants.get("asst_1")
    assert (await scope.assistants.list(ALL)).data == []


async def test_a_message_is_read_back_whole(scope: Scope) -> None:
    message = rows.message(
        "msg_1",
        content=(Text("Hi!"), ImageFile(file_id="file_1", detail="low"), ImageUrl(url="https://x.y/z")),
        attachments=(Attachment(file_id="file_2", tools=("file_search",)),),
        metadata={"k": "v"},
    )
    await scope.files.insert(rows.file("file_2"))
    await scope.threads.insert(rows.thread(), [message])
    assert await scope.messages.get("thread_1", "msg_1") == message


async def test_metadata_of_a_message_can_be_changed_and_emptied(scope: Scope) -> None:
    await scope.threads.insert(rows.thread(), [rows.message("msg_1", metadata={"a": "1"})])
    assert (await scope.messages.set_metadata("thread_1", "msg_1", {"b": "2"})).metadata == {"b": "2"}
    await scope.messages.set_metadata("thread_1", "msg_1", {})
    assert (await scope.messages.get("thread_1", "msg_1")).metadata == {}


async def test_a_message_of_another_thread_is_not_found(scope: Scope) -> None:
    await scope.threads.insert(rows.thread("thread_1"), [rows.message("msg_1")])
    await scope.threads.insert(rows.thread("thread_2"))
    with pytest.raises(NotFound, match=r"No message found with id 'msg_1'."):
        await scope.messages.get("thread_2", "msg_1")


async def test_a_run_is_read_back_whole(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    run = rows.run(metadata={"k": "v"})
    await scope.runs.create(run)
    assert await scope.runs.get("thread_1", "run_1") == run


async def test_all_that_a_driver_commits_is_read_back(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    run = rows.run()
    await scope.runs.create(run)
    call = rows.call()
    change = RunChange(
        run=structs.replace(
            rows.moved(run, Status.IN_PROGRESS, Status.FAILED),
            usage=Usage(prompt=10, completion=5, cached=3, reasoning=2, estimated=True),
            cost_usd=0.25,
            error=RunError(code="server_error", message="It is down."),
        ),
        turn=rows.turn(),
        steps=(rows.step(kind="tool_calls", cuts=((1, 2), (3,)), status="completed", last_event=9),),
        items=(rows.message("msg_1", role="assistant", run_id="run_1", status="in_progress"), call, rows.output(call)),
    )
    await scope.runs.commit(change)
    history = await scope.runs.history("run_1")
    assert history.run == change.run
    assert (history.turns, history.steps, history.items) == ((change.turn,), change.steps, change.items)


async def test_a_step_and_a_message_that_come_again_are_overwritten(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    run = rows.run()
    await scope.runs.create(run)
    opened = rows.message("msg_1", role="assistant", run_id="run_1", status="in_progress", content=())
    await scope.runs.commit(RunChange(run=run, steps=(rows.step(),), items=(opened,)))
    closed = structs.replace(opened, status="completed", content=(Text("Done."),))
    await scope.runs.commit(RunChange(run=run, steps=(rows.step(status="completed"),), items=(closed,)))
    history = await scope.runs.history("run_1")
    assert history.items == (closed,)
    assert [step.status for step in history.steps] == ["completed"]


async def test_an_execution_is_read_back_as_it_was_stored_last(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    run = rows.run(served=("get_a",))
    await scope.runs.create(run)
    begun = rows.execution(rows.call())
    await scope.runs.commit(RunChange(run=run, executions=(begun,)))
    assert (await scope.runs.history("run_1")).executions == (begun,)
    ended = structs.replace(
        begun, outcome="timed_out", ended_at=rows.NOW + 9, attempts=3, error="Ünï\x00", idempotent=True, fence=2
    )
    await scope.runs.commit(RunChange(run=run, executions=(ended,)))
    assert (await scope.runs.history("run_1")).executions == (ended,)


async def test_executions_come_in_the_order_of_their_beginnings(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    run = rows.run(served=("get_a",))
    await scope.runs.create(run)
    later, first = rows.execution(rows.call("item_1"), at=rows.NOW + 0.5), rows.execution(rows.call("item_2"))
    await scope.runs.commit(RunChange(run=run, executions=(later, first)))
    assert (await scope.runs.history("run_1")).executions == (first, later)


async def test_calls_of_two_steps_may_bear_one_id(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    run = rows.run(served=("get_a",))
    await scope.runs.create(run)
    first = rows.execution(rows.call())
    second = structs.replace(first, step_id="step_2", started_at=rows.NOW + 1)
    await scope.runs.commit(RunChange(run=run, executions=(first, second)))
    assert (await scope.runs.history("run_1")).executions == (first, second)


async def test_metadata_of_a_run_stays_when_its_driver_writes(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    run = rows.run()
    await scope.runs.create(run)
    await scope.runs.set_metadata("thread_1", "run_1", {"mark": "1"})
    await scope.runs.commit(rows.ended(run))
    assert (await scope.runs.get("thread_1", "run_1")).metadata == {"mark": "1"}


async def test_a_run_with_a_new_thread_stores_both(scope: Scope) -> None:
    await scope.runs.create(rows.run(), [rows.message("msg_1")], new_thread=rows.thread())
    assert await scope.threads.get("thread_1") == rows.thread()
    assert [m.id for m in (await scope.messages.list("thread_1", ALL)).data] == ["msg_1"]


async def test_a_run_that_is_asked_to_cancel_waits_for_nothing(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    run = rows.run()
    await scope.runs.create(run)
    waiting = structs.replace(rows.moved(run, Status.IN_PROGRESS, Status.REQUIRES_ACTION), pending=(rows.call(),))
    await scope.runs.commit(RunChange(run=waiting, steps=(rows.step(kind="tool_calls"),), items=(rows.call(),)))
    answered = await scope.runs.ask_to_cancel("thread_1", "run_1", check=lambda _: None)
    assert (answered.status, answered.pending) == (Status.CANCELLING, ())
    assert await scope.runs.get("thread_1", "run_1") == answered


async def test_a_check_that_refuses_a_cancel_leaves_the_run(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run())

    def refuse(_: object) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await scope.runs.ask_to_cancel("thread_1", "run_1", check=refuse)
    assert (await scope.runs.get("thread_1", "run_1")).status is Status.QUEUED


NOT_THERE: list[tuple[str, Callable[[Scope], Awaitable[Any]]]] = [
    ("assistant", lambda s: s.assistants.get("asst_0")),
    ("assistant", lambda s: s.assistants.get("asst\0")),
    ("assistant", lambda s: s.assistants.change("asst_0", lambda a: a)),
    ("assistant", lambda s: s.assistants.delete("asst_0")),
    ("thread", lambda s: s.threads.get("thread_0")),
    ("thread", lambda s: s.threads.delete("\0")),
    ("thread", lambda s: s.threads.change("thread_0", lambda t: t)),
    ("thread", lambda s: s.threads.fork("thread_0", after=0)),
    ("thread", lambda s: s.threads.delete("thread_0")),
    ("thread", lambda s: s.messages.append("thread_0", rows.message("msg_1"))),
    ("thread", lambda s: s.messages.list("thread_0", ALL)),
    ("thread", lambda s: s.messages.get("thread_0", "msg_0")),
    ("message", lambda s: s.messages.get("thread_1", "msg_0")),
    ("message", lambda s: s.messages.set_metadata("thread_1", "msg_0", {})),
    ("message", lambda s: s.messages.delete("thread_1", "msg_0")),
    ("thread", lambda s: s.runs.create(rows.run(of="thread_0"))),
    ("thread", lambda s: s.runs.get("thread_0", "run_0")),
    ("run", lambda s: s.runs.get("thread_1", "run_0")),
    ("thread", lambda s: s.runs.list("thread_0", ALL)),
    ("run", lambda s: s.runs.get("thread_1", "run_\0")),
    ("run", lambda s: s.runs.history("run_0")),
    ("run", lambda s: s.runs.set_metadata("thread_1", "run_0", {})),
    ("run", lambda s: s.runs.ask_to_cancel("thread_1", "run_0", check=lambda _: None)),
    ("run", lambda s: s.runs.take_over("run_0")),
    ("run", lambda s: s.runs.decide("thread_1", "run_0", lambda h: RunChange(run=h.run))),
]


@pytest.mark.parametrize("at", range(len(NOT_THERE)))
async def test_what_is_not_there_is_not_found(scope: Scope, at: int) -> None:
    await scope.threads.insert(rows.thread())
    kind, ask = NOT_THERE[at]
    with pytest.raises(NotFound) as refused:
        await ask(scope)
    assert refused.value.kind == kind


async def test_two_projects_with_the_same_ids_see_nothing_of_each_other(store: Store) -> None:
    scopes = [store.scoped("one"), store.scoped("two")]
    for scope in scopes:
        name = scope.project
        await scope.assistants.insert(rows.assistant(name=name))
        await scope.threads.insert(rows.thread(metadata={"of": name}), [rows.message("msg_1", metadata={"of": name})])
        await scope.runs.create(rows.run(metadata={"of": name}))
        item = rows.message("msg_2", role="assistant", run_id="run_1", metadata={"of": name})
        await scope.runs.commit(RunChange(run=rows.run(), turn=rows.turn(), steps=(rows.step(),), items=(item,)))
    for scope in scopes:
        name = scope.project
        assert [a.name for a in (await scope.assistants.list(ALL)).data] == [name]
        assert [m.metadata for m in (await scope.messages.list("thread_1", ALL)).data] == [{"of": name}] * 2
        assert [r.metadata for r in (await scope.runs.list("thread_1", ALL)).data] == [{"of": name}]
        history = await scope.runs.history("run_1")
        assert (len(history.turns), len(history.steps), len(history.items)) == (1, 1, 1)


async def test_what_one_project_deletes_the_other_keeps(store: Store) -> None:
    one, two = store.scoped("one"), store.scoped("two")
    for scope in (one, two):
        await scope.assistants.insert(rows.assistant())
        await scope.threads.insert(rows.thread(), [rows.message("msg_1"), rows.message("msg_2")])
        await scope.runs.create(rows.run())
    await one.assistants.delete("asst_1")
    await one.messages.delete("thread_1", "msg_1")
    await one.threads.delete("thread_1")
    assert await two.assistants.get("asst_1") == rows.assistant()
    assert len((await two.messages.list("thread_1", ALL)).data) == 2
    assert await two.runs.get("thread_1", "run_1") == rows.run()
    assert await store.unfinished_runs() == [("two", "run_1")]


async def test_a_second_live_run_of_a_thread_is_refused(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run("run_1"))
    with pytest.raises(Locked, match=r"^Thread thread_1 already has an active run run_1\.$"):
        await scope.runs.create(rows.run("run_2"))


@pytest.mark.parametrize("status", ["queued", "in_progress", "requires_action", "cancelling"])
async def test_the_database_itself_refuses_a_second_live_run(scope: Scope, database: Database, status: str) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run())

    async def behind_its_back(tx: Transaction) -> None:
        await tx.execute(
            "INSERT INTO runs (project, id, thread, branch, created_at, status, fence, metadata, body, state)"
            " SELECT project, ?, thread, branch, created_at, ?, fence, metadata, body, state FROM runs",
            "run_2",
            status,
        )

    with pytest.raises(AlreadyExists):
        await database.write(behind_its_back)


async def test_a_run_that_ended_lets_the_next_begin(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run("run_1"))
    await scope.runs.commit(rows.ended(rows.run("run_1")))
    await scope.runs.create(rows.run("run_2"))


async def test_of_many_runs_created_at_once_one_wins(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    attempts = [scope.runs.create(rows.run(f"run_{n}"), [rows.message(f"msg_{n}")]) for n in range(200)]
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(answer) for answer in answers].count(Thread) == 1
    assert [type(answer) for answer in answers].count(Locked) == 199
    assert len((await scope.messages.list("thread_1", ALL)).data) == 1


async def test_messages_are_refused_while_a_run_is_live(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run())
    with pytest.raises(Locked, match=r"^Can't add messages to thread_1 while a run run_1 is active\.$"):
        await scope.messages.append("thread_1", rows.message("msg_1"))


async def test_a_commit_under_an_old_fence_is_refused(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run())
    taken = await scope.runs.take_over("run_1")
    assert taken.run.fence == 2
    with pytest.raises(Fenced):
        await scope.runs.commit(rows.ended(rows.run()))
    await scope.runs.commit(RunChange(run=rows.moved(taken.run, Status.IN_PROGRESS)))


async def test_a_commit_to_a_run_that_is_gone_is_refused(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run())
    await scope.threads.delete("thread_1")
    with pytest.raises(Fenced):
        await scope.runs.commit(rows.ended(rows.run()))


async def test_a_commit_that_a_cancel_came_before_is_overtaken(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run())
    await scope.runs.ask_to_cancel("thread_1", "run_1", check=lambda _: None)
    with pytest.raises(Overtaken):
        await scope.runs.commit(RunChange(run=rows.moved(rows.run(), Status.IN_PROGRESS), turn=rows.turn()))
    assert (await scope.runs.history("run_1")).turns == ()


async def test_a_run_that_ended_can_not_be_written_back_to_life(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run())
    await scope.runs.commit(rows.ended(rows.run()))
    with pytest.raises(Overtaken):
        await scope.runs.commit(RunChange(run=rows.moved(rows.run(), Status.IN_PROGRESS)))


async def test_unfinished_are_the_live_runs_that_do_not_wait_for_their_client(scope: Scope, store: Store) -> None:
    for status in Status:
        name = f"thread_{status}"
        await scope.threads.insert(rows.thread(name))
        run = rows.run(f"run_{status}", of=name)
        await scope.runs.create(run)
        if status is Status.CANCELLING:
            await scope.runs.ask_to_cancel(name, run.id, check=lambda _: None)
        elif status is not Status.QUEUED:
            begun = run.moved(Status.IN_PROGRESS, at=rows.NOW, event=run.first_number + 1)
            await scope.runs.commit(RunChange(run=begun))
        if status is Status.CANCELLED:
            await scope.runs.ask_to_cancel(name, run.id, check=lambda _: None)
            begun = begun.moved(Status.CANCELLING, at=rows.NOW, event=run.first_number + 2)
        if status not in (Status.CANCELLING, Status.QUEUED, Status.IN_PROGRESS):
            await scope.runs.commit(RunChange(run=begun.moved(status, at=rows.NOW, event=run.first_number + 3)))
    unfinished = [run_id for _, run_id in await store.unfinished_runs()]
    assert unfinished == ["run_queued", "run_in_progress", "run_cancelling"]


async def test_a_new_run_brings_the_job_of_its_expiry_and_its_end_takes_it_away(scope: Scope, store: Store) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run())
    assert await store.jobs.next_due(EXPIRE_RUN) == rows.run().expires_at
    await scope.runs.commit(rows.ended(rows.run()))
    assert await store.jobs.next_due(EXPIRE_RUN) is None


async def test_a_deleted_thread_leaves_no_row_behind(scope: Scope, database: Database) -> None:
    await scope.threads.insert(rows.thread(), [rows.message("msg_1"), rows.message("msg_2")])
    await scope.threads.fork("thread_1", after=0)
    run = structs.replace(rows.run(), branch=(await scope.threads.get("thread_1")).head)
    await scope.runs.create(run, [rows.message("msg_3")])
    call = rows.call()
    change = RunChange(run=run, turn=rows.turn(), steps=(rows.step(),), items=(call, rows.output(call)))
    await scope.runs.commit(structs.replace(change, executions=(rows.execution(call),)))
    assert (await scope.threads.delete("thread_1")).live == ["run_1"]
    assert set((await rows.counts(database)).values()) == {0}


async def test_the_tombstones_of_a_deleted_threads_messages_go_with_it(scope: Scope, database: Database) -> None:
    await scope.threads.insert(rows.thread(), [rows.message("msg_1")])
    await scope.messages.delete("thread_1", "msg_1")
    await scope.threads.delete("thread_1")
    assert set((await rows.counts(database)).values()) == {0}


async def test_deleting_a_thread_tells_which_runs_were_live(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    await scope.runs.create(rows.run("run_1"))
    await scope.runs.commit(rows.ended(rows.run("run_1")))
    assert (await scope.threads.delete("thread_1")).live == []


async def test_jobs_of_the_same_kind_and_key_are_one(store: Store) -> None:
    for due in (5.0, 3.0):
        await store.jobs.add(Job(kind="k", project="p", key="x", due=due))
    assert await store.jobs.next_due("k") == 5.0
    assert len(await store.jobs.lease({"k": 10}, now=10, seconds=60)) == 1

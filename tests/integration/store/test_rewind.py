"""A thread that goes on from one of its messages, as if nothing had followed."""

import pytest

from retinue.core.errors import InvalidRequest, Locked, NotFound
from retinue.core.paging import PageQuery
from retinue.store import Branch, Database, Scope, branches
from store import rows


@pytest.fixture
async def thread(scope: Scope) -> None:
    await scope.threads.insert(rows.thread(), [rows.message(f"msg_{n}") for n in range(4)])


async def shown(scope: Scope) -> list[str]:
    page = await scope.messages.list("thread_1", PageQuery(order="asc"))
    return [message.id for message in page.data]


async def head(scope: Scope) -> Branch:
    return await scope.messages.branch((await scope.threads.get("thread_1")).head)


async def go_on_from(scope: Scope, number: int) -> None:
    """Say two things more, and take the second back."""
    for id_ in (f"kept_{number}", f"left_{number}"):
        await scope.messages.append("thread_1", rows.message(id_))
    await scope.threads.rewind("thread_1", f"kept_{number}", keep=True)


@pytest.mark.usefixtures("thread")
@pytest.mark.parametrize(("keep", "left"), [(True, ["msg_0", "msg_1"]), (False, ["msg_0"])])
async def test_what_followed_a_message_is_shown_no_more(scope: Scope, keep: bool, left: list[str]) -> None:
    before = await scope.threads.get("thread_1")
    rewound = await scope.threads.rewind("thread_1", "msg_1", keep=keep)
    assert rewound.head != before.head
    assert await scope.threads.get("thread_1") == rewound
    assert await shown(scope) == left
    await scope.messages.append("thread_1", rows.message("msg_new"))
    assert await shown(scope) == [*left, "msg_new"]
    assert (await scope.messages.get("thread_1", "msg_3")).id == "msg_3"


@pytest.mark.usefixtures("thread")
async def test_a_thread_can_be_rewound_to_before_its_beginning(scope: Scope) -> None:
    await scope.threads.rewind("thread_1", "msg_0", keep=False)
    assert await shown(scope) == []
    await scope.messages.append("thread_1", rows.message("msg_new"))
    assert await shown(scope) == ["msg_new"]


@pytest.mark.usefixtures("thread")
async def test_answers_that_are_made_again_and_again_add_no_segments(scope: Scope) -> None:
    for number in range(5):
        await scope.threads.rewind("thread_1", "msg_1", keep=True)
        await scope.messages.append("thread_1", rows.message(f"again_{number}"))
    assert await shown(scope) == ["msg_0", "msg_1", "again_4"]
    await scope.threads.rewind("thread_1", "again_4", keep=False)
    assert await shown(scope) == ["msg_0", "msg_1"]
    assert len((await head(scope)).path) == 2


@pytest.mark.usefixtures("thread")
async def test_a_rewind_to_the_end_changes_nothing(scope: Scope) -> None:
    before = await scope.threads.get("thread_1")
    assert await scope.threads.rewind("thread_1", "msg_3", keep=True) == before
    await scope.messages.delete("thread_1", "msg_3")
    assert await scope.threads.rewind("thread_1", "msg_2", keep=True) == before


@pytest.mark.usefixtures("thread")
async def test_a_branch_of_which_nothing_is_left_is_no_segment(scope: Scope) -> None:
    await go_on_from(scope, 0)
    await go_on_from(scope, 1)
    await scope.messages.append("thread_1", rows.message("last"))
    await scope.messages.delete("thread_1", "kept_1")
    await scope.threads.rewind("thread_1", "last", keep=False)
    await scope.messages.append("thread_1", rows.message("msg_new"))
    assert await shown(scope) == ["msg_0", "msg_1", "msg_2", "msg_3", "kept_0", "msg_new"]
    path = (await head(scope)).path
    assert [segment.first for segment in path] == [0, 5]
    assert [segment.last for segment in path] == [4, None]


@pytest.mark.usefixtures("thread")
async def test_a_path_has_only_so_many_segments(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "SEGMENTS_PER_PATH", 3)
    await go_on_from(scope, 0)
    await go_on_from(scope, 1)
    with pytest.raises(InvalidRequest, match="start a new thread") as refused:
        await go_on_from(scope, 2)
    assert refused.value.code == "thread_rewound_too_often"
    assert (await shown(scope))[4:] == ["kept_0", "kept_1", "kept_2", "left_2"]
    await scope.threads.rewind("thread_1", "kept_1", keep=True)
    assert (await shown(scope))[4:] == ["kept_0", "kept_1"]


@pytest.mark.usefixtures("thread")
async def test_a_branch_that_was_left_still_has_its_whole_path(scope: Scope, database: Database) -> None:
    heads = []
    for number in range(5):
        await go_on_from(scope, number)
        heads.append((await head(scope)).path)
    for path in heads:
        left = await scope.messages.branch(path[-1].branch)
        assert left.path == path
    stored = await database.all("SELECT path FROM branches WHERE id <> ?", heads[-1][-1].branch)
    assert max(path.count("[") - 1 for (path,) in stored) == 2


@pytest.mark.usefixtures("thread")
async def test_a_deleted_message_is_counted_less_wherever_it_was_shown(scope: Scope) -> None:
    seen = [await head(scope)]
    for number in range(3):
        await go_on_from(scope, number)
        seen.append(await head(scope))
    await scope.threads.rewind("thread_1", "msg_1", keep=True)
    seen.append(await head(scope))
    for id_ in ("kept_1", "left_1", "msg_2", "msg_0"):
        await scope.messages.delete("thread_1", id_)
    for number, old in enumerate(seen):
        branch = await scope.messages.branch(old.id)
        window = await scope.messages.window(branch, before=None, limit=100)
        assert (number, branch.messages, branch.items) == (number, len(window), len(window))


@pytest.mark.usefixtures("thread")
async def test_a_message_that_is_out_of_sight_is_not_found(scope: Scope) -> None:
    await scope.threads.insert(rows.thread("thread_2"), [rows.message("msg_other", of="thread_2")])
    await scope.threads.rewind("thread_1", "msg_1", keep=True)
    for message_id in ("msg_2", "msg_other", "msg_none"):
        with pytest.raises(NotFound):
            await scope.threads.rewind("thread_1", message_id, keep=True)
    with pytest.raises(NotFound):
        await scope.threads.rewind("thread_none", "msg_1", keep=True)


@pytest.mark.usefixtures("thread")
async def test_a_thread_with_a_live_run_is_not_rewound(scope: Scope) -> None:
    await scope.runs.create(rows.run())
    with pytest.raises(Locked, match="while a run run_1 is active"):
        await scope.threads.rewind("thread_1", "msg_1", keep=True)

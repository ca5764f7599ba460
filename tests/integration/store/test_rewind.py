"""A thread that goes on from one of its messages, as if nothing had followed."""

import pytest

from retinue.core.errors import Locked, NotFound
from retinue.core.paging import PageQuery
from retinue.store import Scope
from store import rows


@pytest.fixture
async def thread(scope: Scope) -> None:
    await scope.threads.insert(rows.thread(), [rows.message(f"msg_{n}") for n in range(4)])


async def shown(scope: Scope) -> list[str]:
    page = await scope.messages.list("thread_1", PageQuery(order="asc"))
    return [message.id for message in page.data]


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

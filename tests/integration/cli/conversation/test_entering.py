"""The way in: to the server that has the folder, else to an engine in this process."""

import asyncio
import contextlib
import os
from pathlib import Path

import pytest
from msgspec import structs
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from cli.conversation.doors import answered, heard, listening, place, said, server
from retinue import __version__
from retinue.app.embedded import embedded
from retinue.app.entry import Entry, read_entry, write_entry
from retinue.app.folder import ENTRY, hold
from retinue.cli.chat.conversation import Answered, Said, Waiting
from retinue.cli.client import entering
from retinue.cli.client.door import Gone
from retinue.core.errors import FolderInUse, NotStarted
from retinue.testing import Hold, says


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody comes in these tests for whom it would be of use to wait."""
    monkeypatch.setattr(entering, "_PAUSE_S", 0.01)


async def test_where_a_server_has_the_folder_the_terminal_is_its_client(tmp_path: Path) -> None:
    async with place("over_http", tmp_path, says("Yes.")) as there, there.talk() as session, there.talk() as another:
        assert session.place.startswith("the server at http://127.0.0.1:")
        await heard(session.say("Hi"))
        async with there.talk(last=True) as follower:
            assert await said(follower) == [("user", "Hi"), ("assistant", "Yes.")]
        assert another.thread_id is None


async def test_without_a_server_the_folder_is_taken_and_let_go_again(tmp_path: Path) -> None:
    async with place("in_process", tmp_path) as there:
        async with there.talk() as session:
            assert session.place == f"{there.settings.data}, without a server"
            with pytest.raises(FolderInUse), hold(there.settings.data):
                pass
        with hold(there.settings.data):
            pass


async def test_who_holds_the_folder_and_takes_nobody_in_is_a_sentence(tmp_path: Path) -> None:
    async with place("in_process", tmp_path) as there, there.talk():
        with pytest.raises(FolderInUse, match=rf"\(process {os.getpid()}\) .*run `retinue serve`"):
            async with there.talk():
                pass


async def test_what_a_killed_server_left_is_in_nobodys_way(tmp_path: Path) -> None:
    async with place("in_process", tmp_path, says("Yes.")) as there:
        there.settings.data.mkdir()
        left = Entry(pid=1, url="http://127.0.0.1:9", secret="old", version="0")
        write_entry(there.settings.data, left)
        async with there.talk() as session:
            assert "without a server" in session.place
            assert not (there.settings.data / ENTRY).exists()


async def test_nothing_is_sent_to_the_port_of_a_killed_server(tmp_path: Path) -> None:
    asked: list[str] = []

    async def stranger(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        await PlainTextResponse("ok")(scope, receive, send)

    async with place("in_process", tmp_path, says("Yes.")) as there, listening(stranger) as url:
        there.settings.data.mkdir()
        write_entry(there.settings.data, Entry(pid=1, url=url, secret="old", version=__version__))
        async with there.talk() as session:
            assert "without a server" in session.place
            await heard(session.say("A secret"))
    assert asked == []


async def test_nothing_more_is_sent_to_a_server_that_was_killed_between_questions(tmp_path: Path) -> None:
    asked: list[str] = []
    async with place("in_process", tmp_path, default=says("Yes.")) as there, contextlib.AsyncExitStack() as stack:
        own = contextlib.AsyncExitStack()
        embedding = await own.enter_async_context(embedded(there.settings))

        async def taken_over(scope: Scope, receive: Receive, send: Send) -> None:
            asked.append(scope["path"])
            await embedding.app(scope, receive, send)

        url = await stack.enter_async_context(listening(taken_over))
        entry = Entry(pid=1, url=url, secret=embedding.secret, version=__version__)
        write_entry(there.settings.data, entry)
        session = await stack.enter_async_context(there.talk())
        await heard(session.say("First"))
        await own.aclose()
        write_entry(there.settings.data, entry)  # as one leaves it that is killed
        before = len(asked)
        with pytest.raises(Gone, match="The server has gone"):
            await heard(session.say("Second"))
        assert len(asked) == before


async def test_a_server_that_is_just_starting_is_waited_for(tmp_path: Path) -> None:
    async with place("in_process", tmp_path, says("Yes.")) as there, contextlib.AsyncExitStack() as stack:
        own = await stack.enter_async_context(embedded(there.settings))
        url = await stack.enter_async_context(listening(own.app))
        opening = asyncio.create_task(stack.enter_async_context(there.talk()))
        await asyncio.sleep(0)
        write_entry(there.settings.data, Entry(pid=1, url=url, secret=own.secret, version=__version__))
        assert (await opening).place == f"the server at {url}"


async def test_a_server_of_another_version_is_a_sentence(tmp_path: Path) -> None:
    async with place("over_http", tmp_path) as there:
        entry = read_entry(there.settings.data)
        assert entry is not None
        write_entry(there.settings.data, structs.replace(entry, version="0.0.9"))
        with pytest.raises(NotStarted, match=r"is Retinue 0\.0\.9, and this is "):
            async with there.talk():
                pass


async def test_where_the_server_went_its_folder_is_left_to_the_next_one(tmp_path: Path) -> None:
    async with place("in_process", tmp_path, default=says("Yes.")) as there, contextlib.AsyncExitStack() as stack:
        async with server(there.settings):
            session = await stack.enter_async_context(there.talk())
            await heard(session.say("First"))
        for _ in range(2):
            with pytest.raises(
                Gone, match="Start it again with `retinue serve` and try again; or leave: the next command"
            ):
                await heard(session.say("Second"))
        with hold(there.settings.data):
            pass
        async with server(there.settings):
            assert (await answered(session.say("Second")))[0] == "Yes."
            assert [text for _, text in await said(session)] == ["First", "Yes.", "Second", "Yes."]


async def test_where_the_server_was_started_anew_the_terminal_is_the_new_ones_client(tmp_path: Path) -> None:
    async with place("in_process", tmp_path, default=says("Yes.")) as there, contextlib.AsyncExitStack() as stack:
        async with server(there.settings):
            session = await stack.enter_async_context(there.talk())
            await heard(session.say("First"))
        async with server(there.settings) as entry:
            await heard(session.say("Second"))
            assert session.place == f"the server at {entry.url}"
            assert [text for _, text in await said(session)] == ["First", "Yes.", "Second", "Yes."]


async def test_an_answer_goes_on_where_its_server_was_started_anew(tmp_path: Path) -> None:
    script = (says("One, ", Hold(asyncio.Event())), says("One, two."))
    async with place("in_process", tmp_path, *script) as there, contextlib.AsyncExitStack() as stack:
        async with server(there.settings):
            session = await stack.enter_async_context(there.talk())
            happenings = session.say("Count.")
            assert await anext(happenings) == Said("One, ")
        async with server(there.settings):
            *before, last = await heard(happenings)
            assert any(isinstance(happening, Waiting) for happening in before)
            assert isinstance(last, Answered)
            assert last.end == "completed"
            assert (await said(session))[-1] == ("assistant", "One, two.")

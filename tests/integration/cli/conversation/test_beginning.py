"""What a conversation begins with: its assistant, its model, its thread."""

from pathlib import Path

import pytest

from cli.conversation.doors import Place, heard, place
from retinue.cli.chat.objects import Thread
from retinue.cli.client.door import Request
from retinue.cli.client.entrance import Entrance
from retinue.cli.files.objects import Deleted, File
from retinue.cli.files.vector_stores import make_store, path_of
from retinue.core.errors import InvalidRequest, RetinueError
from retinue.testing import says


async def test_an_assistant_is_found_by_its_id_and_by_its_name(tmp_path: Path) -> None:
    async with place("in_process", tmp_path, default=says("Yes.")) as there:
        async with there.api() as api:
            made = await api.post("/v1/assistants", dict, model="own", name="Guide", instructions="Guide me.")
        for named in ("Guide", made["id"]):
            async with there.talk(assistant=named) as session:
                assert (session.model, session.system) == ("own", "Guide me.")
                await heard(session.say("Hi"))
                assert there.provider.requests[-1].body["messages"][0]["content"] == "Guide me."
        async with there.talk(last=True) as session:
            assert (session.model, session.system) == ("own", "Guide me.")
        async with there.talk(assistant="Guide", model="other", system="") as session:
            assert (session.model, session.system) == ("other", "")


async def test_the_settings_may_name_the_assistant(tmp_path: Path) -> None:
    async with place("in_process", tmp_path, assistant="Guide") as there:
        async with there.api() as api:
            await api.post("/v1/assistants", dict, model="own", name="Guide")
        async with there.talk() as session:
            assert session.model == "own"


async def test_names_that_several_bear_or_none_are_refused_with_the_choices(tmp_path: Path) -> None:
    async with place("in_process", tmp_path) as there:
        async with there.api() as api:
            ids = [(await api.post("/v1/assistants", dict, model="m", name="Twin"))["id"] for _ in range(2)]
        with pytest.raises(InvalidRequest) as refused:
            async with there.talk(assistant="Twin"):
                pass
        assert all(id_ in refused.value.message for id_ in ids)
        with pytest.raises(InvalidRequest, match="There are: Terminal, Twin"):
            async with there.talk(assistant="Nobody"):
                pass


async def test_the_terminals_assistant_is_made_once_and_anew_where_it_was_deleted(tmp_path: Path) -> None:
    async with place("in_process", tmp_path, default=says("Yes.")) as there:
        for _ in range(2):
            async with there.talk():
                pass
        async with there.api() as api:
            listed = await api.get("/v1/assistants", dict)
            assert [assistant["id"] for assistant in listed["data"]] == ["asst_terminal"]
        entrance = Entrance(there.settings, "default")
        async with entrance.send(Request(method="DELETE", path="/v1/assistants/asst_terminal")) as answer:
            assert answer.status == 200
        await entrance.close()
        async with there.talk() as session:
            await heard(session.say("Hi"))


async def test_a_thread_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    async with place("in_process", tmp_path) as there:
        with pytest.raises(RetinueError, match="No thread found with id 'thread_none'"):
            async with there.talk(thread="thread_none"):
                pass
        with pytest.raises(InvalidRequest, match="no thread to go on with yet"):
            async with there.talk(last=True):
                pass


async def test_the_only_model_answers_and_several_are_a_question(tmp_path: Path) -> None:
    async with place("in_process", tmp_path, model=None) as there:
        async with there.talk() as session:
            assert session.model == "fake-model"
        there.provider.models = ("one", "two")
        with pytest.raises(InvalidRequest, match=r"There are 2, such as one, two\. Say it with -m"):
            async with there.talk():
                pass
        async with there.talk(model="two") as session:
            assert session.model == "two"


async def test_a_project_that_can_be_none_is_refused(tmp_path: Path) -> None:
    async with place("in_process", tmp_path) as there:
        with pytest.raises(InvalidRequest, match="no name for a project"):
            async with there.talk(project="a.b"):
                pass


async def test_a_thread_that_is_gone_on_with_leaves_its_documents_to_the_next(tmp_path: Path) -> None:
    async with place("in_process", tmp_path, default=says("Yes.")) as there:
        async with there.api() as api:
            store = await make_store(api, "manuals")
        async with there.talk(store="manuals") as session:
            await heard(session.say("Hi"))
        async with there.talk(last=True) as session:
            assert session.documents == "manuals"
            await session.clear()
            await heard(session.say("Hi"))
            thread_id = session.thread_id
        async with there.api() as api:
            assert (await api.get(f"/v1/threads/{thread_id}", Thread)).stores == (store.id,)
            await api.delete(path_of(store), Deleted)
        async with there.talk(last=True) as session:
            assert session.documents == ""
            await session.clear()
            await heard(session.say("Hi"))


async def test_a_file_of_data_is_given_to_code_too(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("month,revenue\nJan,100\n")
    (tmp_path / "notes.txt").write_text("The revenue was low.\n")
    async with place("over_http", tmp_path, default=says("Yes.")) as there:
        async with there.talk(files=(tmp_path / "notes.txt",)) as session:
            await heard(session.say("Hi"))
            assert await _code_files(there, session.thread_id) == ()
        async with there.talk(files=(tmp_path / "sales.csv",)) as session:
            await heard(session.say("Hi"))
            (file_id,) = await _code_files(there, session.thread_id)
        async with there.api() as api:
            assert (await api.get(f"/v1/files/{file_id}", File)).filename == "sales.csv"
            run = (await api.get(f"/v1/threads/{session.thread_id}/runs", dict))["data"][0]
            assert [tool["type"] for tool in run["tools"]] == ["file_search", "code_interpreter"]
        async with there.talk(files=(tmp_path / "notes.txt",), code=True) as session:
            await heard(session.say("Hi"))
            assert len(await _code_files(there, session.thread_id)) == 1


async def test_code_can_be_allowed_without_a_file_and_goes_on_in_a_thread_that_has_some(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("month,revenue\nJan,100\n")
    async with place("over_http", tmp_path, default=says("Yes.")) as there:
        async with there.talk(code=True) as session:
            await heard(session.say("Hi"))
            assert await _tools(there, session.thread_id) == ["code_interpreter"]
        async with there.talk(last=True, files=(tmp_path / "sales.csv",)) as session:
            assert len(await _code_files(there, session.thread_id)) == 1
        async with there.talk(last=True) as session:
            await heard(session.say("Hi"))
            assert await _tools(there, session.thread_id) == ["file_search", "code_interpreter"]


async def _code_files(there: Place, thread_id: str | None) -> tuple[str, ...]:
    async with there.api() as api:
        return (await api.get(f"/v1/threads/{thread_id}", Thread)).code_files


async def _tools(there: Place, thread_id: str | None) -> list[str]:
    async with there.api() as api:
        run = (await api.get(f"/v1/threads/{thread_id}/runs", dict))["data"][0]
        return [tool["type"] for tool in run["tools"]]

"""What a conversation does, through either door: the same API, so the same answers."""

import asyncio
from pathlib import Path

import pytest

from cli.conversation.doors import BOTH_DOORS, answered, heard, place, said
from retinue.cli.chat.conversation import Answered, Said, Waiting
from retinue.cli.chat.session import Session
from retinue.core.errors import InvalidRequest, RetinueError
from retinue.testing import Fails, Hold, says

pytestmark = BOTH_DOORS


async def test_an_answer_comes_as_it_is_said_and_ends_with_what_it_took(door: str, tmp_path: Path) -> None:
    answer = says("Hel", "lo", usage=(12, 3), model="fake-model-2026")
    async with place(door, tmp_path, answer) as there, there.talk() as session:
        assert session.thread_id is None
        *before, last = await heard(session.say("Hi"))
        assert before == [Said("Hel"), Said("lo")]
        assert isinstance(last, Answered)
        assert (last.end, last.why, last.model) == ("completed", None, "fake-model-2026")
        assert (last.prompt_tokens, last.completion_tokens, last.cost_usd) == (12, 3, 0)
        assert last.first_token_s is not None
        assert 0 < last.first_token_s <= last.seconds
        assert await said(session) == [("user", "Hi"), ("assistant", "Hello")]


async def test_a_thread_goes_on_after_everything_was_closed(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, says("One."), says("Two."), says("Three.")) as there:
        async with there.talk(system="Be brief.", model="other") as session:
            await heard(session.say("First"))
            thread = session.thread_id
        async with there.talk(last=True) as session:
            assert (session.thread_id, session.system, session.model) == (thread, "Be brief.", "other")
            await heard(session.say("Second"))
            assert there.asked() == [
                ("system", "Be brief."),
                ("user", "First"),
                ("assistant", "One."),
                ("user", "Second"),
            ]
        async with there.talk(thread=thread, system="", model="fake-model") as session:
            assert (session.system, session.model) == ("", "fake-model")
            await heard(session.say("Third"))
            assert there.asked()[0] == ("user", "First")


async def test_the_last_thread_is_the_one_that_was_spoken_in_last(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, default=says("Yes.")) as there:
        async with there.talk() as session:
            await heard(session.say("First"))
            first = session.thread_id
            await session.clear()
            assert session.thread_id is None
            await heard(session.say("Second"))
            assert session.thread_id != first
        async with there.talk(thread=first) as session:
            await heard(session.say("Third"))
        async with there.talk(last=True) as session:
            assert session.thread_id == first


async def test_a_model_and_a_system_prompt_are_the_next_runs_own(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, default=says("Yes.")) as there:
        async with there.talk(system="Be brief.") as session:
            assert session.model == "fake-model"
            session.use_system("Be long.")
            await session.use_model("rehearsal")
            assert (session.system, session.model) == ("Be long.", "rehearsal")
            await session.use_model("fake-model")
            await heard(session.say("Hi"))
            assert there.asked() == [("system", "Be long."), ("user", "Hi")]
        async with there.api() as api:
            stored = await api.get("/v1/assistants/asst_terminal", dict)
        assert (stored["name"], stored["instructions"]) == ("Terminal", None)


async def test_a_model_that_nobody_has_is_refused_with_what_is_near(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path) as there, there.talk() as session:
        assert await session.models() == ["fake-model", "rehearsal"]
        with pytest.raises(InvalidRequest, match="Did you mean fake-model"):
            await session.use_model("fake-modell")
        assert session.model == "fake-model"


async def test_a_stopped_answer_keeps_its_part_and_the_next_one_knows_it(door: str, tmp_path: Path) -> None:
    gate = asyncio.Event()
    script = (says("One, two, ", Hold(gate), "three."), says("Four."))
    async with place(door, tmp_path, *script) as there, there.talk() as session:
        happenings = session.say("Count.")
        assert await anext(happenings) == Said("One, two, ")
        await session.stop()
        last = (await heard(happenings))[-1]
        assert isinstance(last, Answered)
        assert (last.end, last.why) == ("stopped", None)
        assert last.completion_tokens > 0
        assert await said(session) == [("user", "Count."), ("assistant", "One, two, ")]
        await heard(session.say("Go on."))
        assert there.asked() == [("user", "Count."), ("assistant", "One, two, "), ("user", "Go on.")]


async def test_an_answer_is_stopped_before_its_first_word_too(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, says(Hold(asyncio.Event()))) as there, there.talk() as session:
        answering = asyncio.create_task(answered(session.say("Hi")))
        async with asyncio.timeout(20):
            while not there.provider.requests:
                await asyncio.sleep(0)
            await session.stop()
            text, last = await answering
        assert (text, last.end) == ("", "stopped")
        assert await said(session) == [("user", "Hi")]


async def test_retry_puts_another_answer_in_the_place_of_the_last(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, says("One."), says("Two."), says("Three.")) as there, there.talk() as session:
        await heard(session.say("First"))
        await heard(session.say("Second"))
        assert (await answered(session.retry()))[0] == "Three."
        assert there.asked() == [("user", "First"), ("assistant", "One."), ("user", "Second")]
        assert (await said(session))[-2:] == [("user", "Second"), ("assistant", "Three.")]


async def test_undo_takes_back_the_last_question_and_all_that_followed(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, default=says("Yes.")) as there, there.talk() as session:
        await heard(session.say("First"))
        await heard(session.say("Second"))
        assert await session.undo() == "Second"
        assert await said(session) == [("user", "First"), ("assistant", "Yes.")]
        await heard(session.say("Another"))
        assert there.asked() == [("user", "First"), ("assistant", "Yes."), ("user", "Another")]
        assert await session.undo() == "Another"
        assert await session.undo() == "First"
        with pytest.raises(InvalidRequest, match="no question"):
            await session.undo()


async def test_there_is_nothing_to_take_back_before_the_first_question(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path) as there, there.talk() as session:
        with pytest.raises(InvalidRequest, match="no question"):
            await session.undo()
        with pytest.raises(InvalidRequest, match="no question"):
            await heard(session.retry())
        assert await session.exchanges() == []


async def begun(session: Session) -> str:
    """Begin an answer and listen to it no more; gives its thread."""
    happenings = session.say("Count.")
    await anext(happenings)
    await happenings.aclose()
    assert session.thread_id is not None
    return session.thread_id


async def test_undo_ends_an_answer_that_is_under_way(door: str, tmp_path: Path) -> None:
    script = (says("One, ", Hold(asyncio.Event())), says("Two."))
    async with place(door, tmp_path, *script) as there, there.talk() as session:
        await begun(session)
        assert await session.undo() == "Count."
        assert (await answered(session.say("Again")))[0] == "Two."
        assert there.asked() == [("user", "Again")]


async def test_a_question_beside_another_that_is_being_answered_is_refused_with_what_helps(
    door: str, tmp_path: Path
) -> None:
    async with place(door, tmp_path, says("One, ", Hold(asyncio.Event()))) as there, there.talk() as session:
        await begun(session)
        with pytest.raises(InvalidRequest, match=r"still being answered\. .*/undo takes it back"):
            await heard(session.say("Another?"))
        assert await session.undo() == "Count."


async def test_leaving_stops_the_answer_that_nobody_waits_for(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, says("One, ", Hold(asyncio.Event()))) as there:
        async with there.talk() as session:
            await begun(session)
        async with asyncio.timeout(20):
            await there.provider.left.wait()
        async with there.talk(last=True) as session:
            assert await said(session) == [("user", "Count."), ("assistant", "One, ")]


async def test_a_failed_answer_says_why_in_a_sentence(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, Fails(400, "That is too rude.")) as there, there.talk() as session:
        text, last = await answered(session.say("Hi"))
        assert (text, last.end) == ("", "failed")
        assert last.why is not None
        assert "That is too rude." in last.why
        assert await said(session) == [("user", "Hi")]


async def test_an_answer_that_was_too_long_is_said_to_be_incomplete(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, says("On and", finish="length")) as there, there.talk() as session:
        text, last = await answered(session.say("Hi"))
        assert (text, last.end) == ("On and", "incomplete")
        assert last.why == "The answer reached its bound of tokens. Ask for the rest, or for less."


async def test_each_try_that_fails_is_told_with_when_the_next_follows(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, Fails(500, "Not now."), says("Hi.")) as there, there.talk() as session:
        first, *_, last = await heard(session.say("Hi"))
        assert isinstance(first, Waiting)
        assert "Not now." in first.why
        assert 0 <= first.seconds <= 0.05
        assert isinstance(last, Answered)
        assert last.end == "completed"


async def test_a_thread_of_another_project_is_not_found(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, says("Yes.")) as there:
        async with there.talk(project="mine") as session:
            await heard(session.say("Secret"))
            thread = session.thread_id
        with pytest.raises(RetinueError, match="No thread found with id"):
            async with there.talk(project="yours", thread=thread):
                pass
        with pytest.raises(RetinueError, match="no thread to go on with"):
            async with there.talk(project="yours", last=True):
                pass
        async with there.talk(project="mine", last=True) as session:
            assert session.thread_id == thread


async def test_all_that_was_said_comes_in_order_however_long(door: str, tmp_path: Path) -> None:
    messages = [{"role": "user", "content": f"Message {number}"} for number in range(250)]
    async with place(door, tmp_path) as there:
        async with there.api() as api:
            thread = (await api.post("/v1/threads", dict, messages=messages[:32]))["id"]
            for message in messages[32:]:
                await api.post(f"/v1/threads/{thread}/messages", dict, **message)
        async with there.talk(thread=thread) as session:
            assert [exchange.text for exchange in await session.exchanges()] == [m["content"] for m in messages]

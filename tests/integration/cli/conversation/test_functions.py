"""Functions that a model calls amid an answer: the server's own, and those that the one at the terminal runs."""

from pathlib import Path
from typing import Any

from cli.conversation.doors import BOTH_DOORS, answered, heard, place
from retinue.cli.chat.conversation import Answered, Asked, Called, Said
from retinue.settings import Exposure
from retinue.testing import Call, calls, says

pytestmark = BOTH_DOORS

MODULE = '''
from retinue.tools import tool

@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"It snows in {city}."
'''
WEATHER = {"type": "function", "function": {"name": "get_weather"}}
ASKS = calls(Call(name="get_weather", arguments='{"city": "Oslo"}', id="call_1"))


def tools(folder: Path) -> dict[str, Any]:
    """Settings of a server that has the function."""
    (folder / "weather.py").write_text(MODULE, "utf-8")
    return {"tools": (folder / "weather.py",)}


async def test_a_function_that_is_asked_for_is_handed_in(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, ASKS, says("Take a coat.")) as there:
        async with there.api() as api:
            await api.post("/v1/assistants", dict, model="fake-model", name="Guide", tools=[WEATHER])
        async with there.talk(assistant="Guide") as session:
            happened = await heard(session.say("How is it in Oslo?"))
            assert happened == [Asked(call_id="call_1", name="get_weather", arguments='{"city": "Oslo"}')]
            text, last = await answered(session.hand_in({"call_1": "It snows."}))
            assert (text, last.end) == ("Take a coat.", "completed")
            assert (last.prompt_tokens, last.completion_tokens) == (20, 10)
            assert there.asked()[-1] == ("tool", "It snows.")


async def test_an_answer_that_waits_for_a_function_can_be_stopped(door: str, tmp_path: Path) -> None:
    async with place(door, tmp_path, ASKS, says("Fine.")) as there:
        async with there.api() as api:
            await api.post("/v1/assistants", dict, model="fake-model", name="Guide", tools=[WEATHER])
        async with there.talk(assistant="Guide") as session:
            await heard(session.say("How is it in Oslo?"))
            await session.stop()
            [last] = await heard(session.hand_in({"call_1": "It snows."}))
            assert isinstance(last, Answered)
            assert last.end == "stopped"
            assert (await answered(session.say("Never mind.")))[0] == "Fine."


async def test_the_servers_own_functions_are_told_as_they_are_called(door: str, tmp_path: Path) -> None:
    settings = {**tools(tmp_path), "expose": (Exposure(projects=("default",)),)}
    async with place(door, tmp_path, ASKS, says("Take a coat."), **settings) as there, there.talk() as session:
        happened = await heard(session.say("How is it in Oslo?"))
        assert happened[:2] == [Called(name="get_weather", arguments='{"city": "Oslo"}'), Said("Take a coat.")]
        assert there.asked()[-1] == ("tool", "It snows in Oslo.")


async def test_retry_and_undo_take_calls_and_their_outputs_out_of_sight_too(door: str, tmp_path: Path) -> None:
    settings = {**tools(tmp_path), "expose": (Exposure(projects=("default",)),)}
    script = (ASKS, says("Take a coat."), says("Stay in."), says("Hello."))
    async with place(door, tmp_path, *script, **settings) as there, there.talk() as session:
        await heard(session.say("How is it in Oslo?"))
        await heard(session.retry())
        assert there.asked() == [("user", "How is it in Oslo?")]
        await session.undo()
        await heard(session.say("Hi"))
        assert there.asked() == [("user", "Hi")]


async def test_functions_that_no_rule_exposes_are_nobodys(door: str, tmp_path: Path) -> None:
    settings = {**tools(tmp_path), "expose": (Exposure(projects=("another",)),)}
    async with place(door, tmp_path, says("Hello."), **settings) as there, there.talk() as session:
        await heard(session.say("Hi"))
        assert "tools" not in there.provider.requests[-1].body


async def test_without_rules_they_are_the_terminals_own_in_an_engine_of_its_own(door: str, tmp_path: Path) -> None:
    script = (ASKS, says("Take a coat.")) if door == "in_process" else (says("Take a coat."),)
    async with place(door, tmp_path, *script, **tools(tmp_path)) as there, there.talk() as session:
        assert (await answered(session.say("How is it in Oslo?")))[0] == "Take a coat."
        assert ("tools" in there.provider.requests[-1].body) == (door == "in_process")

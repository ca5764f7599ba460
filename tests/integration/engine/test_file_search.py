"""Runs whose model searches files: what it is offered, what it reads, what clients see, and what its answer cites."""

import pytest
from msgspec import structs

from contract.sse import Event as SentEvent
from contract.sse import parse
from contract.stream_order import check_stream
from engine.books import HANDBOOK, NOTES
from engine.scripted import calls, done, says, searches
from engine.world import World, check_numbers, names, replayed, stream
from retinue.api.assistants.events import DONE
from retinue.core.citations import shown
from retinue.core.errors import InvalidRequest
from retinue.core.events import Event
from retinue.core.item import Text, ToolOutput
from retinue.core.run import Run, Status
from retinue.core.tools import FileSearchTool, FunctionTool, NamedTool, RankingOptions
from retinue.knowledge.base import SearchFault
from retinue.models import CallPiece

ANSWER = says("Thirty days a year are granted", "【0:", "0†source】, ", "they say【0:1†source】")


async def outputs(world: World, run: Run) -> list[ToolOutput]:
    return [item for item in (await world.history(run)).items if isinstance(item, ToolOutput)]


async def answer(world: World) -> Text:
    (part,) = (await world.messages())[-1].content
    assert isinstance(part, Text)
    return part


def contract_events(events: list[Event]) -> list[SentEvent]:
    """The events as a client of the contract reads them."""
    return [*parse((stream(events) + DONE.decode()).splitlines())]


async def told(world: World, run: Run) -> list[Event]:
    """The run's events, held against the contract and against what a replay tells."""
    events = await world.listen(run)
    assert stream(events) == replayed(await world.history(run))
    check_stream(contract_events(events))
    check_numbers(events)
    return events


async def test_a_search_runs_on_the_server_and_its_answer_cites(world: World) -> None:
    await world.search_in()
    world.script(searches("days of leave"), ANSWER)
    run = await world.start()
    events = await told(world, run)
    assert (await world.history(run)).run.status is Status.COMPLETED
    assert world.books.searched == [("vs_1",)]
    text = await answer(world)
    assert text.value == "Thirty days a year are granted, they say"
    assert shown(text)[0] == "Thirty days a year are granted【0:0†source】, they say【0:1†source】"
    first, second = text.annotations
    assert (first.file_id, first.file_name, first.page) == ("file-1", "handbook.pdf", 13)
    assert first.quote == "Thirty days a year are granted to everyone."
    assert (second.file_id, second.quote, second.page) == ("file-2", "Ask Ann about leave.", None)
    assert names(events).count("thread.run.step.delta") == 1
    assert names(events).count("thread.message.delta") == 5


async def test_the_model_reads_passages_under_their_markers(world: World) -> None:
    await world.search_in()
    world.script(searches("days of leave"), ANSWER)
    run = await world.start()
    await told(world, run)
    read = world.model.requests[-1].messages[-1]
    assert read["content"] == (
        "2 passages were found. Cite each that you use by its marker.\n\n"
        f"【0:0†source】 handbook.pdf, pages 12-13\n{HANDBOOK.text}\n\n"
        f"【0:1†source】 notes.txt\n{NOTES.text}"
    )
    (output,) = await outputs(world, run)
    assert [output.output[hit.start : hit.end] for hit in output.hits] == [HANDBOOK.text, NOTES.text]


async def test_it_is_offered_as_a_function_and_can_be_forced_for_the_first_turn(world: World) -> None:
    await world.search_in()
    world.script(searches("leave"), ANSWER)
    run = await world.start(tool_choice=NamedTool(type="file_search"))
    await told(world, run)
    first, second = world.model.requests
    offered = [tool["function"]["name"] for tool in first.tools]
    assert offered == ["get_a", "get_b", "get_c", "file_search"]
    assert first.tool_choice == {"type": "function", "function": {"name": "file_search"}}
    assert second.tool_choice == "auto"
    assert (await world.history(run)).turns[0].manifest.tools == tuple(offered)


async def test_a_function_of_its_name_stays_the_clients(world: World) -> None:
    await world.search_in()
    piece = CallPiece(index=0, id="call_1", name="hosted_file_search", arguments='{"queries": ["leave"]}')
    world.script((piece, done("tool_calls")), says("Done."))
    run = await world.start(tools=(FunctionTool(name="file_search"), FileSearchTool()))
    await told(world, run)
    assert len(world.books.searches) == 1
    world.script(searches("leave"), says("Done."))
    run = await world.start(tools=(FunctionTool(name="file_search"), FileSearchTool()))
    await world.listen(run)
    assert [call.kind for call in (await world.history(run)).run.pending] == ["function"]
    assert len(world.books.searches) == 1


async def test_in_a_mixed_turn_the_search_is_run_and_the_client_is_asked_for_its_own(world: World) -> None:
    await world.search_in()
    search, both = searches("leave")[:-1], calls(("a", "{}"))
    call = [structs.replace(piece, index=1) for piece in both[:-1] if isinstance(piece, CallPiece)]
    world.script((*search, *call, done("tool_calls")), ANSWER)
    run = await world.start()
    first = await world.listen(run)
    history = await world.history(run)
    assert [pending.name for pending in history.run.pending] == ["get_a"]
    assert len(world.books.searches) == 1
    submitted = await world.submit(run, a="1")
    second = await world.listen(run, after=submitted.run.first_number - 1)
    assert stream(first) + stream(second) == replayed(await world.history(run))
    check_stream(contract_events(first), contract_events(second))


async def test_each_search_of_a_thread_has_markers_of_its_own(world: World) -> None:
    await world.search_in()
    for _ in range(2):
        world.script(searches("leave"), searches("pay"), says("Done."))
        await told(world, await world.start())
        await world.say("And then?")
    read = [message["content"] for message in world.model.requests[-1].messages if message["role"] == "tool"]
    markers = [text.split("\n\n")[1].split()[0] for text in read]
    assert len(markers) == len(set(markers)) == 4


async def test_an_older_searchs_passage_can_be_cited(world: World) -> None:
    await world.search_in()
    world.script(searches("leave"), ANSWER)
    await told(world, await world.start())
    await world.say("Again?")
    world.script(says("As before【0:1†source】."))
    await told(world, await world.start())
    assert [cited.file_id for cited in (await answer(world)).annotations] == ["file-2"]


async def test_later_turns_see_what_was_cited(world: World) -> None:
    await world.search_in()
    world.script(searches("leave"), ANSWER)
    await told(world, await world.start())
    await world.say("Thanks!")
    world.script(says("You are welcome."))
    await told(world, await world.start())
    said = [message["content"] for message in world.model.requests[-1].messages if message["role"] == "assistant"]
    assert said[-1] == "Thirty days a year are granted【0:0†source】, they say【0:1†source】"


async def test_markers_that_name_nothing_are_text(world: World) -> None:
    world.script(says("As 【4:0†source】 says", "【"))
    run = await world.start()
    await told(world, run)
    assert await answer(world) == Text("As 【4:0†source】 says【")


async def test_json_stays_as_the_model_wrote_it(world: World) -> None:
    await world.search_in()
    world.script(searches("leave"), says('{"source": "【0:', '0†source】"}'))
    run = await world.start(response_format={"type": "json_object"})
    await told(world, run)
    assert await answer(world) == Text('{"source": "【0:0†source】"}')


FIRST, SECOND = "【0:0†source】", "【0:1†source】"


@pytest.mark.parametrize(
    "text", [FIRST, f"{FIRST}{SECOND}Both.", "Half a marker【0:0†sou", f"{FIRST}.", f"As said{FIRST}"]
)
@pytest.mark.parametrize("size", [1, 3, 40])
async def test_a_citation_may_stand_anywhere_however_the_text_comes(world: World, text: str, size: int) -> None:
    await world.search_in()
    world.script(searches("leave"), says(*(text[at : at + size] for at in range(0, len(text), size))))
    await told(world, await world.start())
    cited = await answer(world)
    assert (shown(cited)[0], len(cited.annotations)) == (text, text.count("】"))


async def test_a_model_that_falls_silent_after_a_search_has_answered(world: World) -> None:
    await world.search_in()
    world.script(searches("leave"), says())
    await told(world, await world.start())
    assert await answer(world) == Text("")


async def test_what_is_said_before_a_call_may_cite_too(world: World) -> None:
    await world.search_in()
    before = (*says("As found【0:0†source】")[:-1], *searches("more"))
    world.script(searches("leave"), before, says("And【2:1†source】."))
    run = await world.start()
    await told(world, run)
    cited = [part for message in await world.messages() for part in message.content if isinstance(part, Text)]
    assert [len(part.annotations) for part in cited] == [0, 1, 1]


async def test_what_the_tool_says_of_ranking_is_how_it_is_searched_and_shown(world: World) -> None:
    await world.search_in()
    weights = {"embedding_weight": 2.0, "text_weight": 1.0}
    ranking = RankingOptions(score_threshold=0.25, ranker="auto", hybrid_search=weights)
    world.script(searches("leave"), says("Done."))
    events = await told(world, await world.start(tools=(FileSearchTool(max_num_results=1, ranking_options=ranking),)))
    (search,) = world.books.searches
    assert (search.queries, search.limit) == (("leave",), 1)
    assert (search.ranking.score_threshold, search.ranking.embedding_weight, search.ranking.text_weight) == (0.25, 2, 1)
    assert '"ranking_options":{"ranker":"auto","score_threshold":0.25},"results":[' in stream(events)


@pytest.mark.parametrize(("model", "limit"), [("scripted", 20), ("gpt-3.5-turbo-0125", 5)])
async def test_as_many_results_are_asked_for_as_the_model_takes(world: World, model: str, limit: int) -> None:
    await world.search_in()
    world.script(searches("leave"), says("Done."))
    await told(world, await world.start(model=model))
    assert [search.limit for search in world.books.searches] == [limit]


async def test_a_search_that_fails_is_told_to_the_model_and_the_run_goes_on(world: World) -> None:
    await world.search_in()
    world.books.acts = [SearchFault("The embedder is asleep."), ValueError("a bug")]
    world.books.passages = [structs.replace(NOTES, score=None)]  # a third search finds what can't be told
    world.script(searches("leave"), searches("leave"), searches("leave"), says("Sorry."))
    run = await world.start()
    events = await told(world, run)
    assert '"results"' not in stream(events)
    first, second, third = await outputs(world, run)
    assert first.output == "The files can't be searched now: The embedder is asleep."
    assert "its log says more" in second.output
    assert third.output == second.output
    history = await world.history(run)
    assert [execution.outcome for execution in history.executions] == ["failed", "failed", "failed"]
    assert history.run.status is Status.COMPLETED


async def test_a_search_that_finds_nothing_is_told_apart_from_one_that_failed(world: World) -> None:
    await world.search_in()
    world.books.passages = []
    world.script(searches("leave"), says("Sorry."))
    events = await told(world, await world.start())
    ranking = '"ranking_options":{"ranker":"default_2024_08_21","score_threshold":0.0}'
    assert f'{ranking},"results":[]' in stream(events)


async def test_a_tool_that_is_not_there_can_not_be_forced(world: World) -> None:
    with pytest.raises(InvalidRequest, match="file_search is not among the tools of this run") as refused:
        await world.start(tool_choice=NamedTool(type="file_search"))
    assert refused.value.param == "tool_choice"


async def test_a_call_without_queries_is_told_what_to_send(world: World) -> None:
    await world.search_in()
    world.script(searches(arguments='{"quer'), says("Sorry."))
    run = await world.start()
    await told(world, run)
    (output,) = await outputs(world, run)
    assert output.output.startswith('Nothing was searched for. Send {"queries": ["..."]}')
    assert world.books.searches == []

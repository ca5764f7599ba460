"""Runs whose model searches files: what it reads, what clients see, and the citations of its answer."""

from engine.scripted import says, searches
from engine.world import World, check_numbers, replayed, stream
from retinue.core.citations import shown
from retinue.core.item import Text
from retinue.core.run import Status


async def test_a_search_runs_on_the_server_and_its_answer_cites(world: World) -> None:
    await world.search_in()
    world.script(searches("days of leave"), says("Thirty days a year are granted", "【0:", "0†source】, ", "they say."))
    run = await world.start()
    events = await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    content = (await world.messages())[-1].content[0]
    assert isinstance(content, Text)
    assert content.value == "Thirty days a year are granted, they say."
    assert shown(content)[0] == "Thirty days a year are granted【0:0†source】, they say."
    assert stream(events) == replayed(history)
    check_numbers(events)

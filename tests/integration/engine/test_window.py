"""What models get to see, through the real engine: long outputs, refusals, images."""

from typing import Any

import pytest

from engine.scripted import ScriptedModel, calls, says
from engine.world import World
from retinue.context import Context
from retinue.core.errors import InvalidRequest, WindowExceeded
from retinue.core.file import FileDraft
from retinue.core.item import ImageFile, Message, Text
from retinue.core.run import Status
from retinue.engine import Engine
from retinue.engine.commands import files, messages, threads
from retinue.engine.outputs import LONGEST
from retinue.models import ModelFacts

LONG = "start " + "word " * 200_000 + "end"  # 1 MB
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


class Sized(ScriptedModel):
    """A scripted model of which more is known."""

    def __init__(self, *replies: Any, **facts: Any) -> None:
        super().__init__(*replies)
        self._facts = facts

    async def facts(self, name: str) -> ModelFacts:
        return ModelFacts(model=name, **self._facts)


def serve(world: World, *replies: Any, **facts: Any) -> Sized:
    """Have the world's next engine drive runs with this model."""
    model = Sized(*replies, **facts)
    world.engine = Engine(
        world.store,
        world.engine.blobs,
        model,
        clock=world.clock,
        limits=world.limits,
        price=world.price,
        context=Context(model, world.engine.blobs),
    )
    world.engines.append(world.engine)
    return model


async def answered(world: World, output: str) -> Any:
    run = await world.start()
    await world.listen(run)
    await world.submit(run, a=output)
    await world.listen(run)
    return await world.history(run)


def blobs_of(world: World) -> dict[str, bytes]:
    return dict(world.engine.blobs._blobs)  # type: ignore[attr-defined]  # those in memory


async def test_a_long_output_is_kept_whole_beside_its_row_and_sent_whole_where_it_has_room(world: World) -> None:
    model = serve(world, calls(("a", "{}")), says("Done."), context_tokens=1_000_000)
    history = await answered(world, LONG)
    [output] = history.outputs_of(history.steps[0])
    assert len(output.output) < LONGEST
    assert output.size == len(LONG)
    assert blobs_of(world) == {output.blob: LONG.encode()}
    assert model.requests[-1].messages[-1]["content"] == LONG
    assert history.turns[-1].manifest.cut == 0


async def test_a_long_output_is_cut_for_a_model_without_the_room(world: World) -> None:
    model = serve(world, calls(("a", "{}")), says("Done."), context_tokens=40_000)
    history = await answered(world, LONG)
    told = model.requests[-1].messages[-1]["content"]
    assert told.startswith("start word")
    assert told.endswith("word end")
    assert "characters are left out here; the output is kept whole" in told
    assert history.turns[-1].manifest.cut == 1
    assert history.turns[-1].manifest.tokens <= history.turns[-1].manifest.room


async def test_the_blob_goes_with_its_thread_and_stays_at_a_sweep(world: World) -> None:
    serve(world, calls(("a", "{}")), says("Done."))
    await answered(world, LONG)
    assert await world.store.unowned_blobs(list(blobs_of(world))) == []
    await threads.delete(world.engine, world.caller, world.thread.id)
    assert blobs_of(world) == {}


async def test_outputs_that_are_refused_leave_no_blob(world: World) -> None:
    serve(world, says("Done."))
    run = await world.start()
    await world.listen(run)
    with pytest.raises(InvalidRequest, match="do not accept tool outputs"):
        await world.submit(run, a=LONG)
    assert blobs_of(world) == {}


async def test_a_refused_prompt_is_sent_again_smaller(world: World) -> None:
    model = serve(world, (WindowExceeded("Too long.", limit=1_500),), says("Done."))
    for n in range(60):
        await world.say(f"{n} " + "word " * 40)
    history = await world.finished()
    assert history.run.status is Status.COMPLETED
    first, second = model.requests
    assert len(second.messages) < len(first.messages)
    assert history.turns[0].manifest.tokens <= 1_500
    assert history.turns[0].manifest.dropped > 0


async def test_what_a_refusal_told_bounds_no_later_run(world: World) -> None:
    model = serve(world, (WindowExceeded("Too long.", limit=1_500),), says("Done."))
    for n in range(60):
        await world.say(f"{n} " + "word " * 40)
    await world.finished()
    await world.finished()
    assert len(model.requests) == 3
    assert len(model.requests[2].messages) > len(model.requests[1].messages)


async def test_a_prompt_that_is_refused_again_and_again_fails_the_run(world: World) -> None:
    model = serve(world, (WindowExceeded("The prompt is too long.", limit=None),))
    for n in range(60):
        await world.say(f"{n} " + "word " * 40)
    history = await world.finished()
    assert len(model.requests) == 3
    sizes = [len(request.messages) for request in model.requests]
    assert sizes == sorted(sizes, reverse=True)
    assert history.run.error is not None
    assert (history.run.status, history.run.error.code) == (Status.FAILED, "invalid_prompt")


async def test_a_text_larger_than_the_window_fails_the_run_with_both_numbers(world: World) -> None:
    serve(world, says("Done."), context_tokens=1_000)
    await world.say("word " * 2_000)
    history = await world.finished()
    assert history.run.error is not None
    assert (history.run.status, history.run.error.code) == (Status.FAILED, "invalid_prompt")
    assert "would take at least 2,005 tokens, and there is room for 675" in history.run.error.message


async def show_image(world: World, content: bytes) -> str:
    async def pieces() -> Any:
        yield content

    file = await files.create(world.engine, world.caller, pieces(), lambda: FileDraft(name="cat.png", purpose="vision"))
    look = (Text("Look."), ImageFile(file_id=file.id, detail="low"))
    draft = Message(id="", thread_id="", role="user", created_at=0, content=look)
    await messages.create(world.engine, world.caller, world.thread.id, draft)
    return file.id


async def test_an_uploaded_image_reaches_the_model_as_its_bytes(world: World) -> None:
    model = serve(world, says("A cat."), images=True)
    await show_image(world, PNG)
    await world.finished()
    part = model.requests[0].messages[-1]["content"][1]
    url = "data:image/png;base64,iVBORw0KGgoAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
    assert part == {"type": "image_url", "image_url": {"url": url, "detail": "low"}}


async def test_an_image_whose_file_was_deleted_is_a_note(world: World) -> None:
    model = serve(world, says("No cat."))
    await files.delete(world.engine, world.caller, await show_image(world, PNG))
    history = await world.finished()
    [_, part] = model.requests[0].messages[-1]["content"]
    assert part == {"type": "text", "text": "[An image was left out here: its file was deleted.]"}
    assert "its file was deleted" in history.turns[0].manifest.notes[0]


async def test_a_file_that_is_no_image_is_a_note(world: World) -> None:
    model = serve(world, says("No cat."))
    await show_image(world, b"%PDF-1.7 and more")
    await world.finished()
    assert "no PNG, JPEG, GIF or WebP" in model.requests[0].messages[-1]["content"][1]["text"]


async def test_a_model_that_takes_no_images_fails_the_run_by_its_name(world: World) -> None:
    serve(world, says("No cat."), images=False)
    await show_image(world, PNG)
    history = await world.finished()
    assert history.run.error is not None
    assert history.run.error.code == "invalid_prompt"
    assert "scripted takes no images" in history.run.error.message

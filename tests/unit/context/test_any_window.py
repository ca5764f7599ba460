"""Any thread under any bounds: what has to be true of every request."""

from collections.abc import Sequence
from typing import Any

from context_world import RUN, World, placed, said, user
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from retinue.context import PromptTooLong
from retinue.context.chat import pieces_of, pieces_of_messages
from retinue.core.errors import ModelFault
from retinue.core.item import ImageUrl, Item, Placed, Said, ToolCall, ToolOutput
from retinue.core.turn import Manifest
from retinue.models import ModelRequest
from retinue.models.tokens import counter_for

COUNTER = counter_for("gpt-4o")

texts = st.builds(
    lambda word, times: f"{word} " * times, st.sampled_from(["word", "日本", "x", "Zürich\n"]), st.integers(0, 120)
)
images = st.builds(ImageUrl, url=st.just("https://x.y/z"), detail=st.sampled_from(["low", "auto"]))


@st.composite
def rounds(draw: st.DrawFn) -> list[Item]:
    """Calls of one step, of which some were never answered, their outputs perhaps in another order."""
    step, run = f"step_{draw(st.integers(0, 10**9))}", draw(st.sampled_from(["run_0", RUN.id]))
    ids = [f"call_{n}" for n in range(draw(st.integers(1, 3)))]
    made: list[Item] = [
        ToolCall(id="i", run_id=run, step_id=step, created_at=0, call_id=id_, name="f", arguments=draw(texts))
        for id_ in ids
    ]
    answered = draw(st.permutations(draw(st.lists(st.sampled_from(ids), unique=True))))
    return made + [
        ToolOutput(id="o", run_id=run, step_id=step, created_at=0, call_id=id_, output=draw(texts)) for id_ in answered
    ]


@st.composite
def spoken(draw: st.DrawFn) -> list[Item]:
    """A message of the user, perhaps with an image; or one of an assistant, perhaps broken off."""
    if draw(st.booleans()):
        return [user(draw(texts), *draw(st.lists(images, max_size=1)))]
    status = draw(st.sampled_from(["completed", "incomplete", "in_progress"]))
    return [structs.replace(said(draw(texts), run=draw(st.sampled_from(["run_0", RUN.id]))), status=status)]


threads = st.lists(st.one_of(spoken(), rounds()), max_size=25).map(
    lambda pieces: [i for piece in pieces for i in piece]
)


@given(
    thread=threads,
    more=threads,
    context=st.one_of(st.none(), st.integers(200, 4_000)),
    prompt=st.one_of(st.none(), st.integers(1, 2_000)),
    last=st.one_of(st.none(), st.integers(1, 8)),
    turns=st.one_of(st.none(), st.integers(1, 4)),
)
@settings(max_examples=300, deadline=None)
async def test_every_request_is_sound(
    thread: list[Item], more: list[Item], context: int | None, prompt: int | None, last: int | None, turns: int | None
) -> None:
    world = World(thread, context_tokens=context, turns=turns)
    for added in ([], more):
        world.add(*added)
        before = world.scope.turns.last
        asked: dict[str, Any] = {"prompt": prompt, "instructions": "Be kind.", "last_messages": last}
        try:
            request, manifest = await world.build(**asked)
        except (PromptTooLong, ModelFault):
            assert context is not None or prompt is not None
            return
        await check(request, manifest, world.scope.messages.placed, cut_short=last is not None)
        world.scope.turns.last = before
        assert await world.build(**asked) == (request, manifest)


@given(thread=threads)
@settings(max_examples=100, deadline=None)
def test_messages_alone_make_the_same_pieces_on_their_short_way(thread: list[Item]) -> None:
    items = placed(thread)
    short = pieces_of_messages(items, run=RUN.id)
    alone = all(isinstance(p.item, Said) for p in items)
    assert short == (tuple(pieces_of(items, run=RUN.id)) if alone else None)


async def check(request: ModelRequest, manifest: Manifest, thread: Sequence[Placed], *, cut_short: bool) -> None:
    assert request.messages[0] == {"role": "system", "content": "Be kind."}
    assert await COUNTER.count_prompt(request.messages) <= manifest.room
    check_calls(request)
    check_order(request, thread)
    sent = sum(any(first <= placed.position <= last for first, last in manifest.items) for placed in thread)
    assert sent + manifest.dropped == len(thread)
    questions = [p.item for p in thread if isinstance(p.item, Said) and p.item.role == "user"]
    if questions and not cut_short:
        assert questions[-1].text in [text_of(m) for m in request.messages if m["role"] == "user"]


def check_calls(request: ModelRequest) -> None:
    """Every output follows its call at once, and every call has its output."""
    open_: list[str] = []
    for message in request.messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] == open_.pop(0)
        else:
            assert not open_
            open_ = [call["id"] for call in message.get("tool_calls", ())]
    assert not open_


def check_order(request: ModelRequest, thread: Sequence[Placed]) -> None:
    """What users said comes in the thread's order."""
    asked = [text_of(m) for m in request.messages if m["role"] == "user"]
    there = iter([p.item.text for p in thread if isinstance(p.item, Said) and p.item.role == "user"])
    assert all(text in there for text in asked)


def text_of(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "\n".join(part["text"] for part in content if "text" in part)

"""Each bad thing that a provider does becomes the right events or the right fault; nothing hangs."""

import pytest

from models.bad import BAD, Bad, doing
from models.ticking import Ticking
from retinue.core.errors import ModelFault
from retinue.models import CallPiece, Finished, ModelEvent, ModelRequest, TextPiece
from retinue.models.routing.router import Router

HELLO = ({"role": "user", "content": "Hello"},)


async def told(router: Router) -> tuple[list[ModelEvent], ModelFault | None]:
    events: list[ModelEvent] = []
    try:
        async for batch in await router.stream(ModelRequest(model="m", messages=HELLO)):
            events += batch
    except ModelFault as fault:
        return events, fault
    return events, None


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_it_becomes_these_events_or_this_fault(bad: Bad) -> None:
    async with doing(bad) as router:
        events, fault = await told(router)
    assert "".join(event.text for event in events if isinstance(event, TextPiece)) == bad.said
    if bad.fault is None:
        assert fault is None
        finished = events[-1]
        assert isinstance(finished, Finished)
        assert (finished.provider, finished.attempts, finished.usage is not None) == ("acme", 1, bad.counted)
        assert finished.reason == ("tool_calls" if bad.calls else "stop")
    else:
        assert fault is not None
        assert bad.fault in fault.message
        assert (fault.blame, fault.run_code) == (bad.blame, bad.code)


@pytest.mark.parametrize("bad", [bad for bad in BAD.values() if bad.calls])
async def test_its_calls_have_ids_of_their_own(bad: Bad) -> None:
    async with doing(bad) as router:
        events, _ = await told(router)
    pieces = [event for event in events if isinstance(event, CallPiece)]
    ids = [piece.id for piece in pieces if piece.name]
    assert len(set(ids)) == len(bad.calls)
    arguments = ["".join(piece.arguments for piece in pieces if piece.index == index) for index in range(len(ids))]
    assert tuple(arguments) == bad.calls


@pytest.mark.parametrize("bad", [bad for bad in BAD.values() if bad.fault], ids=[n for n, b in BAD.items() if b.fault])
async def test_only_what_is_of_the_moment_and_before_the_first_event_is_asked_again(bad: Bad) -> None:
    ticking = Ticking()
    async with doing(bad, timer=ticking.timer, patience_s=3) as router:
        await told(router)
    again = bad.blame == "moment" and not bad.said and "7 s" not in (bad.fault or "")
    assert bool(ticking.slept) == again

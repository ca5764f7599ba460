"""Readers together, writers alone."""

import asyncio
from contextlib import AbstractAsyncContextManager

from hypothesis import given, settings
from hypothesis import strategies as st

from retinue.knowledge.index.gate import Gate


class Visits:
    """People who go through a gate when told to, and stay until they are told to go."""

    def __init__(self) -> None:
        self.gate = Gate()
        self.inside: list[str] = []
        self._stays: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, name: str) -> None:
        """Readers have small letters, writers capital ones."""
        self._stays[name] = asyncio.Event()
        way = self.gate.alone() if name.isupper() else self.gate.shared()
        self._tasks[name] = asyncio.create_task(self._visit(name, way))
        await settled()

    async def go(self, name: str) -> None:
        self._stays[name].set()
        await settled()

    async def give_up(self, name: str) -> None:
        self._tasks[name].cancel()
        await settled()

    async def _visit(self, name: str, way: AbstractAsyncContextManager[None]) -> None:
        async with way:
            self.inside.append(name)
            try:
                await self._stays[name].wait()
            finally:
                self.inside.remove(name)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_readers_are_inside_together_and_a_writer_waits_for_them() -> None:
    visits = Visits()
    for name in "abW":
        await visits.come(name)
    assert visits.inside == ["a", "b"]
    await visits.go("a")
    await visits.go("b")
    assert visits.inside == ["W"]


async def test_who_comes_behind_a_waiting_writer_waits_too() -> None:
    visits = Visits()
    for name in "aWbc":
        await visits.come(name)
    assert visits.inside == ["a"]
    await visits.go("a")
    await visits.go("W")
    assert visits.inside == ["b", "c"]


async def test_a_writer_that_gives_up_lets_those_behind_in() -> None:
    visits = Visits()
    for name in "aWb":
        await visits.come(name)
    await visits.give_up("W")
    assert visits.inside == ["a", "b"]


async def test_one_that_is_cancelled_as_it_is_let_in_leaves_the_gate_free() -> None:
    visits = Visits()
    await visits.come("A")
    await visits.come("B")
    visits._stays["A"].set()
    visits._tasks["A"].add_done_callback(lambda _: visits._tasks["B"].cancel())
    await settled()
    await visits.come("c")
    assert visits.inside == ["c"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["come", "go", "give_up"]), st.sampled_from("abcXYZ")), max_size=30))
def test_a_writer_is_never_inside_with_anybody_and_nobody_waits_for_nothing(steps: list[tuple[str, str]]) -> None:
    async def visit() -> None:
        visits, here = Visits(), set[str]()
        for what, name in steps:
            can = {"come": name not in here, "go": name in visits.inside, "give_up": name in here}
            if can[what]:
                await getattr(visits, what)(name)
                here ^= {name}
            writers = [each for each in visits.inside if each.isupper()]
            assert not writers or len(visits.inside) == 1
            assert bool(visits.inside) == bool(here)
        for name in here:
            await visits.give_up(name)

    asyncio.run(visit())

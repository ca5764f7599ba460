"""Places at a provider: never more than there are, in turn, and none lost to whoever goes away."""

import asyncio
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from retinue.models.provider.gate import Gate, Place


async def settled() -> None:
    """Let everybody go as far as they can."""
    for _ in range(5):
        await asyncio.sleep(0)


class Crowd:
    """Callers at a gate, who note when they get in."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.order: list[tuple[str, int]] = []
        self.inside: list[Place] = []
        self.tasks: list[asyncio.Task[None]] = []

    def come(self, project: str) -> None:
        number = len(self.tasks)
        self.tasks.append(asyncio.create_task(self._enter(project, number)))

    async def _enter(self, project: str, number: int) -> None:
        place = await self.gate.enter(project)
        self.order.append((project, number))
        self.inside.append(place)

    async def all_in(self) -> None:
        """Have everybody leave in the order in which they came in, until nobody waits."""
        await settled()
        while self.inside:
            self.inside.pop(0).leave()
            await settled()

    async def cancel(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_projects_take_turns() -> None:
    crowd = Crowd(Gate(1))
    for project in "aaaabbc":
        crowd.come(project)
    await crowd.all_in()
    assert "".join(project for project, _ in crowd.order) == "aabcaba"


async def test_there_are_never_more_inside_than_places() -> None:
    crowd = Crowd(Gate(3))
    for project in "aabbccdd":
        crowd.come(project)
    await settled()
    assert (len(crowd.inside), crowd.gate.taken, crowd.gate.queued) == (3, 3, 5)
    await crowd.all_in()
    assert (len(crowd.order), crowd.gate.taken, crowd.gate.queued) == (8, 0, 0)


async def test_a_place_that_is_given_back_twice_is_one_place() -> None:
    gate = Gate(1)
    place = await gate.enter("a")
    place.leave()
    place.leave()
    assert gate.taken == 0
    await gate.enter("a")
    assert gate.taken == 1


async def test_a_thousand_that_wait_and_are_cancelled_leave_nothing() -> None:
    crowd = Crowd(Gate(1))
    for number in range(1_001):
        crowd.come(f"project {number % 7}")
    await settled()
    assert crowd.gate.queued == 1_000
    await crowd.cancel()
    assert (crowd.gate.taken, crowd.gate.queued, crowd.gate._waiting) == (1, 0, {})
    crowd.inside[0].leave()
    assert crowd.gate.taken == 0


async def test_a_place_that_comes_at_the_moment_of_a_cancellation_goes_to_the_next() -> None:
    crowd = Crowd(Gate(1))
    for project in "abc":
        crowd.come(project)
    await settled()
    crowd.inside.pop().leave()
    crowd.tasks[1].cancel()
    await settled()
    assert crowd.order == [("a", 0), ("c", 2)]
    assert (crowd.gate.taken, crowd.gate.queued) == (1, 0)


arrivals = st.lists(st.sampled_from("abcd"), max_size=30)


@given(arrivals, st.integers(1, 4), st.sets(st.integers(0, 29), max_size=10))
def test_whoever_comes_and_goes_each_gets_in_and_in_order(projects: list[str], places: int, gone: set[int]) -> None:
    async def run() -> None:
        crowd = Crowd(Gate(places))
        for project in projects:
            crowd.come(project)
        await settled()
        waiting = {number for number in gone if places <= number < len(projects)}
        for number in waiting:
            crowd.tasks[number].cancel()
        await crowd.all_in()

        assert {number for _, number in crowd.order} == set(range(len(projects))) - waiting
        assert (crowd.gate.taken, crowd.gate.queued) == (0, 0)
        numbers = defaultdict(list)
        for project, number in crowd.order:
            numbers[project].append(number)
        assert all(mine == sorted(mine) for mine in numbers.values())
        _check_turns(crowd.order[places:])

    asyncio.run(run())


def _check_turns(order: list[tuple[str, int]]) -> None:
    """Between two turns of a project each other one that still waits has had one."""
    for start, (project, _) in enumerate(order):
        again = next((at for at in range(start + 1, len(order)) if order[at][0] == project), None)
        if again is not None:
            between = {other for other, _ in order[start + 1 : again]}
            assert between >= {other for other, _ in order[again:]} - {project}

"""The places at a provider: so many requests side by side, and projects get the next one in turn."""

import asyncio
from collections import OrderedDict

Waiting = OrderedDict["asyncio.Future[None]", None]


class Place:
    """A taken place; giving it back twice gives it back once."""

    def __init__(self, gate: "Gate") -> None:
        self._gate: Gate | None = gate

    def leave(self) -> None:
        """Give the place to whoever is next."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate._pass_on()


class Gate:
    """Lets `places` callers in at once. Of one project the first to come is the first to go."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken = 0
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()
        """By project, the one whose turn it is first."""

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._taken

    @property
    def queued(self) -> int:
        """How many callers wait."""
        return sum(map(len, self._waiting.values()))

    def free(self) -> Place | None:
        """Take a place if there is one; nobody waits then."""
        if self._taken >= self._places:
            return None
        self._taken += 1
        return Place(self)

    async def enter(self, project: str) -> Place:
        """Take a place, once there is one; who is cancelled meanwhile waits no more."""
        if (place := self.free()) is not None:
            return place
        await self._turn(project)
        return Place(self)

    async def _turn(self, project: str) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(project, OrderedDict())[turn] = None
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()  # the place came at the moment of the cancellation
            else:
                self._forget(project, turn)
            raise

    def _pass_on(self) -> None:
        """Hand a place that has become free to the next project's first caller."""
        while self._waiting:
            project, waiting = self._waiting.popitem(last=False)
            turn, _ = waiting.popitem(last=False)
            if waiting:
                self._waiting[project] = waiting
            if not turn.done():
                turn.set_result(None)
                return
        self._taken -= 1

    def _forget(self, project: str, turn: "asyncio.Future[None]") -> None:
        waiting = self._waiting.get(project)
        if waiting is not None:
            waiting.pop(turn, None)
            if not waiting:
                del self._waiting[project]

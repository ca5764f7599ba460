"""A time in which nothing waits: sleeping moves it on at once."""

import asyncio

from retinue.models.timer import Timer


class Ticking:
    """Its `timer` has a clock that only its own sleeps move; `chance` is what its dice show."""

    def __init__(self, *, chance: float = 1.0) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []
        self.timer = Timer(now=lambda: self.now, sleep=self._sleep, chance=lambda: chance)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

"""A clock that tests move."""


class FakeClock:
    """A clock that stands still until a test moves it on: `clock()` is the time, `clock.advance(60)` moves it."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        """`now` is in seconds since 1970-01-01 UTC."""
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Move the time on."""
        self.now += seconds

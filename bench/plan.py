"""How long, how often and over how much to measure."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The sizes of a whole measurement. What takes turns does so in every round, for one slice of time each."""

    rounds: int
    slice_s: float
    paced_slice_s: float
    """Of streams at a model's pace, which take 1.3 s each."""
    warm_up_s: float
    open_streams: int
    """Streams whose memory is measured."""
    held_streams: int
    """Streams that are held open at once; 0: not measured."""
    ramp_s: float
    """To open a thousand streams."""
    pollers: int
    long_threads: int
    """And so many callers, each on one of its own."""
    long_messages: int
    """Messages in each of the long threads."""
    listed_messages: int
    """Messages in the thread whose pages are listed."""
    imported_threads: int
    pdf_pages: int
    """Of the file that is made searchable."""
    searched_windows: tuple[int, ...]
    """Of the large vector stores that are searched."""
    searches: int
    starts: int
    idle_s: float
    litellm: bool = False
    before: Path | None = None
    """Another checkout, to be measured too."""
    cranfield: Path | None = None
    """Where the Cranfield collection lies."""

    def checkouts(self) -> Iterator[tuple[str, Path]]:
        """Yield what the names of its targets begin with, and the checkout: this one, and the one before if given."""
        yield "", ROOT
        if self.before:
            yield "before, ", self.before


WHOLE = Plan(
    rounds=4,
    slice_s=1.5,
    paced_slice_s=1.5,
    warm_up_s=0.3,
    open_streams=1000,
    held_streams=10_000,
    ramp_s=2,
    pollers=1000,
    long_threads=16,
    long_messages=2000,
    listed_messages=100_000,
    imported_threads=500,
    pdf_pages=200,
    searched_windows=(100_000, 1_000_000),
    searches=300,
    starts=3,
    idle_s=10,
)
QUICK = Plan(
    rounds=1,
    slice_s=0.6,
    paced_slice_s=0.3,
    warm_up_s=0.3,
    open_streams=200,
    held_streams=0,
    ramp_s=2,
    pollers=200,
    long_threads=4,
    long_messages=2000,
    listed_messages=5_000,
    imported_threads=50,
    pdf_pages=20,
    searched_windows=(20_000,),
    searches=50,
    starts=1,
    idle_s=2,
)

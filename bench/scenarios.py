"""The table of what can be measured."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench import (
    chat,
    cost,
    cranfield,
    embedding,
    imports,
    ingest,
    interpreter,
    lists,
    memory,
    pollers,
    reading,
    runs,
    search,
    start,
    tool_runs,
    window,
    words,
)
from bench.figures import DIRECT, RELAY, Round
from bench.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Scenario:
    title: str
    measure: Callable[[Plan], Iterator[Round]]
    bases: tuple[str, ...] = (RELAY,)
    """The targets to which ratios are shown."""
    setup_s: float
    """About what it takes before its rounds, for the plan of the whole."""
    round_s: float
    whole: bool = True
    """Whether it is a part of the whole, where none is named."""
    quick: bool = True
    """Whether it is a part of the quick one."""


SCENARIOS = {
    "chat": Scenario(
        title="POST /v1/chat/completions, streamed, 64 chunks",
        measure=chat.measure,
        bases=(RELAY, DIRECT),
        setup_s=3,
        round_s=17,
    ),
    "run": Scenario(
        title="POST /v1/threads/runs, streamed and stored, 64 chunks, by how commits are synced; and in long threads",
        measure=runs.measure,
        bases=(RELAY, "relay, long", DIRECT),
        setup_s=20,
        round_s=31,
    ),
    "tools": Scenario(
        title="The same with three turns before it that call a function of the server's",
        measure=tool_runs.measure,
        bases=(RELAY, DIRECT),
        setup_s=3,
        round_s=11,
    ),
    "pollers": Scenario(
        title="GET of runs that are alive, each by a client of its own",
        measure=pollers.measure,
        setup_s=8,
        round_s=13,
    ),
    "lists": Scenario(
        title="GET of 20 messages: of a thread of 100, and of a very long one",
        measure=lists.measure,
        bases=("short, first", "short, deep"),
        setup_s=20,
        round_s=7.5,
    ),
    "memory": Scenario(
        title="Open streams, a chunk a second each; and 10,000, a chunk every 5 s each",
        measure=memory.measure,
        setup_s=85,
        round_s=0,
    ),
    "start": Scenario(
        title="Start, and idling",
        measure=start.measure,
        setup_s=18,
        round_s=0,
    ),
    "window": Scenario(
        title="Turns of the engine in threads of 50 and 10,000 messages with the same window; and in wide windows",
        measure=window.measure,
        bases=("short",),
        setup_s=15,
        round_s=2,
        quick=False,
    ),
    "embedding": Scenario(
        title="Windows of 200 tokens become vectors, in the process that ingest has for that",
        measure=embedding.measure,
        bases=(),
        setup_s=3,
        round_s=5,
        quick=False,
    ),
    "imports": Scenario(
        title="retinue import and export: 50,000 messages, 5,000 runs",
        measure=imports.measure,
        bases=(),
        setup_s=15,
        round_s=0,
        quick=False,
    ),
    "ingest": Scenario(
        title="Files uploaded, read, embedded and stored: two lines of text, and a PDF of many pages",
        measure=ingest.measure,
        bases=(),
        setup_s=5,
        round_s=25,
        quick=False,
    ),
    "interpreter": Scenario(
        title="Code through the whole tool, but for the model: first calls of threads, calls of one; 200 idle sessions",
        measure=interpreter.measure,
        bases=(),
        setup_s=45,
        round_s=0,
        quick=False,
    ),
    "search": Scenario(
        title="Vectors and words of vector stores together: 100,000 and 1,000,000 windows, and 5,000 stores of 20",
        measure=search.measure,
        bases=(),
        setup_s=150,
        round_s=0,
        quick=False,
    ),
    "words": Scenario(
        title="Words of 100,000 and 1,000,000 windows: searches for 3 to 12 words of mixed frequency",
        measure=words.measure,
        bases=(),
        setup_s=240,
        round_s=0,
        whole=False,
        quick=False,
    ),
    "cranfield": Scenario(
        title="Quality of search on the Cranfield collection, by ranker; --cranfield says where it lies",
        measure=cranfield.measure,
        bases=(),
        setup_s=60,
        round_s=0,
        whole=False,
        quick=False,
    ),
    "reading": Scenario(
        title="Text into windows, with their terms; and a PDF of 200 pages",
        measure=reading.measure,
        bases=("counted",),
        setup_s=4,
        round_s=5,
        quick=False,
    ),
    "cost": Scenario(
        title="CPU time alone, in half a minute; `make check` holds it to a bound",
        measure=cost.measure,
        setup_s=30,
        round_s=0,
        whole=False,
        quick=False,
    ),
}

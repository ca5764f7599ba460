"""What is compared: something that answers, and what it is asked. Targets take turns, figure by figure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.figures import Figures, Round
from bench.load import CALLERS, CHUNKS, FAST, PACED, PACED_STREAMS, QUESTION, Load, apply, chat_load
from bench.plan import Plan
from bench.process import Process
from bench.progress import tell
from bench.servers import Server

MOST_JOINED = 0.05  # of the deltas


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is asked for streams."""

    name: str
    fast: Load
    """For whole streams at once."""
    paced: Load | None = None
    """For streams at a model's pace; None if they are not measured."""
    process: Process | None = None
    """Whose CPU time counts; None if nobody's does."""
    callers: int = CALLERS
    """That ask for whole streams at once."""
    paced_callers: int = PACED_STREAMS
    slices: int = 1
    """Of time, in place of one: for what is so slow that hardly an answer ends in one."""


Measure = Callable[[Target, Plan], Figures]


def rounds_of(targets: Sequence[Target], measures: Sequence[Measure], plan: Plan) -> Iterator[Round]:
    """Yield rounds of figures; of each, the targets' slices of time follow each other closely."""
    for number in range(plan.rounds):
        tell(f"  round {number + 1} of {plan.rounds}")
        taken: Round = {target.name: {} for target in targets}
        for measure in measures:
            for target in targets:
                taken[target.name] |= measure(target, plan)
        yield taken


def first_delta(target: Target, plan: Plan) -> Figures:
    one = apply(target.fast, plan, callers=1, measured_s=plan.slice_s * target.slices)
    if not one.per_second:
        return {}
    return {"first_ms_p50": one.first_ms_p50, "first_ms_p99": one.first_ms_p99}


def streams(target: Target, plan: Plan) -> Figures:
    """Whole streams, by callers that don't pause."""
    before_s = target.process.cpu_seconds() if target.process else 0
    many = apply(target.fast, plan, callers=target.callers, measured_s=plan.slice_s * target.slices)
    figures = {"streams_per_s": many.per_second}
    if target.process and many.answers:
        figures["cpu_us_per_stream"] = (target.process.cpu_seconds() - before_s) * 1e6 / many.answers
    return figures


def chunks(target: Target, plan: Plan) -> Figures:
    """CPU time of a delta, under many streams at a model's pace."""
    if not target.process or not target.paced:
        return {}
    before_s = target.process.cpu_seconds()
    result = apply(target.paced, plan, callers=target.paced_callers, measured_s=plan.paced_slice_s)
    spent_us = (target.process.cpu_seconds() - before_s) * 1e6
    if result.events < result.answers * CHUNKS * (1 - MOST_JOINED):
        tell(f"  {target.name} joins deltas: {result.events / result.answers:.0f} an answer instead of {CHUNKS}")
    return {"cpu_us_per_chunk": spent_us / max(1, result.events)}


def direct(upstream_port: int) -> Target:
    """The load straight at the upstream: the most that could come out of the others."""
    return Target(name="direct", fast=chat_load(upstream_port, FAST))


def chats(name: str, server: Server, *, slices: int = 1) -> Target:
    """Streamed chat completions, which any gateway hands on."""
    return Target(
        name=name,
        fast=chat_load(server.port, FAST),
        paced=chat_load(server.port, PACED),
        process=server.process,
        slices=slices,
    )


def runs(name: str, server: Server, *, paced: str = PACED) -> Target:
    """Runs that are stored and streamed, each on a thread of its own."""
    fast_assistant, paced_assistant = server.make_assistant(FAST), server.make_assistant(paced)
    return Target(
        name=name,
        fast=run_load(server.port, fast_assistant),
        paced=run_load(server.port, paced_assistant),
        process=server.process,
    )


def run_load(port: int, assistant: str) -> Load:
    return stream_load(port, ["/v1/threads/runs"], {"assistant_id": assistant, "thread": {"messages": [QUESTION]}})


def stream_load(port: int, paths: Sequence[str], body: dict[str, object]) -> Load:
    return Load(
        port=port,
        paths=paths,
        body=body | {"stream": True},
        delta_mark="event: thread.message.delta",
        final_mark="event: thread.run.completed",
    )

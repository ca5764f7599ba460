"""The load generator: what it does to a server, and what it reports. See c/load.c."""

import json
import select
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from bench.build import BUILD, write
from bench.plan import Plan
from bench.process import TOOLS_CORE, pin

CHUNKS = 64  # text deltas an answer
CALLERS = 32
PACED_STREAMS = 100
# Models of c/upstream.c: all deltas at once; one every 20 ms, as a fast model does; and so slow a one that a thousand
# streams keep no core busy.
FAST, PACED, SLOW = "bench-0", "bench-20000", "bench-1000000"

SYSTEM = "You are a helpful assistant."
QUESTION = {"role": "user", "content": "Tell me something interesting about latency, in two sentences."}


@dataclass(frozen=True, kw_only=True)
class Load:
    """A request, asked again and again: a POST of `body`, a GET without one."""

    port: int
    paths: Sequence[str]
    """The first caller asks at the first, and so on, and round again."""
    body: object = None
    delta_mark: str | None = None
    final_mark: str | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the load generator reports; see c/load.c."""

    per_second: float
    first_ms_p50: float
    first_ms_p99: float
    total_ms_p50: float
    total_ms_p99: float
    answers: int
    events: int
    failed: int
    open: int
    silent_ms: float


def apply(load: Load, plan: Plan, *, callers: int, measured_s: float | None = None, pause_s: float = 0) -> Result:
    """Put load on a server for a slice of time."""
    running = start_load(
        load,
        callers=callers,
        measured_s=measured_s or plan.slice_s,
        warm_up_s=plan.warm_up_s + pause_s,
        ramp_s=pause_s,  # so that they don't all ask at once ever after
        pause_s=pause_s,
    )
    return finished(running)


def start_load(
    load: Load, *, callers: int, measured_s: float, warm_up_s: float = 0, ramp_s: float = 0, pause_s: float = 0
) -> subprocess.Popen[bytes]:
    times = ["-d", measured_s, "-w", warm_up_s, "-r", round(ramp_s * 1000), "-p", round(pause_s * 1000)]
    marks = [
        *(("-e", load.delta_mark) if load.delta_mark else ()),
        *(("-f", load.final_mark) if load.final_mark else ()),
    ]
    body = [write("body.json", json.dumps(load.body))] if load.body is not None else []
    paths = write("paths", "\n".join(load.paths))
    command = [BUILD / "load", "-c", callers, *times, *marks, load.port, f"@{paths}", *body]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, preexec_fn=pin(TOOLS_CORE))


def wait_until_open(generator: subprocess.Popen[bytes], *, timeout_s: float) -> bool:
    """Wait until each connection has had its first event; return whether that was in time."""
    assert generator.stdout
    return bool(select.select([generator.stdout], [], [], timeout_s)[0])  # it is the first that it says


def finished(generator: subprocess.Popen[bytes]) -> Result:
    """Wait for its report; a failed answer ends everything, for then the figures mean nothing."""
    result = reported(generator)
    if result.failed:
        raise SystemExit(f"{result.failed} answers failed (the first is shown above): the figures mean nothing.")
    return result


def reported(generator: subprocess.Popen[bytes]) -> Result:
    """Wait for its report, failed answers or not."""
    output, _ = generator.communicate()
    if generator.returncode:
        raise SystemExit(f"The load generator ended with {generator.returncode}.")
    return Result(**json.loads(output.splitlines()[-1]))


def chat_load(port: int, model: str, *, messages: int = 1) -> Load:
    """Return streamed chat completions of so many messages after the first, which is the system's."""
    body = {
        "model": model,
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [{"role": "system", "content": SYSTEM}, *[QUESTION] * messages],
    }
    return Load(port=port, paths=["/v1/chat/completions"], body=body, delta_mark='"content":"', final_mark="[DONE]")

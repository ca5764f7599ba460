"""Measure Retinue side by side with a bare relay and with no relay at all, and print the ratios.

What is measured has one core to itself; the upstream and the load generator share another. Take the ratios:
absolute figures on shared machines swing up to threefold, and rounds take turns so that a slow minute hits all alike.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from figures import Figures, median_of, table
from process import Process, choose_cores, pin

BENCH = Path(__file__).parent
BUILD = BENCH.parent / "build" / "bench"

CHUNKS = 64  # text deltas an answer
PACED_US = 20_000  # between two deltas of a stream, about what a fast model does
SLOW_US = 1_000_000  # slow enough that a thousand streams keep no core busy
CALLERS = 32
PACED_STREAMS = 100
OPEN_STREAMS = 1000
SETTLE_S = 0.5

SYSTEM = "You are a helpful assistant."
QUESTION = {"role": "user", "content": "Tell me something interesting about latency, in two sentences."}
SERVER_CORE, TOOLS_CORE = choose_cores()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how often to measure."""

    rounds: int
    measured_s: float
    warm_up_s: float
    open_ramp_s: float
    open_settle_s: float
    targets: str


FULL = Plan(rounds=3, measured_s=6, warm_up_s=2, open_ramp_s=3, open_settle_s=3, targets="relay,chat,normal,full")
QUICK = Plan(rounds=1, measured_s=1, warm_up_s=0.4, open_ramp_s=1.5, open_settle_s=1, targets="relay,full")


@dataclass(frozen=True, kw_only=True)
class Load:
    """What the load generator does to a target."""

    port: int
    path: str
    body: Path
    delta_mark: str
    final_mark: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the load generator reports; see load.c."""

    per_second: float
    first_ms_p50: float
    first_ms_p99: float
    total_ms_p50: float
    total_ms_p99: float
    answers: int
    events: int
    failed: int
    open: int


@dataclass(frozen=True, kw_only=True)
class Target:
    """A server to measure: how to start it over an upstream and what to ask it."""

    name: str
    synchronous: str | None = None
    """Retinue's RETINUE_SYNCHRONOUS; None for the relay."""
    chats: bool = False
    """Whether Retinue is asked for chat completions, which it hands on, in place of runs."""

    @contextlib.contextmanager
    def started(self, upstream_port: int) -> Iterator[tuple[Process, float, Load]]:
        """Yield the running server, the seconds that it took to start, and what to ask it."""
        port, log = free_port(), BUILD / f"{self.name.replace(' ', '-')}.log"
        upstream = f"http://127.0.0.1:{upstream_port}"
        with tempfile.TemporaryDirectory(dir=BUILD, prefix="data-") as folder:
            command, environment = self._command(port, upstream, folder)
            with Process(command, core=SERVER_CORE, log=log, environment=environment) as server:
                start_s = server.wait_until_answers(f"http://127.0.0.1:{port}/healthz")
                yield server, start_s, self._load(port)

    def _command(self, port: int, upstream: str, folder: str) -> tuple[list[str], dict[str, str]]:
        if self.synchronous is None:
            return [sys.executable, str(BENCH / "relay.py"), str(port), upstream], dict(os.environ)
        program = str(Path(sys.executable).with_name("retinue"))
        command = [program, "serve", "--host", "127.0.0.1", "--port", str(port), "--data", folder]
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "RETINUE_"))}
        return command, inherited | {
            "OPENAI_BASE_URL": f"{upstream}/v1",
            "OPENAI_API_KEY": "sk-bench",
            "RETINUE_SYNCHRONOUS": self.synchronous,
        }

    def _load(self, port: int) -> Load:
        if self.synchronous is None or self.chats:
            return chat_load(port)
        body = {"assistant_id": make_assistant(port), "stream": True, "thread": {"messages": [QUESTION]}}
        return Load(
            port=port,
            path="/v1/threads/runs",
            body=write_body("run", body),
            delta_mark="event: thread.message.delta",
            final_mark="event: done",
        )


TARGETS = {
    "relay": Target(name="relay"),
    "normal": Target(name="Retinue normal", synchronous="normal"),
    "full": Target(name="Retinue full", synchronous="full"),
    "chat": Target(name="Retinue chat", synchronous="full", chats=True),
}


def main() -> int:
    options = parse_options()
    plan = QUICK if options.quick else FULL
    raise_file_limit()
    build_tools()
    targets = [TARGETS[name] for name in (options.targets or plan.targets).split(",")]
    rounds: dict[str, list[Figures]] = {"direct": [], **{target.name: [] for target in targets}}
    for number in range(options.rounds or plan.rounds):
        for name, taken in rounds.items():
            tell(f"round {number + 1}: {name} ...")
            target = next((target for target in targets if target.name == name), None)
            taken.append(measure(target, plan) if target else measure_direct(plan))
    medians = {name: median_of(taken) for name, taken in rounds.items()}
    print(table(medians))
    if options.json:
        write_json(options.json, medians, rounds)
    return 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round, about 20 seconds")
    parser.add_argument("--rounds", type=int, help="how often to measure each; the median counts")
    parser.add_argument("--targets", help=f"which to measure ({FULL.targets}; {QUICK.targets} if quick)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


def measure_direct(plan: Plan) -> Figures:
    """Measure the load generator straight against the upstream: the most that could come out of the others."""
    with upstream(interval_us=0) as port:
        many = apply(chat_load(port), plan, callers=CALLERS)
        one = apply(chat_load(port), plan, callers=1)
    return Figures(
        streams_per_second=many.per_second,
        first_delta_ms_p50=one.first_ms_p50,
        first_delta_ms_p99=one.first_ms_p99,
    )


def measure(target: Target, plan: Plan) -> Figures:
    """Measure a target over a fast, a paced and a slow upstream, started afresh for each."""
    with upstream(interval_us=0) as port, target.started(port) as (server, start_s, load):
        time.sleep(SETTLE_S)
        idle_mb = server.resident_mb()
        cpu_s = server.cpu_seconds()
        many = apply(load, plan, callers=CALLERS)
        cpu_us_per_stream = (server.cpu_seconds() - cpu_s) * 1e6 / max(1, many.answers)
        one = apply(load, plan, callers=1)
    return Figures(
        streams_per_second=many.per_second,
        cpu_us_per_stream=cpu_us_per_stream,
        first_delta_ms_p50=one.first_ms_p50,
        first_delta_ms_p99=one.first_ms_p99,
        cpu_us_per_chunk=measure_chunks(target, plan),
        mb_per_1000_streams=measure_memory(target, plan),
        idle_mb=idle_mb,
        start_s=start_s,
    )


def measure_chunks(target: Target, plan: Plan) -> float:
    """Return the server's CPU time a relayed text delta, in us, under many streams at a model's pace."""
    with upstream(interval_us=PACED_US) as port, target.started(port) as (server, _, load):
        cpu_s = server.cpu_seconds()
        result = apply(load, plan, callers=PACED_STREAMS)
        cpu_us = (server.cpu_seconds() - cpu_s) * 1e6
    if result.events < result.answers * CHUNKS * 0.95:
        per_answer = result.events / max(1, result.answers)
        tell(f"  {target.name} joined deltas: {per_answer:.0f} an answer instead of {CHUNKS}")
    return cpu_us / max(1, result.events)


def measure_memory(target: Target, plan: Plan) -> float:
    """Return the MB that a thousand streams add to the server while they are open."""
    with upstream(interval_us=SLOW_US) as port, target.started(port) as (server, _, load):
        time.sleep(SETTLE_S)
        idle_mb = server.resident_mb()
        duration_s = plan.open_ramp_s + plan.open_settle_s + CHUNKS
        generator = start_load(load, callers=OPEN_STREAMS, measured_s=duration_s, ramp_s=plan.open_ramp_s)
        time.sleep(plan.open_ramp_s + plan.open_settle_s)
        grown_mb = server.resident_mb() - idle_mb
        generator.terminate()
        result = finished(generator)
    if result.open < OPEN_STREAMS:
        tell(f"  {target.name} had {result.open} of {OPEN_STREAMS} streams open in time")
    return grown_mb * 1000 / max(1, result.open)


def apply(load: Load, plan: Plan, *, callers: int) -> Result:
    return finished(start_load(load, callers=callers, measured_s=plan.measured_s, warm_up_s=plan.warm_up_s))


def start_load(
    load: Load, *, callers: int, measured_s: float, warm_up_s: float = 0, ramp_s: float = 0
) -> subprocess.Popen[str]:
    options = ["-c", callers, "-d", measured_s, "-w", warm_up_s, "-r", round(ramp_s * 1000)]
    marks = ["-e", load.delta_mark, "-f", load.final_mark]
    command = [BUILD / "load", *options, *marks, load.port, load.path, load.body]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True, preexec_fn=pin(TOOLS_CORE))


def finished(generator: subprocess.Popen[str]) -> Result:
    output, _ = generator.communicate()
    if generator.returncode:
        raise SystemExit(f"The load generator ended with {generator.returncode}.")
    result = Result(**json.loads(output))
    if result.failed:
        raise SystemExit(f"{result.failed} answers failed (the first is shown above): the figures mean nothing.")
    return result


@contextlib.contextmanager
def upstream(*, interval_us: int) -> Iterator[int]:
    """Yield the port of a running upstream."""
    port = free_port()
    command = [str(BUILD / "upstream"), str(port), str(CHUNKS), str(interval_us)]
    with Process(command, core=TOOLS_CORE, log=BUILD / "upstream.log") as process:
        process.wait_until_answers(f"http://127.0.0.1:{port}/v1/models")
        yield port


def chat_load(port: int) -> Load:
    body = {
        "model": "bench-1",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [{"role": "system", "content": SYSTEM}, QUESTION],
    }
    return Load(
        port=port,
        path="/v1/chat/completions",
        body=write_body("chat", body),
        delta_mark='"content":"',
        final_mark="[DONE]",
    )


def make_assistant(port: int) -> str:
    """Make an assistant over HTTP as any client would and return its id."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/assistants",
        data=json.dumps({"model": "bench-1", "instructions": SYSTEM}).encode(),
        headers={"Content-Type": "application/json", "Authorization": "Bearer sk-bench"},
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["id"])


def write_body(name: str, body: object) -> Path:
    path = BUILD / f"{name}.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def build_tools() -> None:
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise SystemExit("The load tools need a C compiler. On Debian or Ubuntu: sudo apt install gcc libc6-dev")
    BUILD.mkdir(parents=True, exist_ok=True)
    for tool in ("upstream", "load"):
        source, program = BENCH / f"{tool}.c", BUILD / tool
        subprocess.run([compiler, "-O2", "-std=gnu11", "-o", program, source], check=True)


def raise_file_limit() -> None:
    """Let the children have as many sockets as the system allows: a stream takes two of a relay's."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = 16_384
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough if hard == resource.RLIM_INFINITY else min(enough, hard), hard))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def write_json(path: Path, medians: dict[str, Figures], rounds: dict[str, list[Figures]]) -> None:
    report = {
        "python": sys.version.split()[0],
        "pinned": SERVER_CORE is not None,
        "chunks": CHUNKS,
        "medians": {name: asdict(figures) for name, figures in medians.items()},
        "rounds": {name: [asdict(figures) for figures in taken] for name, taken in rounds.items()},
    }
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""What the figures are to reach."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.figures import LABELS, RELAY, Taken, shown


@dataclass(frozen=True, kw_only=True)
class Goal:
    scenario: str
    target: str
    figure: str
    base: str | None = None
    """Whose ratio counts; None where the figure itself does."""
    most: float | None = None
    least: float | None = None

    @property
    def words(self) -> str:
        base = f", x {self.base}" if self.base else ""
        return f"{self.target}: {LABELS[self.figure]}{base}"

    @property
    def bound(self) -> str:
        return f"<= {self.most:,g}" if self.most is not None else f">= {self.least:,g}"

    def reached(self, taken: Taken) -> float | None:
        """Return what came out; None if it was not measured."""
        if self.base:
            return taken.ratio(self.target, self.figure, self.base)
        return taken.medians.get(self.target, {}).get(self.figure)

    def met_by(self, value: float) -> bool:
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)


GOALS = (
    Goal(scenario="chat", target="chat", figure="added_ms_p50", base=RELAY, most=1.25),
    Goal(scenario="chat", target="chat", figure="added_ms_p99", base=RELAY, most=2),
    Goal(scenario="chat", target="chat", figure="cpu_us_per_chunk", base=RELAY, most=1.3),
    Goal(scenario="chat", target="chat", figure="cpu_us_per_chunk", base="litellm", most=0.1),
    Goal(scenario="run", target="normal", figure="cpu_us_per_stream", base=RELAY, most=2.5),
    Goal(scenario="run", target="normal", figure="streams_per_s", least=800),
    Goal(scenario="run", target="long", figure="cpu_us_per_stream", base="relay, long", most=2.5),
    Goal(scenario="lists", target="long, first", figure="cpu_us_per_page", base="short, first", most=1.2),
    Goal(scenario="lists", target="long, deep", figure="cpu_us_per_page", base="short, deep", most=1.2),
    Goal(scenario="window", target="long", figure="cpu_us_per_turn", base="short", most=1.2),
    Goal(scenario="search", target="100,000", figure="search_ms_p99", most=30),
    Goal(scenario="search", target="1,000,000", figure="search_ms_p99", most=120),
    Goal(scenario="search", target="1,000,000", figure="index_mb", most=450),
    Goal(scenario="interpreter", target="warm", figure="call_ms_p50", most=40),
    Goal(scenario="interpreter", target="1+1", figure="call_ms_p50", most=3),
    Goal(scenario="interpreter", target="group-by and chart", figure="call_ms_p50", most=150),
    Goal(scenario="interpreter", target="idle", figure="alive", least=200),
    Goal(scenario="interpreter", target="idle", figure="session_mb", most=5),
    Goal(scenario="reading", target="cut", figure="mb_per_cpu_s", base="counted", least=1.5),
    Goal(scenario="reading", target="cut, with terms", figure="mb_per_cpu_s", least=7),
    Goal(scenario="reading", target="pdf", figure="took_s", most=5),
    Goal(scenario="memory", target="chat", figure="mb_per_1000_streams", most=30),
    Goal(scenario="memory", target="chat", figure="held_percent", least=100),
    Goal(scenario="memory", target="chat", figure="held_failed", most=0),
    Goal(scenario="memory", target="chat", figure="held_silent_s", most=10),
    Goal(scenario="embedding", target="process", figure="text_kb_per_s", least=55),
    Goal(scenario="ingest", target="200 pages", figure="searchable_s", most=30),
    Goal(scenario="ingest", target="two lines", figure="searchable_s", most=0.5),
    Goal(scenario="start", target="server", figure="ready_s", most=1.5),
    Goal(scenario="start", target="server", figure="idle_mb", most=90),
    Goal(scenario="start", target="server", figure="idle_cpu_percent", most=0.2),
)


def judged(results: Mapping[str, Taken]) -> Iterator[tuple[Goal, float]]:
    """Yield the goals of what was measured, with what came out."""
    for goal in GOALS:
        value = goal.reached(results[goal.scenario]) if goal.scenario in results else None
        if value is not None:
            yield goal, value


def table(results: Mapping[str, Taken]) -> str:
    lines = [
        f"{goal.words:<64}{goal.bound:>10}{shown(value):>10}   {'met' if goal.met_by(value) else 'MISSED'}"
        for goal, value in judged(results)
    ]
    return "\n".join([f"{'goal':<64}{'':>10}{'came out':>10}", *lines]) if lines else ""

"""What is measured in rounds, the median of them, ratios, and the tables of it all."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

Figures = dict[str, float]
Round = dict[str, Figures]
"""What came out for each target, by its name, in the same minute."""

LABELS = {
    "streams_per_s": "streams/s, 32 callers",
    "cpu_us_per_stream": "CPU us a stream",
    "first_ms_p50": "first delta ms, 1 caller, p50",
    "first_ms_p99": "first delta ms, 1 caller, p99",
    "added_ms_p50": "added to direct's p50",
    "added_ms_p99": "added to direct's p99",
    "cpu_us_per_chunk": "CPU us a chunk, 20 ms apart",
    "polls_per_s": "polls/s, no pauses",
    "cpu_us_per_poll": "CPU us a poll, no pauses",
    "poll_ms_p50": "ms a poll, one a second each, p50",
    "poll_ms_p99": "ms a poll, one a second each, p99",
    "cpu_us_per_page": "CPU us a page",
    "cpu_us_per_turn": "CPU us a turn",
    "cpu_s_first_turn": "CPU s of the first turn",
    "cpu_s_second_turn": "CPU s of the second turn",
    "text_kb_per_s": "KB of text/s, all cores",
    "tokens_per_s": "tokens/s, all cores",
    "tokens_per_cpu_s": "tokens a CPU second",
    "resident_mb": "MB resident",
    "searchable_s": "s from upload to searchable",
    "search_ms_least": "ms a search, least",
    "search_ms_p50": "ms a search, p50",
    "search_ms_p99": "ms a search, p99",
    "load_s": "s to load from the database",
    "save_s": "s to save",
    "load_saved_s": "s to load what was saved",
    "index_mb": "MB of memory, without files",
    "mb_per_cpu_s": "MB a CPU second",
    "took_s": "s",
    "ndcg_10": "nDCG@10, %",
    "first_half": "of one half of the queries",
    "second_half": "of the other",
    "cpu_us_per_window": "CPU us to add a window",
    "search_cpu_ms_p50": "CPU ms a search, p50",
    "search_cpu_ms_p99": "CPU ms a search, p99",
    "file_mb": "MB of files",
    "most_mb": "MB at most",
    "mb_per_1000_streams": "MB per 1,000 open streams",
    "call_ms_p50": "ms a call, p50",
    "call_ms_p99": "ms a call, p99",
    "alive": "sessions alive",
    "start_s": "s to start what they are forked from",
    "session_mb": "MB private of an idle session",
    "fork_server_mb": "MB resident of what they are forked from",
    "held": "streams held open at once",
    "held_percent": "of those that were asked for, %",
    "held_failed": "of them failed",
    "held_mb": "MB for them",
    "held_silent_s": "longest without a chunk, s",
    "ready_s": "s from start to ready",
    "idle_mb": "MB idle",
    "idle_cpu_percent": "CPU % idle",
}
DIRECT, RELAY = "direct", "relay"
NAME_WIDTH, COLUMN_WIDTH = 36, 10


@dataclass(frozen=True)
class Taken:
    """The rounds of a scenario."""

    rounds: Sequence[Round]

    @cached_property
    def medians(self) -> Round:
        return {name: self._medians(name) for name in self.rounds[0]}

    def ratios(self, base: str) -> Round:
        """Return the median of each round's ratio to a target, for slow minutes hit a round's targets alike."""
        ratios = {name: {key: self.ratio(name, key, base) for key in figures} for name, figures in self.medians.items()}
        return {name: {k: v for k, v in found.items() if v is not None} for name, found in ratios.items()}

    def ratio(self, name: str, key: str, base: str) -> float | None:
        pairs = [(taken[name].get(key), taken.get(base, {}).get(key)) for taken in self.rounds if name in taken]
        ratios = [value / divisor for value, divisor in pairs if value is not None and divisor]
        return statistics.median(ratios) if ratios else None

    def _medians(self, name: str) -> Figures:
        rounds = [taken[name] for taken in self.rounds]
        keys = {key: None for figures in rounds for key in figures}  # in their order
        return {key: statistics.median(figures[key] for figures in rounds if key in figures) for key in keys}


def with_added(taken: Round) -> Round:
    """Return a round with what each target adds to the time to the first delta: its own less what there is without."""
    return {
        name: figures | (added(figures, taken[DIRECT]) if name != DIRECT else {}) for name, figures in taken.items()
    }


def added(figures: Figures, direct: Figures) -> Figures:
    firsts = {"added_ms_p50": "first_ms_p50", "added_ms_p99": "first_ms_p99"}
    return {key: figures[first] - direct[first] for key, first in firsts.items() if first in figures}


def table(taken: Taken, bases: Sequence[str]) -> str:
    """Return the medians, then the ratios to each target of `bases`."""
    blocks = [rows("", taken.medians)]
    for base in bases:
        others = {name: figures for name, figures in taken.ratios(base).items() if name not in {base, DIRECT}}
        blocks.append(rows(f"ratio to {base}", others))
    return "\n\n".join(block for block in blocks if block)


def rows(title: str, columns: Round) -> str:
    """Return a row for each figure that a column has; nothing if none has any."""
    keys = [key for key in LABELS if any(key in figures for figures in columns.values())]
    if not keys:
        return ""
    widths = {name: max(COLUMN_WIDTH, len(name) + 2) for name in columns}
    head = f"{title:<{NAME_WIDTH}}" + "".join(f"{name:>{width}}" for name, width in widths.items())
    lines = [
        f"{LABELS[key]:<{NAME_WIDTH}}"
        + "".join(f"{shown(columns[name].get(key)):>{width}}" for name, width in widths.items())
        for key in keys
    ]
    return "\n".join([head, *lines])


def shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"

"""What is measured of each target, the median of several rounds, and the table of it all."""

import statistics
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What came out for one target; None where a figure has no meaning for it."""

    streams_per_second: float
    """Whole streams, asked for by 32 callers without pause."""
    cpu_us_per_stream: float | None = None
    first_delta_ms_p50: float
    """From the request to the first text, one caller."""
    first_delta_ms_p99: float
    cpu_us_per_chunk: float | None = None
    """At 100 streams of a chunk every 20 ms."""
    mb_per_1000_streams: float | None = None
    idle_mb: float | None = None
    start_s: float | None = None
    """From the command to the first answer."""


LABELS = {
    "streams_per_second": "streams/s, 32 callers",
    "cpu_us_per_stream": "CPU us a stream",
    "first_delta_ms_p50": "first delta ms p50",
    "first_delta_ms_p99": "first delta ms p99",
    "cpu_us_per_chunk": "CPU us a chunk, 100 paced streams",
    "mb_per_1000_streams": "MB per 1,000 open streams",
    "idle_mb": "MB idle",
    "start_s": "s to start",
}


def median_of(rounds: list[Figures]) -> Figures:
    """Return each figure's median over the rounds."""
    taken = {field.name: [getattr(figures, field.name) for figures in rounds] for field in fields(Figures)}
    # A figure that has no meaning for a target has none in any round.
    medians: dict[str, Any] = {
        name: None if None in values else statistics.median(values) for name, values in taken.items()
    }
    return Figures(**medians)


def table(medians: dict[str, Figures]) -> str:
    """Return the figures, then each as a ratio to the relay's and to what came out with no relay at all."""
    blocks = [rows_of("", medians, None)]
    for base in ("relay", "direct"):
        rest = {name: figures for name, figures in medians.items() if name not in {base, "direct"}}
        if base in medians and rest:
            blocks.append(rows_of(f"ratio to {base}", rest, medians[base]))
    return "\n\n".join(blocks)


def rows_of(title: str, columns: dict[str, Figures], base: Figures | None) -> str:
    rows = [f"{title:<36}" + "".join(f"{name:>16}" for name in columns)]
    for name, label in LABELS.items():
        values = [getattr(figures, name) for figures in columns.values()]
        if base is not None:
            divisor = getattr(base, name)
            values = [value / divisor if value is not None and divisor else None for value in values]
        if any(value is not None for value in values):
            rows.append(f"{label:<36}" + "".join(f"{shown(value):>16}" for value in values))
    return "\n".join(rows)


def shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"

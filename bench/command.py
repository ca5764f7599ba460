"""Measure the server side by side with a bare relay and with nothing between, and print the ratios.

What is measured has one core to itself; the upstream and the load generator share another. Read the ratios of one run:
absolute figures on shared machines swing up to threefold, and rounds take turns so that a slow minute hits all alike.
A ratio is the median of the rounds' ratios.
"""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import goals
from bench.build import build_tools, raise_file_limit
from bench.figures import Taken, table
from bench.plan import QUICK, WHOLE, Plan
from bench.process import SERVER_CORE
from bench.progress import tell
from bench.scenarios import SCENARIOS

LITELLM_ROUND_S = 20


def main() -> int:
    options = parse_options()
    plan = plan_of(options)
    names = options.only or [name for name, it in SCENARIOS.items() if (it.quick if options.quick else it.whole)]
    tell(f"{', '.join(names)}: about {expected_s(names, plan):.0f} s on an idle machine, more on a busy one.")
    raise_file_limit()
    build_tools()
    results: dict[str, Taken] = {}
    for name in names:
        results[name] = measured(name, plan)
        if options.json:
            write_json(options.json, results)  # each time, so that nothing is lost where a later one fails
    print(goals.table(results))
    return 0


def parse_options() -> argparse.Namespace:
    listed = "\n".join(f"  {name:<10}{scenario.title}" for name, scenario in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=f"scenarios:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="one short round of each, within a minute")
    parser.add_argument("--only", type=scenario_names, metavar="A,B", help="measure these scenarios alone")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"how often to take turns ({WHOLE.rounds})")
    parser.add_argument(
        "--litellm",
        action="store_true",
        help="measure LiteLLM's proxy beside `chat`; it is installed into build/ once: two minutes, 750 MB",
    )
    parser.add_argument("--before", type=checkout, metavar="FOLDER", help="measure another checkout beside this one")
    parser.add_argument(
        "--cranfield",
        type=Path,
        metavar="FOLDER",
        help="where the Cranfield collection lies: cran.all.1400, cran.qry, cranqrel",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures of every round there too")
    return parser.parse_args()


def scenario_names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in SCENARIOS:
            raise argparse.ArgumentTypeError(f"there is no {name!r}; there are {', '.join(SCENARIOS)}")
    return names


def checkout(text: str) -> Path:
    if not (Path(text) / "src" / "retinue").is_dir():
        raise argparse.ArgumentTypeError(f"{text} holds no src/retinue")
    return Path(text)


def plan_of(options: argparse.Namespace) -> Plan:
    plan = QUICK if options.quick else WHOLE
    rounds = options.rounds or plan.rounds
    return dataclasses.replace(
        plan, rounds=rounds, litellm=options.litellm, before=options.before, cranfield=options.cranfield
    )


def expected_s(names: Sequence[str], plan: Plan) -> float:
    chosen = [SCENARIOS[name] for name in names]
    scale = 0.4 if plan.slice_s == QUICK.slice_s else 1
    beside = LITELLM_ROUND_S * plan.rounds if plan.litellm and "chat" in names else 0
    return beside + sum(scenario.setup_s + scenario.round_s * plan.rounds for scenario in chosen) * scale


def measured(name: str, plan: Plan) -> Taken:
    """Measure a scenario and print its tables at once, for the next takes a while."""
    scenario, began = SCENARIOS[name], time.monotonic()
    tell(f"{name} ...")
    taken = Taken(list(scenario.measure(plan)))
    print(f"{name}: {scenario.title}\n\n{table(taken, scenario.bases)}\n", flush=True)
    tell(f"  {time.monotonic() - began:.0f} s")
    return taken


def write_json(path: Path, results: Mapping[str, Taken]) -> None:
    report = {
        "python": sys.version.split()[0],
        "pinned": SERVER_CORE is not None,
        "scenarios": {name: scenario_json(name, taken) for name, taken in results.items()},
        "goals": [
            {**dataclasses.asdict(goal), "came_out": value, "met": goal.met_by(value)}
            for goal, value in goals.judged(results)
        ],
    }
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def scenario_json(name: str, taken: Taken) -> dict[str, object]:
    ratios = {base: taken.ratios(base) for base in SCENARIOS[name].bases}
    return {"medians": taken.medians, "ratios": ratios, "rounds": taken.rounds}

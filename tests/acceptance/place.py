"""Where a refused request could have left a trace."""

from typing import Any

from acceptance.wire import ASSISTANTS, MESSAGES, RUNS, STEPS, THREAD, Wire


def held(wire: Wire, place: dict[str, str]) -> list[Any]:
    """Everything that a refused request could have changed."""
    thread_id, run_id = place["thread_id"], place["run_id"]
    return [
        wire.get(ASSISTANTS, {"limit": 3}),
        wire.get(THREAD, thread_id=thread_id),
        wire.get(MESSAGES, thread_id=thread_id),
        wire.get(RUNS, thread_id=thread_id),
        wire.get(STEPS, thread_id=thread_id, run_id=run_id),
    ]


def path_ids(template: str, place: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in place.items() if f"{{{name}}}" in template}

"""What most tests do with runs, over plain HTTP."""

from typing import Any

from acceptance.wire import RUN, RUNS, THREADS, Wire
from contract.validator import Story, check_stream

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
HELLO = "Hello! This is a reply that comes in several pieces."
"""What `rehearsal.yaml` answers to `say hello`."""


def thread_with(wire: Wire, *texts: str) -> str:
    """A thread whose user messages are these; its id."""
    messages = [{"role": "user", "content": text} for text in texts]
    thread: dict[str, str] = wire.post(THREADS, {"messages": messages})
    return thread["id"]


def told(wire: Wire, thread_id: str, assistant_id: str, **settings: Any) -> Story:
    """What the stream of one run tells."""
    with wire.stream(RUNS, {"assistant_id": assistant_id, **settings}, thread_id=thread_id) as stream:
        return check_stream(stream.rest())


def waiting(wire: Wire, assistant_id: str, text: str = "weather in Paris and Rome") -> dict[str, Any]:
    """A run that waits for outputs."""
    return told(wire, thread_with(wire, text), assistant_id).run


def calls_of(run: dict[str, Any]) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    return calls


def outputs_for(run: dict[str, Any]) -> list[dict[str, str]]:
    return [{"tool_call_id": call["id"], "output": "dry"} for call in calls_of(run)]


def ids(run: dict[str, Any]) -> dict[str, str]:
    return {"thread_id": run["thread_id"], "run_id": run["id"]}


def settled(wire: Wire, run: dict[str, Any]) -> dict[str, Any]:
    """The run once it is final or waits for outputs: the events route ends then."""
    with wire.events(run["id"]) as stream:
        stream.rest()
    final: dict[str, Any] = wire.get(RUN, **ids(run))
    return final

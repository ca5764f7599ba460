"""`retinue demo`: the main job played by itself, by the official client against a server of its own."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import typer

from retinue.core.errors import NotStarted

_QUESTION = "What's the temperature and the rain probability in San Francisco?"
_START_S = 30  # a server that takes longer to come up won't come up

_LOCATION = {"type": "string", "description": "The city, such as San Francisco"}
_TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_current_temperature",
            "description": "Get the current temperature at a location",
            "parameters": {
                "type": "object",
                "properties": {
                    "location": _LOCATION,
                    "unit": {"type": "string", "enum": ["Celsius", "Fahrenheit"]},
                },
                "required": ["location", "unit"],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "get_rain_probability",
            "description": "Get the probability of rain at a location",
            "parameters": {"type": "object", "properties": {"location": _LOCATION}, "required": ["location"]},
        },
    },
]
_ANSWERS = {"get_current_temperature": {"temperature": 57}, "get_rain_probability": {"rain_probability": 0.06}}


def run_demo() -> None:
    """Play the job and print what happens; raises NotStarted if it can't be played to its end."""
    try:
        from openai import OpenAI  # what users bring along, not what a server needs
    except ImportError:
        raise NotStarted("The demo speaks through the official client. Install it: pip install openai") from None
    warnings.simplefilter("ignore", DeprecationWarning)  # the client calls this API deprecated: hence Retinue
    with tempfile.TemporaryDirectory(prefix="retinue-demo-") as data, _server(data) as address:
        typer.echo(f"A server of the demo's own: {address}")
        _play(OpenAI(base_url=f"{address}/v1", api_key="demo"))


def _play(client: Any) -> None:
    assistant = client.beta.assistants.create(
        name="Weather", model="gpt-4o", instructions="Answer with the functions you have.", tools=_TOOLS
    )
    thread = client.beta.threads.create(messages=[{"role": "user", "content": _QUESTION}])
    _heading(f"Transcript of {thread.id}")
    typer.echo(f"user       {_QUESTION}")
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        run = _follow(stream)
    if run.status != "requires_action":
        raise NotStarted(
            f"The demo's run is {run.status}, where it should ask for two functions. {run.last_error or ''}"
        )
    calls = run.required_action.submit_tool_outputs.tool_calls
    for call in calls:
        typer.echo(f"functions  {call.function.name}({call.function.arguments}) -> {_output(call)}")
    outputs = [{"tool_call_id": call.id, "output": _output(call)} for call in calls]
    typer.echo("assistant  ", nl=False)
    with client.beta.threads.runs.submit_tool_outputs_stream(
        thread_id=thread.id, run_id=run.id, tool_outputs=outputs
    ) as stream:
        run = _follow(stream)
    typer.echo()
    if run.status != "completed":
        raise NotStarted(f"The demo's run ended as {run.status}: {run.last_error}")
    _summary(client, run)


def _follow(stream: Any) -> Any:
    """Print a run's text as it comes; return the run as it stands at the stream's end."""
    for event in stream:
        if event.event == "thread.message.delta":
            typer.echo(event.data.delta.content[0].text.value or "", nl=False)
    return stream.current_run


def _output(call: Any) -> str:
    return json.dumps(_ANSWERS.get(call.function.name, {}))


def _summary(client: Any, run: Any) -> None:
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc")
    _heading(f"Steps of {run.id}")
    for step in steps.data:
        calls = getattr(step.step_details, "tool_calls", [])
        what = " + ".join(call.function.name for call in calls) or "message"
        typer.echo(f"{step.type:<17}{step.status:<11}{step.usage.total_tokens:>5} tokens  {what}")
    usage, ours = run.usage, run.model_extra["retinue"]
    _heading("Spent")
    typer.echo(f"{usage.prompt_tokens} prompt + {usage.completion_tokens} completion = {usage.total_tokens} tokens")
    cost = ours["cost_usd"]
    typer.echo("Cost not known: the model is in no price list." if cost is None else f"Cost: ${cost:.6f}")


def _heading(text: str) -> None:
    typer.secho(f"\n{text}", bold=True)


@contextmanager
def _server(data: str) -> Iterator[str]:
    """Run `retinue serve` on a free port and yield its address."""
    command = [sys.executable, "-m", "retinue", "serve", "--host", "127.0.0.1", "--port", "0", "--data", data]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment) as server:
        assert server.stdout is not None
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(server.stdout, lines), daemon=True).start()
        try:
            yield _address(lines)
        finally:
            server.terminate()


def _address(lines: "queue.SimpleQueue[str]") -> str:
    address = ""
    while True:
        try:
            line = lines.get(timeout=_START_S)
        except queue.Empty:
            raise NotStarted(f"The demo's server did not come up within {_START_S} s.") from None
        if not line:
            raise NotStarted("The demo's server stopped before it served; it says above why.")
        if line.startswith("Retinue serves at"):
            address = line.split()[-1]
        if line.startswith("Try it"):
            return address
        if line.strip().startswith("Model"):
            typer.echo(line.strip().partition(". ")[0])


def _read(output: IO[str], lines: "queue.SimpleQueue[str]") -> None:
    for line in output:
        lines.put(line)
    lines.put("")

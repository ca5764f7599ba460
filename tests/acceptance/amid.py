"""A call of code that is under way, and ends when it is given a file."""

from typing import Any

from acceptance.coding import INTERPRETER, block
from acceptance.process_tree import named, until
from acceptance.runs import ids
from acceptance.server import Server
from acceptance.wire import ASSISTANTS, FILES, STEPS, THREAD, THREAD_AND_RUN, Wire

NAME = "amid-a-call"
"""What the process that runs the code calls itself: nothing else of a session can be seen from outside."""
RENAME = f"import ctypes\nctypes.CDLL(None).prctl(15, b{NAME!r})"
CODE = f"""{RENAME}
import os, time
print('begun', flush=True)
while not os.path.exists('/mnt/data/go.txt'):
    time.sleep(0.01)
with open('/mnt/data/made.txt', 'w') as made:
    print('once', file=made)
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
print('done')"""


def begun(server: Server) -> dict[str, Any]:
    """Begin a run; return it once its code runs."""
    wire = Wire(server.port)
    assistant = wire.post(ASSISTANTS, {"model": "rehearsal", "tools": [INTERPRETER]})
    thread = {"messages": [{"role": "user", "content": block(CODE)}]}
    run: dict[str, Any] = wire.post(THREAD_AND_RUN, {"assistant_id": assistant["id"], "thread": thread})
    until(lambda: bool(named(NAME, server.pid)), "for the code to run")
    return run


def give_way(server: Server, run: dict[str, Any]) -> None:
    """Have the code come to its end if it is run again: a session gets files before its code runs."""
    wire = Wire(server.port)
    resources = {"code_interpreter": {"file_ids": [wire.upload(b"", "go.txt")["id"]]}}
    wire.post(THREAD, {"tool_resources": resources}, thread_id=run["thread_id"])


def logs_of(server: Server, run: dict[str, Any]) -> str:
    """Return what the run's code printed."""
    steps = Wire(server.port).get(STEPS, {"order": "asc"}, **ids(run))["data"]
    calls = [call for step in steps for call in step["step_details"].get("tool_calls", ())]
    outputs = [output for call in calls for output in call["code_interpreter"]["outputs"]]
    return "".join(output["logs"] for output in outputs if output["type"] == "logs")


def written(server: Server) -> list[str]:
    """Return the names of all files that code has made."""
    listed = Wire(server.port).get(FILES, {"purpose": "assistants_output"})["data"]
    return sorted(file["filename"] for file in listed)

"""Measure `retinue import` and `retinue export`: time and memory over a dump of many threads and messages."""

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.figures import Figures, Round
from bench.plan import ROOT, Plan
from bench.servers import RETINUE, data_folder, own_environment

MESSAGES = 100  # of each thread
LOOK_S = 0.02  # between looks at a process's memory
START = 1_700_000_000
WORDS = (
    "the",
    "weather",
    "in",
    "Paris",
    "is",
    "mild",
    "and",
    "a",
    "little",
    "cloudy",
    "while",
    "Rome",
    "enjoys",
    "sunshine",
)

Json = dict[str, Any]


def measure(plan: Plan) -> Iterator[Round]:
    with data_folder() as folder:
        dump, data = folder / "dump.jsonl", folder / "data"
        write_dump(dump, [MESSAGES] * plan.imported_threads)
        yield {
            "import": measured(data, "import", str(dump)),
            "import again": measured(data, "import", str(dump)),
            "export": measured(data, "export", str(folder / "out.jsonl")),
        }


def thread_id(number: int) -> str:
    return f"thread_{number:024}"


def message_id(thread: int, place: int) -> str:
    return f"msg_{thread:024}_{place:06}"


def fill(data: Path, checkout: Path, lengths: Sequence[int], *, words: int) -> None:
    """Import threads of so many messages into a data folder, by a checkout's code; each message has so many words."""
    dump = data / "dump.jsonl"
    write_dump(dump, lengths, words=words)
    command = [*RETINUE, "import", str(dump), "--data", str(data)]
    subprocess.run(command, check=True, cwd=data, env=own_environment(checkout), stdout=subprocess.DEVNULL)
    dump.unlink()


def dumped(lengths: Sequence[int], words: int | None) -> Iterator[Json]:
    """Yield what a dump holds: an assistant, and threads with messages, the newest first, and runs."""
    yield assistant()
    for number, messages in enumerate(lengths):
        at = START + number * 10_000
        yield {"id": thread_id(number), "object": "thread", "created_at": at, "metadata": {"n": str(number)}}
        for place in reversed(range(messages)):
            yield message(number, place, at=at, words=words or 40 + place % 60)
        for place in reversed(range(messages // 10)):
            yield run(number, place, at=at)


def assistant() -> Json:
    """An assistant as the official client dumps it."""
    return {
        "id": "asst_" + "0" * 24,
        "created_at": START,
        "description": None,
        "instructions": "You are a helpful assistant.",
        "metadata": {},
        "model": "gpt-4o",
        "name": "Weather",
        "object": "assistant",
        "tools": [{"type": "file_search", "file_search": {"max_num_results": None}}],
        "response_format": "auto",
        "temperature": 1.0,
        "tool_resources": {"code_interpreter": None, "file_search": {"vector_store_ids": ["vs_1"]}},
        "top_p": 1.0,
    }


def message(thread: int, place: int, *, at: int, words: int) -> Json:
    """A message as the official client dumps it; every second one is a reply that cites."""
    reply = place % 2 == 1
    said = " ".join(WORDS[(place + step) % len(WORDS)] for step in range(words))
    marker = "【4:0†source】"
    text: Json = {"value": said, "annotations": []}
    if reply:
        text["value"] += marker
        cited = {"file_id": "file-1"}
        places = {"start_index": len(said), "end_index": len(said) + len(marker)}
        text["annotations"] = [{"type": "file_citation", "text": marker, "file_citation": cited, **places}]
    return {
        "id": message_id(thread, place),
        "assistant_id": "asst_" + "0" * 24 if reply else None,
        "attachments": [],
        "completed_at": None,
        "content": [{"text": text, "type": "text"}],
        "created_at": at + place // 2,  # a question and its answer share a second, as they often do
        "incomplete_at": None,
        "incomplete_details": None,
        "metadata": {},
        "object": "thread.message",
        "role": "assistant" if reply else "user",
        "run_id": run_id(thread, place // 10) if reply else None,
        "status": None,
        "thread_id": thread_id(thread),
    }


def run_id(thread: int, place: int) -> str:
    return f"run_{thread:024}_{place:06}"


def run(thread: int, place: int, *, at: int) -> Json:
    """A run that is done, as the official client dumps it."""
    return {
        "id": run_id(thread, place),
        "assistant_id": "asst_" + "0" * 24,
        "created_at": at + place,
        "started_at": at + place,
        "completed_at": at + place + 1,
        "expires_at": None,
        "instructions": "You are a helpful assistant.",
        "metadata": {},
        "model": "gpt-4o",
        "object": "thread.run",
        "status": "completed",
        "thread_id": thread_id(thread),
        "tools": [],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }


def write_dump(path: Path, lengths: Sequence[int], *, words: int | None = None) -> None:
    """Write a dump of threads of these lengths as JSON lines; each message has so many words, else they vary."""
    with path.open("w", encoding="utf-8") as file:
        for value in dumped(lengths, words):
            file.write(json.dumps(value) + "\n")


def measured(data: Path, *command: str) -> Figures:
    """Run a command to its end; return its time and the most memory that it held."""
    began = time.monotonic()
    process = subprocess.Popen(
        [*RETINUE, *command, "--data", str(data)], stdout=subprocess.DEVNULL, cwd=data.parent, env=own_environment(ROOT)
    )
    most_mb = 0.0
    while process.poll() is None:
        most_mb = max(most_mb, own_mb(process.pid))
        time.sleep(LOOK_S)
    if process.returncode:
        raise SystemExit(f"`retinue {' '.join(command)}` failed")
    return {"took_s": time.monotonic() - began, "most_mb": most_mb}


def own_mb(pid: int) -> float:
    """The resident memory of a process, without the pages of the database that the kernel may drop; 0 off Linux."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("RssAnon")), 0.0)

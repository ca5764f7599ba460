"""Measure `retinue import` and `retinue export`: time and memory over a dump of many threads and messages.

python bench/imports.py [--threads 1000] [--messages 100]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


def dumped(threads: int, messages: int) -> Iterator[Json]:
    """Yield what a dump holds: an assistant, and threads with messages, the newest first, and runs."""
    yield assistant()
    for number in range(threads):
        thread_id = f"thread_{number:024}"
        at = START + number * 10_000
        yield {"id": thread_id, "object": "thread", "created_at": at, "metadata": {"n": str(number)}}
        for place in reversed(range(messages)):
            yield message(thread_id, place, at=at)
        for place in reversed(range(messages // 10)):
            yield run(thread_id, place, at=at)


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


def message(thread_id: str, place: int, *, at: int) -> Json:
    """A message as the official client dumps it; every second one is a reply that cites."""
    reply = place % 2 == 1
    said = " ".join(WORDS[(place + step) % len(WORDS)] for step in range(40 + place % 60))
    marker = "【4:0†source】"
    text: Json = {"value": said, "annotations": []}
    if reply:
        text["value"] += marker
        cited = {"file_id": "file-1"}
        places = {"start_index": len(said), "end_index": len(said) + len(marker)}
        text["annotations"] = [{"type": "file_citation", "text": marker, "file_citation": cited, **places}]
    return {
        "id": f"msg_{thread_id[7:]}_{place:06}",
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
        "run_id": f"run_{thread_id[7:]}_{place // 10:06}" if reply else None,
        "status": None,
        "thread_id": thread_id,
    }


def run(thread_id: str, place: int, *, at: int) -> Json:
    """A run that is done, as the official client dumps it."""
    return {
        "id": f"run_{thread_id[7:]}_{place:06}",
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
        "thread_id": thread_id,
        "tools": [],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }


def write_dump(path: Path, *, threads: int, messages: int) -> None:
    """Write a dump as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for value in dumped(threads, messages):
            file.write(json.dumps(value) + "\n")


def measured(*command: str) -> str:
    """Run a command to its end; return its time and the most memory that it held."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "retinue", *command], stdout=subprocess.DEVNULL)
    own = 0.0
    while process.poll() is None:
        own = max(own, own_mb(process.pid))
        time.sleep(LOOK_S)
    if process.returncode:
        raise SystemExit(f"`retinue {' '.join(command)}` failed")
    return f"{time.monotonic() - began:6.1f} s  {own:6.0f} MB"


def own_mb(pid: int) -> float:
    """The resident memory of a process, without the pages of the database that the kernel may drop; 0 off Linux."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("RssAnon")), 0.0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1_000)
    parser.add_argument("--messages", type=int, default=100, help="of each thread")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        dump, data, out = (str(Path(folder) / name) for name in ("dump.jsonl", "data", "out.jsonl"))
        write_dump(Path(dump), threads=wanted.threads, messages=wanted.messages)
        size = Path(dump).stat().st_size >> 20
        print(f"{wanted.threads:,} threads of {wanted.messages:,} messages, {size:,} MB")
        print(f"  import        {measured('import', dump, '--data', data)}")
        print(f"  import again  {measured('import', dump, '--data', data)}")
        print(f"  export        {measured('export', out, '--data', data)}")


if __name__ == "__main__":
    main()

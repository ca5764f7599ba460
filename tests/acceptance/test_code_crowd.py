"""Twenty threads that have code run at one moment, one of which would have the machine for itself."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from openai import OpenAI

from acceptance.amid import NAME, RENAME
from acceptance.asking import client_of
from acceptance.coding import Answer, ask, block, coder
from acceptance.process_tree import named, until
from acceptance.server import Server

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("sandbox")]

OTHERS = 19
TIMES_AS_LONG, AND_S = 5, 10


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("code-crowd") / "data"
    with Server(folder, environment={"RETINUE_SANDBOX": "auto", "RETINUE_INTERPRETER_CALL_S": "600"}) as server:
        yield server


@pytest.fixture(scope="module")
def client(served: Server) -> Iterator[OpenAI]:
    with client_of(served.base_url) as client:
        yield client


def test_a_loop_keeps_nobody_else_from_being_answered(client: OpenAI, served: Server) -> None:
    assistant = coder(client)
    ask(client, assistant, block("1"))  # libraries are loaded
    alone_s = crowd_s(client, assistant)
    hostile = client.beta.threads.create_and_run(
        assistant_id=assistant, thread={"messages": [{"role": "user", "content": block(f"{RENAME}\nwhile True: pass")}]}
    )
    until(lambda: bool(named(NAME, served.pid)), "for the loop to run")
    beside_s = crowd_s(client, assistant)
    runs = client.beta.threads.runs
    assert runs.retrieve(hostile.id, thread_id=hostile.thread_id).status == "in_progress", "it was there all the time"
    assert beside_s < TIMES_AS_LONG * alone_s + AND_S
    runs.cancel(hostile.id, thread_id=hostile.thread_id)
    assert runs.poll(hostile.id, thread_id=hostile.thread_id, poll_interval_ms=50).status == "cancelled"
    until(lambda: not named(NAME, served.pid), "for the loop to be ended")


def crowd_s(client: OpenAI, assistant: str) -> float:
    """Have all others ask at once, each in a thread of its own; return how long it took until all were answered."""
    start = threading.Barrier(OTHERS)

    def asked(number: int) -> Answer:
        start.wait(60)
        return ask(client, assistant, block(f"sum(range({number}))"))

    began = time.monotonic()
    with ThreadPoolExecutor(OTHERS) as pool:
        answers = list(pool.map(asked, range(OTHERS)))
    assert [answer.logs for answer in answers] == [f"{sum(range(number))}\n" for number in range(OTHERS)]
    return time.monotonic() - began
